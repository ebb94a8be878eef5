"""Reading a file that a suite names: a regular one, and not more of it than a limit."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path


def read_regular_file(path: str, what: str, most_bytes: int, remedy: str) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    what
        What it is to hold: ``text``.
    most_bytes, remedy
        The limit on its size, and what to do about a larger one.

    Raises
    ------
    ValueError
        It is missing, no regular file, not readable, empty or too large.
    """
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise ValueError(f"this is a directory: name a {what} file")
        if not stat.S_ISREG(mode):
            # A pipe or a device would be read without end.
            raise ValueError(f"this is no regular file: name a {what} file")
        with Path(path).open("rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise ValueError("there is no such file (a path starts at the folder of the suite)") from error
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from error
    if not data:
        raise ValueError(f"the file is empty: a {what} is needed")
    if len(data) > most_bytes:
        raise ValueError(f"the file is larger than {most_bytes // 1_000_000} MB: {remedy}")
    return data


def sha256(data: bytes) -> str:
    """Return the hash that tells one content from another."""
    return hashlib.sha256(data).hexdigest()
