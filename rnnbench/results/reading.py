"""Reading JSON documents: untrusted text in, a checked mapping out, or an error that says what to do."""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.shape import Check, StructureError


@dataclass(frozen=True)
class Schema:
    """One kind of document.

    Attributes
    ----------
    name, version
        Of the schema; readers refuse another major version.
    what
        What messages call such a document.
    command
        The command that writes it.
    again
        How to get a new one.
    instead
        What to do with documents of other schemas, by their names.
    """

    name: str
    version: str
    what: str
    command: str
    again: str
    instead: Mapping[str, str]


def from_text(text: str, source: str, schema: Schema, check: Check) -> dict[str, Any]:
    """Return the document in ``text``; ``source`` names it in errors.

    Raises
    ------
    RnnbenchError
        It is no such document, or damaged (the place and what is wrong); with :attr:`ExitCode.NOT_COMPARABLE` if its
        format is of another major version.
    """
    data = _parse(text, source, schema)
    _check_schema(data, source, schema)
    try:
        check(data, "")
    except StructureError as error:
        raise RnnbenchError(f"{source}: damaged {schema.what}: {error}") from error
    return data


def text_of(path: Path, schema: Schema) -> str:
    """Return the text of a file; raises :class:`RnnbenchError` where there is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RnnbenchError(f"{path}: no such file{_near(path)}") from error
    except IsADirectoryError as error:
        documents = sorted(path.glob("*.json"), key=lambda file: file.name)
        hint = f", such as {documents[-1]}" if documents else " (it holds no .json file)"
        raise RnnbenchError(f"{path}: is a folder: give one {schema.what}{hint}") from error
    except OSError as error:
        raise RnnbenchError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RnnbenchError(
            f"{path}: is no text (byte {error.start} is not UTF-8), so no {schema.what}: "
            f"give the .json file that `{schema.command}` wrote"
        ) from error


def _near(path: Path) -> str:
    """Return a hint at files with a name like the missing one."""
    import difflib

    if not path.parent.is_dir():
        return f": the folder {path.parent} does not exist"
    names = [file.name for file in path.parent.iterdir() if file.is_file()]
    close = difflib.get_close_matches(path.name, names, n=3)
    return f". Did you mean {' or '.join(str(path.parent / name) for name in close)}?" if close else ""


def _parse(text: str, source: str, schema: Schema) -> dict[str, Any]:
    if not text.strip():
        raise RnnbenchError(f"{source}: is empty: {schema.again} to get a {schema.what}")
    try:
        with _collector_paused():
            data = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise RnnbenchError(f"{source}:{error.lineno}:{error.colno}: {_not_json(text, error, schema)}") from error
    except RecursionError as error:
        raise RnnbenchError(f"{source}: is nested too deeply to be a {schema.what}") from error
    except ValueError as error:
        raise RnnbenchError(f"{source}: damaged {schema.what}: {error}") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise RnnbenchError(f"{source}: is JSON but no {schema.what}: it has no 'schema' at its top")
    return data


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the search for garbage while a million objects are made that all stay: a third of the time of reading.

    Nor does it look at them later, which would take as long again; what is no longer used is freed all the same, since
    nothing of JSON refers back to what holds it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()


def _not_json(text: str, error: json.JSONDecodeError, schema: Schema) -> str:
    if not text.lstrip().startswith(("{", "[")):
        if _looks_like_suite(text):
            return f"this is a suite, not a {schema.what}: `{schema.command}` it to get one"
        return f"is not JSON, so no {schema.what}: give the .json file that `{schema.command}` wrote"
    # A string that never ends is reported where it starts; any other cut at the end, or at half a number or word there.
    if re.fullmatch(r"[\w.+-]*\s*", text[error.pos :]) or error.msg.startswith("Unterminated"):
        return f"the document ends in the middle: it was cut off when it was copied; copy it again or {schema.again}"
    return f"damaged {schema.what}: {error.msg}"


def _looks_like_suite(text: str) -> bool:
    keys = ("version:", "name:", "matrix:", "defaults:", "measure:")
    return sum(line.startswith(keys) for line in text.splitlines()) >= 2


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number here: what is not finite is null, with a flag")


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise ValueError(f"{written[:40]} is too large for a number")
    return number


def _check_schema(data: Mapping[str, Any], source: str, schema: Schema) -> None:
    said = data["schema"]
    name = said.get("name") if isinstance(said, dict) else None
    version = said.get("version") if isinstance(said, dict) else None
    if name != schema.name:
        remedy = schema.instead.get(name) if isinstance(name, str) else None
        raise RnnbenchError(
            f"{source}: is no {schema.what}: schema.name is {name!r:.60}, not '{schema.name}'"
            + (f"; {remedy}" if remedy else "")
        )
    major, dot, minor = version.partition(".") if isinstance(version, str) else ("", "", "")
    if not (dot and major.isdecimal() and minor.isdecimal() and len(major) < 10):
        raise RnnbenchError(f"{source}: damaged {schema.what}: schema.version is {version!r:.60}, not like '1.0'")
    known = int(schema.version.partition(".")[0])
    if int(major) != known:
        raise RnnbenchError(
            f"{source}: results of schema version {version}, this rnnbench reads {known}.x: "
            + ("update rnnbench" if int(major) > known else schema.again),
            ExitCode.NOT_COMPARABLE,
        )
