"""What lies where a document is to be written, and may not be lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rnnbench.errors import RnnbenchError


def refuse_foreign(path: Path, read: Callable[[Path], object]) -> None:
    """Raise RnnbenchError if ``path`` is a file with something in it that ``read`` cannot read."""
    try:
        occupied = path.is_file() and path.stat().st_size > 0
    except OSError:
        return  # writing will say what is wrong
    if not occupied:
        return
    try:
        read(path)
    except RnnbenchError as error:
        raise RnnbenchError(
            f"{path}: exists and is no results document of this rnnbench, so it is not overwritten: "
            "name another file, or remove it"
        ) from error
