"""Reading a suite's file: what can be wrong with it before it is YAML."""

from __future__ import annotations

import difflib
import hashlib
from pathlib import Path
from typing import NamedTuple

from rnnbench.suite.problem import Place, Problem, SuiteError
from rnnbench.words import printable

MAX_BYTES = 1_000_000


class SourceFile(NamedTuple):
    """The text of a file, and the hash of its bytes."""

    text: str
    sha256: str


def read_source_file(path: Path) -> SourceFile:
    """Return the text of a suite.

    Raises
    ------
    SuiteError
        The file is missing (with the name of a similar one), a directory, not readable, too large, binary, not UTF-8,
        or empty.
    """
    data = _read(path)
    if len(data) > MAX_BYTES:
        raise _error(path, f"larger than {MAX_BYTES // 1_000_000} MB: this is no suite")
    if b"\0" in data:
        raise _error(path, "a binary file: a suite is YAML text in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(str(path), before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file in that encoding"
        raise SuiteError([Problem(place, message)]) from error
    if not text.strip():
        raise _error(path, "an empty file: see docs/suites.md for the keys of a suite")
    return SourceFile(text, hashlib.sha256(data).hexdigest())


def _read(path: Path) -> bytes:
    """Return at most one byte more than allowed."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise _error(path, f"there is no such file{_similar(path)}") from error
    except IsADirectoryError as error:
        suites = _names_of_suites(path)
        inside = f" in it, such as {path / suites[0]}" if suites else ""
        raise _error(path, f"a directory: name a suite file{inside}") from error
    except (OSError, ValueError) as error:
        # ValueError: a name with a zero byte in it.
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _error(path, f"cannot be read: {reason}") from error


def _similar(path: Path) -> str:
    folders = (path.parent, path.parent / "suites") if str(path.parent) == "." else (path.parent,)
    candidates = {name: folder / name for folder in folders for name in _names_of_suites(folder)}
    stems = {Path(name).stem: name for name in candidates}
    close = difflib.get_close_matches(path.name, candidates, n=1) or [
        stems[stem] for stem in difflib.get_close_matches(path.stem, stems, n=1)
    ]
    if close:
        return f": did you mean {printable(str(candidates[close[0]]), 300)}?"
    if candidates:
        return f"; suites there: {', '.join(printable(name) for name in sorted(candidates)[:10])}"
    return ""


def _names_of_suites(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.suffix in (".yaml", ".yml"))
    except OSError:
        return []


def _error(path: Path, message: str) -> SuiteError:
    return SuiteError([Problem(Place(str(path)), message)])
