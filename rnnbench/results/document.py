"""The results document: one JSON file that a run writes, and that everything after it reads.

Documents are untrusted data: they are checked at reading, never executed, and their text is made safe when shown.
"""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.atomic import write_text
from rnnbench.results.structure import StructureError, check_document

SCHEMA_NAME = "rnnbench.results"
SCHEMA_VERSION = "1.0"
_MAJOR = int(SCHEMA_VERSION.partition(".")[0])


class Results:
    """A results document. ``data`` is the JSON mapping itself; unknown keys in it are kept.

    Numbers are SI: seconds, bytes, steps per second. NaN and infinity never appear.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    @classmethod
    def new(
        cls,
        *,
        run: Mapping[str, Any],
        suite: Mapping[str, Any],
        provenance: Mapping[str, Any],
        machine: Mapping[str, Any],
        conditions: Mapping[str, Any],
    ) -> Results:
        """Return a document without cases.

        Parameters
        ----------
        run
            ``id``, ``started`` (ISO 8601, UTC), ``finished``, ``argv``, ``seed``, ``launches``, ``rnnbench_version``,
            ``tags``.
        suite
            ``name``, ``path``, ``sha256``, ``resolved`` (with the suite's ``contrast``, if it has one).
        provenance, machine, conditions
            The sections of the same names.
        """
        return cls(
            {
                "schema": {"name": SCHEMA_NAME, "version": SCHEMA_VERSION},
                "run": dict(run),
                "suite": dict(suite),
                "provenance": dict(provenance),
                "machine": dict(machine),
                "conditions": dict(conditions),
                "calibration": None,
                "cases": [],
                "findings": [],
                "warnings": [],
            }
        )

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read and check a document.

        Raises
        ------
        RnnbenchError
            If there is no such file, if it is no results document, or is damaged (the place and what is wrong); with
            :attr:`ExitCode.NOT_COMPARABLE` if its format is of another major version.
        """
        return cls.from_text(_text_of(path), str(path))

    @classmethod
    def from_text(cls, text: str, source: str) -> Results:
        """Return the document in ``text``; ``source`` names it in errors. Raises as :meth:`read`."""
        data = _parse(text, source)
        _check_schema(data, source)
        try:
            check_document(data, "")
        except StructureError as error:
            raise RnnbenchError(f"{source}: damaged results document: {error}") from error
        return cls(data)

    def write(self, path: Path) -> None:
        """Write the document to ``path``, wholly or not at all (:func:`rnnbench.results.atomic.write_text`)."""
        write_text(path, self.to_text())

    def to_text(self) -> str:
        """Return the document as JSON, one line per section and per case.

        Raises
        ------
        ValueError
            If it holds NaN or infinity: whoever put them there has to say ``null`` and a flag.
        """
        sections = []
        for key, value in self.data.items():
            if key == "cases" and value:
                written = "[\n" + ",\n".join(json.dumps(case, allow_nan=False) for case in value) + "\n]"
            else:
                written = json.dumps(value, allow_nan=False)
            sections.append(f"{json.dumps(key)}: {written}")
        return "{\n" + ",\n".join(sections) + "\n}\n"

    @property
    def run(self) -> dict[str, Any]:
        """Section ``run``."""
        section: dict[str, Any] = self.data["run"]
        return section

    @property
    def suite(self) -> dict[str, Any]:
        """Section ``suite``."""
        section: dict[str, Any] = self.data["suite"]
        return section

    @property
    def machine(self) -> dict[str, Any]:
        """Section ``machine``."""
        section: dict[str, Any] = self.data["machine"]
        return section

    @property
    def provenance(self) -> dict[str, Any]:
        """Section ``provenance``."""
        section: dict[str, Any] = self.data["provenance"]
        return section

    @property
    def calibration(self) -> dict[str, Any] | None:
        """Section ``calibration``: what the machine can reach; None where that was not measured."""
        section = self.data.get("calibration")
        return section if isinstance(section, dict) else None

    @property
    def cases(self) -> list[dict[str, Any]]:
        """The cases, in the order of the suite."""
        cases: list[dict[str, Any]] = self.data["cases"]
        return cases

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The cases whose status is not ``ok``."""
        return [case for case in self.cases if case["status"] != "ok"]

    @property
    def findings(self) -> list[str]:
        """The sentences of the findings."""
        return [finding["text"] for finding in self.data["findings"]]

    @property
    def warnings(self) -> list[str]:
        """What the run warned of."""
        warnings: list[str] = self.data["warnings"]
        return warnings

    def metric_keys(self) -> Iterator[str]:
        """Yield every metric key that some case has, once, in order of appearance."""
        yield from dict.fromkeys(key for case in self.cases for key in case["metrics"])


def metric(case: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """Return the record of a case's metric (``value``, ``unit``, ``ci95``, ...), or None if it was not measured."""
    record: dict[str, Any] | None = case["metrics"].get(key)
    return record


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RnnbenchError(f"{path}: no such file{_near(path)}") from error
    except IsADirectoryError as error:
        documents = sorted(path.glob("*.json"), key=lambda file: file.name)
        hint = f", such as {documents[-1]}" if documents else " (it holds no .json file)"
        raise RnnbenchError(f"{path}: is a folder: give one results document{hint}") from error
    except OSError as error:
        raise RnnbenchError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RnnbenchError(
            f"{path}: is no text (byte {error.start} is not UTF-8), so no results document: "
            "give the .json file that `rnnbench run` wrote"
        ) from error


def _near(path: Path) -> str:
    """Return a hint at files with a name like the missing one."""
    import difflib

    if not path.parent.is_dir():
        return f": the folder {path.parent} does not exist"
    names = [file.name for file in path.parent.iterdir() if file.is_file()]
    close = difflib.get_close_matches(path.name, names, n=3)
    return f". Did you mean {' or '.join(str(path.parent / name) for name in close)}?" if close else ""


def _parse(text: str, source: str) -> dict[str, Any]:
    if not text.strip():
        raise RnnbenchError(f"{source}: is empty: run the suite again to get a results document")
    try:
        with _collector_paused():
            data = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise RnnbenchError(f"{source}:{error.lineno}:{error.colno}: {_not_json(text, error)}") from error
    except RecursionError as error:
        raise RnnbenchError(f"{source}: is nested too deeply to be a results document") from error
    except ValueError as error:
        raise RnnbenchError(f"{source}: damaged results document: {error}") from error
    if not isinstance(data, dict) or "schema" not in data:
        raise RnnbenchError(f"{source}: is JSON but no results document: it has no 'schema' at its top")
    return data


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Spare the search for garbage while a million objects are made that all stay: a third of the time of reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _not_json(text: str, error: json.JSONDecodeError) -> str:
    if not text.lstrip().startswith(("{", "[")):
        if _looks_like_suite(text):
            return "this is a suite, not a results document: `rnnbench run` it to get one"
        return "is not JSON, so no results document: give the .json file that `rnnbench run` wrote"
    # A string that never ends is reported where it starts; any other cut at the end, or at half a number or word there.
    if re.fullmatch(r"[\w.+-]*\s*", text[error.pos :]) or error.msg.startswith("Unterminated"):
        return (
            "the document ends in the middle: it was cut off when it was copied; copy it again or run the suite again"
        )
    return f"damaged results document: {error.msg}"


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


def _check_schema(data: Mapping[str, Any], source: str) -> None:
    schema = data["schema"]
    name = schema.get("name") if isinstance(schema, dict) else None
    version = schema.get("version") if isinstance(schema, dict) else None
    if name != SCHEMA_NAME:
        raise RnnbenchError(f"{source}: is no results document: schema.name is {name!r:.60}, not '{SCHEMA_NAME}'")
    major, dot, minor = version.partition(".") if isinstance(version, str) else ("", "", "")
    if not (dot and major.isdecimal() and minor.isdecimal() and len(major) < 10):
        raise RnnbenchError(f"{source}: damaged results document: schema.version is {version!r:.60}, not like '1.0'")
    if int(major) != _MAJOR:
        newer = int(major) > _MAJOR
        raise RnnbenchError(
            f"{source}: results of schema version {version}, this rnnbench reads {_MAJOR}.x: "
            + ("update rnnbench" if newer else "run the suite again"),
            ExitCode.NOT_COMPARABLE,
        )
