"""Whether the figures of a document agree with its samples: one that was changed by hand seldom does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from rnnbench.analysis.form import form_of
from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.results.metrics import metric_kind
from rnnbench.results.store import stored
from rnnbench.words import printable, quoted

_TOLERANCE = 1e-9
"""Relative; values are written with all their digits, so only the order of a sum can matter."""


def checked(paths: Sequence[Path]) -> Iterator[tuple[Path, Results | RnnbenchError]]:
    """Yield the documents of a store with their figures checked; yields errors, and raises, as :func:`stored`."""
    for path, results in stored(paths):
        if isinstance(results, Results):
            try:
                check_figures(results, str(path))
            except RnnbenchError as error:
                if path in paths:
                    raise
                yield path, error
                continue
        yield path, results


def check_figures(results: Results, source: str) -> None:
    """See that every known metric has its own unit and direction, and the value that its samples give.

    Raises
    ------
    RnnbenchError
        The first metric where that is not so; ``source`` names the document.
    """
    for case in results.cases:
        for key, record in case["metrics"].items():
            wrong = _contradiction(key, record)
            if wrong:
                raise RnnbenchError(
                    f"{printable(source, 300)}: damaged results document: case {quoted(case['name'])}, "
                    f"{quoted(key)}: {wrong}; it was changed after the run: run the suite again"
                )


def _contradiction(key: str, record: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a record, or None."""
    kind = metric_kind(key)
    if kind is None:
        return None
    if record["unit"] != kind.unit:
        return f"the unit is {quoted(record['unit'])}, not '{kind.unit}'"
    if record["better"] != kind.better:
        return f"better is {quoted(record['better'])}, not '{kind.better}'"
    samples, value = record["samples"], record["value"]
    if not samples or value is None:
        return None
    form = form_of(key, record)
    if form == "timing":
        return _timing(samples, value)
    known = [sample for sample in samples[0] if sample is not None]
    if form in ("replicas", "proportion") and known:
        return _compared(value, fmean(known), "the mean of its replicas")
    if form == "censored" and known:
        unreached = [math.inf] * (len(samples[0]) - len(known))
        return _compared(value, median([*known, *unreached]), "the median of its replicas")
    return None


def _timing(samples: Sequence[Sequence[float | None]], value: float) -> str | None:
    launches = [[sample for sample in row if sample is not None] for row in samples]
    if not all(row and min(row) > 0 for row in launches):
        return "a launch without samples, or a time that is not positive"
    return _compared(value, median(map(median, launches)), "the median over launches of its samples")


def _compared(value: float, expected: float, what: str) -> str | None:
    agrees = math.isclose(value, expected, rel_tol=_TOLERANCE, abs_tol=1e-15)
    return None if agrees else f"the value is {value:.6g}, but {what} is {expected:.6g}"
