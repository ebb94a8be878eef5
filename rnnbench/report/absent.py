"""Why a figure is missing, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnbench.report.columns import FLAGS
from rnnbench.report.printable import printable
from rnnbench.results.document import metric


def why_absent(case: Mapping[str, Any], key: str) -> str:
    """Return why a case has no figure of a metric: what its flags say, how it ended, or that nobody asked."""
    record = metric(case, key)
    if record is not None:
        said = [FLAGS.get(flag, printable(flag)) for flag in record["flags"]]
        return "; ".join(said) or "null in the document, without a reason"
    if case["status"] != "ok":
        return f"{printable(case['status'])}: {printable(case['reason'] or 'no reason was recorded')}"
    return "this case does not measure it"
