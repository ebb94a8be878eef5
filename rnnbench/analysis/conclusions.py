"""What follows from a document's figures: its findings, and what to know before trusting them.

A document is a record of figures; what they mean is said by the version that reads it: where a sentence was mended
since a document was written, it is said as it is now. What the code that reads would only repeat is not worked out
again, for that takes half a second. What a run noted of its conditions stays as the run wrote it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from rnnbench.results.document import SCHEMA_VERSION, Results

_DAMAGE = (ArithmeticError, LookupError, TypeError, ValueError)
"""What comes of figures that no run writes."""


def read(path: Path) -> Results:
    """Read a document, with the conclusions that this version draws from it. Raises as :meth:`Results.read`.

    Documents are untrusted: from one whose figures are not as a run writes them, nothing is concluded, which is said.
    """
    results = Results.read(path)
    if results.conclusions.get("by") == _code():
        return results
    try:
        return concluded(results)
    except _DAMAGE:
        results.warnings.append(
            "Nothing could be concluded from these figures, which are not as a run writes them: the findings are those "
            "that the document brings. Run the suite again."
        )
        return results


def concluded(results: Results) -> Results:
    """Return the document with the findings and cautions that its figures give.

    One of a later minor version keeps its own: it may hold figures that this version knows nothing of.
    """
    # These import pydantic, which takes its time.
    from rnnbench.analysis.cautions import cautions
    from rnnbench.analysis.findings import findings
    from rnnbench.analysis.overview import line
    from rnnbench.analysis.setting_line import setting_line

    if _minor(results.data["schema"]["version"]) <= _minor(SCHEMA_VERSION):
        data = results.data
        found, warned, answer = findings(data), cautions(data), line(data)
        conclusions = {
            "by": _code(),
            "setting": setting_line(results.cases),
            "answer": None if answer is None else answer.to_json(),
        }
        data["warnings"] = list(dict.fromkeys([*results.warnings, *warned]))
        data.update(findings=found, conclusions=conclusions)
    return results


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


@cache
def _code() -> str:
    """Return what tells apart the versions of the code that draws conclusions: a hash of its text."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
