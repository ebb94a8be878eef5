"""Files that suites name, as options ``path`` and ``sha256`` of a choice: where they lie, and that they are the same.

A path starts at the folder of the suite, and is located when the suite is read; the hash of the content is taken then.
Without the context that tells the folder (in a worker, in a document) both are taken as they are, and no file is read.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

FOLDER = "folder"
"""Key of pydantic's validation context: where relative paths start."""


def locate(path: str, info: ValidationInfo, check: Callable[[str], Any]) -> str:
    """Return where the file of an option ``path`` is, if ``check`` raises no ``ValueError`` about it."""
    if not info.context or FOLDER not in info.context:
        return path
    located = str(Path(info.context[FOLDER]) / path)
    try:
        check(located)
    except ValueError as error:
        raise PydanticCustomError("named_file", "{reason}", {"reason": str(error)}) from error
    return located


def confirm_sha256(value: str | None, info: ValidationInfo, what: str, read: Callable[[str], bytes]) -> str | None:
    """Return the hash of the file of the option ``path``, which must be the one given, if one is.

    ``what`` says what the file holds: ``text``.
    """
    if value is not None and not re.fullmatch("[0-9a-f]{64}", value):
        raise PydanticCustomError("named_file", "a sha256 has 64 hexadecimal digits in lower case")
    if not info.context or FOLDER not in info.context or "path" not in info.data:
        return value
    found = sha256(read(info.data["path"]))
    if value not in (None, found):
        told = {"what": what, "found": found}
        raise PydanticCustomError("named_file", "the {what} is another one: its sha256 is {found}", told)
    return found


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
