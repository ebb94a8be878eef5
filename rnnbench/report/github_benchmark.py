"""Results as the JSON that the GitHub Action ``benchmark-action/github-action-benchmark`` reads.

Source: its README, "Custom benchmarks where either 'biggerIsBetter' or 'smallerIsBetter'": a list of ``{name, unit,
value}`` with or without ``range`` and ``extra``, both text. One file goes one way: its step says
``tool: customSmallerIsBetter`` or ``tool: customBiggerIsBetter``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from rnnbench.report.printable import printable
from rnnbench.results.document import Results


def to_github_benchmark(results: Results, better: Literal["smaller", "bigger"] = "smaller") -> str:
    """Return the figures of which smaller, or bigger, ones are better: ``[{name, unit, value, range, extra}]``.

    Names are ``case: metric``, units SI. ``range`` is the 95 % interval as ``[low, high]``, ``extra`` says what it is.
    Figures that are null, and those of which no direction is better, are left out: the format has no word for them.
    """
    return json.dumps(list(_entries(results, better)), indent=1, allow_nan=False) + "\n"


def _entries(results: Results, better: str) -> Iterator[dict[str, Any]]:
    wanted = "lower" if better == "smaller" else "higher"
    for case in results.cases:
        for key, record in case["metrics"].items():
            if record["value"] is None or record["better"] != wanted:
                continue
            entry = {"name": printable(f"{case['name']}: {key}"), "unit": printable(record["unit"])}
            entry["value"] = record["value"]
            if record["ci95"] is not None:
                entry |= {"range": json.dumps(record["ci95"]), "extra": "range: 95 % interval"}
            yield entry
