"""Where results go: a name of their own, a folder that can be written, and no file of somebody else's."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from rnnbench.errors import RnnbenchError
from rnnbench.results.document import Results
from rnnbench.results.occupied import refuse_foreign

RESULTS = Path("results")
"""The folder of results that were given no place."""
AB_RESULTS = RESULTS / "ab"
"""The folder of paired rounds: apart, so that a folder of results holds earlier sessions and nothing else."""


def is_folder(output: str) -> bool:
    """Return whether what was given with ``-o`` is a folder, or is to be one."""
    return output.endswith(("/", "\\")) or Path(output).is_dir()


def unused_path(folder: Path, suite_name: str, now: datetime | None = None) -> Path:
    """Return ``folder/<suite>-<UTC time>.json``, with ``-2``, ``-3``, ... appended while that exists.

    The time is in compact ISO 8601 (``20260102T030405Z``); of the suite's name only what is safe in a file name stays.
    """
    moment = (now or datetime.now(timezone.utc)).astimezone(timezone.utc)
    stem = f"{re.sub(r'[^A-Za-z0-9._-]+', '-', suite_name).lstrip('.-') or 'suite'}-{moment:%Y%m%dT%H%M%SZ}"
    path = folder / f"{stem}.json"
    count = 1
    while path.exists():
        count += 1
        path = folder / f"{stem}-{count}.json"
    return path


def prepare(path: Path, read: Callable[[Path], object] = Results.read) -> None:
    """Make the folder of ``path``, and see that results can be written there before anything is measured.

    ``read`` tells whether what is there is a document of the kind that will take its place.

    Raises
    ------
    RnnbenchError
        The folder cannot be written, or ``path`` is a file that is no results document.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            return  # a device or a pipe keeps nothing that could be lost
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise RnnbenchError(
            f"{path}: cannot be written ({error.strerror}): give a file in a folder that you may write to with -o"
        ) from error
    refuse_foreign(path, read)
