"""The results document: one JSON file that a run writes, and that everything after it reads.

Documents are untrusted data: they are checked at reading, never executed, and their text is made safe when shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rnnbench.results.atomic import write_text
from rnnbench.results.measured import MeasuredCase, measured
from rnnbench.results.occupied import refuse_foreign
from rnnbench.results.reading import Schema, from_text, text_of
from rnnbench.results.structure import check_document
from rnnbench.words import did_you_mean, quoted

SCHEMA_NAME = "rnnbench.results"
SCHEMA_VERSION = "1.0"
_SCHEMA = Schema(
    SCHEMA_NAME,
    SCHEMA_VERSION,
    "results document",
    "rnnbench run",
    "run the suite again",
    {"rnnbench.ab": "`rnnbench ab` wrote it: give it to `rnnbench gate`, alone"},
)


class Results:
    """A results document. ``data`` is the JSON mapping itself; unknown keys in it are kept.

    Numbers are SI: seconds, bytes, steps per second. NaN and infinity never appear.

    Examples
    --------
    Iteration is over the cases as values; a name finds one::

        for case in results:
            for metric in case.metrics.values():
                print(case.name, metric.key, metric.value, metric.unit)
        results["dense"].metrics["training_time.layer"].ci95
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
            ``name``, ``description``, ``path``, ``sha256``, ``resolved`` (with the suite's ``contrast``, if any).
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
        return cls.from_text(text_of(path, _SCHEMA), str(path))

    @classmethod
    def from_text(cls, text: str, source: str) -> Results:
        """Return the document in ``text``; ``source`` names it in errors. Raises as :meth:`read`."""
        return cls(from_text(text, source, _SCHEMA, check_document))

    def __repr__(self) -> str:
        return f"<Results of {quoted(self.suite['name'])}: {len(self.cases)} cases, {len(self.failed)} failed>"

    def __iter__(self) -> Iterator[MeasuredCase]:
        """Yield the cases, in the order of the suite."""
        return map(measured, self.cases)

    def __getitem__(self, name: str) -> MeasuredCase:
        """Return the case of that name; a KeyError names one that is close."""
        for case in self.cases:
            if case["name"] == name:
                return measured(case)
        raise KeyError(f"no case is called {quoted(name)}{did_you_mean(name, [case['name'] for case in self.cases])}")

    def to_frame(self) -> Any:
        """Return a ``pandas.DataFrame``, one row per case and metric; see :func:`rnnbench.results.frame.to_frame`.

        Raises
        ------
        RnnbenchError
            pandas is not installed.
        """
        from rnnbench.results.frame import to_frame

        return to_frame(self)

    def save(self, path: Path | str) -> None:
        """Write the document as :meth:`write` does, but never over a file that is no results document.

        Raises
        ------
        RnnbenchError
            There is such a file, or the path cannot be written.
        """
        refuse_foreign(Path(path), Results.read)
        self.write(Path(path))

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
    def conclusions(self) -> Mapping[str, Any]:
        """What follows beside the findings: ``setting``, ``answer``, and ``by`` what code; or empty."""
        return self.data.get("conclusions") or {}

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
