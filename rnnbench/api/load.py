"""Reading results."""

from __future__ import annotations

from pathlib import Path

from rnnbench.analysis.conclusions import read
from rnnbench.results.document import Results


def load(path: Path | str) -> Results:
    """Return the results document in a file, with the findings that this version draws from its figures.

    Raises
    ------
    RnnbenchError
        There is no such file, it is no results document, it is damaged, or of a later major version.
    """
    return read(Path(path))
