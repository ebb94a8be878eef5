"""Results as JUnit XML: a test per case, which passes where the case was measured in full."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rnnbench.report.junit import Test, junit_xml
from rnnbench.results.document import Results


def to_junit(results: Results) -> str:
    """Return the document as XML: a case that failed is an error with its reason, a skipped one is skipped.

    What was measured stands in ``system-out`` as one JSON object, ``{metric: {value, unit, ci95}}``, in SI units.
    """
    suite = results.suite["name"]
    return junit_xml(f"rnnbench {suite}", [_test(suite, case) for case in results.cases])


def _test(suite: str, case: Mapping[str, Any]) -> Test:
    figures = {
        key: {"value": record["value"], "unit": record["unit"], "ci95": record["ci95"]}
        for key, record in case["metrics"].items()
    }
    output = json.dumps(figures, allow_nan=False)
    if case["status"] == "ok":
        return Test(suite, case["name"], output)
    said = f"{case['status']}: {case['reason'] or 'no reason was recorded'}"
    return Test(suite, case["name"], said, "skipped" if case["status"] == "skipped" else "error", output)
