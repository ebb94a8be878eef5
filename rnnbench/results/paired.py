"""The document of `rnnbench ab`: rounds of two arms, each case's times and log-ratios round by round.

Schema ``rnnbench.ab``, version 1.0::

    schema{name,version}
    run{id,started,finished|null,argv,seed,rnnbench_version,request{}}
    plan{screening,deciding,alpha,limits[]}   rounds of stage 1 (null without it), of stage 2 (null while unknown)
    suite{name,path,sha256,resolved{}}
    arms{base{},head{}}             each: label, interpreter, settings[], rnnbench{version,path}, results_version,
                                    packages{}, python, worker{}, git|null
    machine{...}, conditions{start{},end{}}
    rounds[{stage, order: ABBA|BAAB, started, seconds}]
    cases[{name, status: ok|error|oom|timeout, reason, base{id,parameters{},kernel}, head{...},
           metrics{NAME: {unit, better, rounds[index], seconds[[4]], log_ratios[]}}}]
    warnings[]

``A`` is base, ``B`` is head. ``seconds`` has the four slots of a round as they came, ``log_ratios`` the logarithm of
head over base. Documents are untrusted data: checked at reading, never executed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnbench.results.atomic import write_text
from rnnbench.results.reading import Schema, from_text, text_of
from rnnbench.results.structure import check_paired

SCHEMA_NAME = "rnnbench.ab"
SCHEMA_VERSION = "1.0"
ARMS = ("base", "head")
MOST_ROUNDS = 500
"""That can be asked for; what needs more needs a quieter machine."""
_SCHEMA = Schema(
    SCHEMA_NAME,
    SCHEMA_VERSION,
    "paired document",
    "rnnbench ab",
    "run `rnnbench ab` again",
    {"rnnbench.results": "a gate takes two results documents, BASE and NEW, or one document of `rnnbench ab`"},
)


class Paired:
    """A document of paired rounds. ``data`` is the JSON mapping itself; unknown keys in it are kept."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    @classmethod
    def new(cls, **sections: Mapping[str, Any]) -> Paired:
        """Return a document without rounds; ``sections`` are run, plan, suite, arms, machine and conditions."""
        schema = {"name": SCHEMA_NAME, "version": SCHEMA_VERSION}
        given = {name: dict(section) for name, section in sections.items()}
        return cls({"schema": schema, **given, "rounds": [], "cases": [], "warnings": []})

    @classmethod
    def read(cls, path: Path) -> Paired:
        """Read and check a document.

        Raises
        ------
        RnnbenchError
            As :meth:`rnnbench.results.document.Results.read`.
        """
        return cls.from_text(text_of(path, _SCHEMA), str(path))

    @classmethod
    def from_text(cls, text: str, source: str) -> Paired:
        """Return the document in ``text``; ``source`` names it in errors. Raises as :meth:`read`."""
        return cls(from_text(text, source, _SCHEMA, check_paired))

    def write(self, path: Path) -> None:
        """Write the document to ``path``, wholly or not at all (:func:`rnnbench.results.atomic.write_text`)."""
        write_text(path, self.to_text())

    def to_text(self) -> str:
        """Return the document as JSON, one line per section, round and case."""
        sections = []
        for key, value in self.data.items():
            if isinstance(value, list) and value:
                written = "[\n" + ",\n".join(json.dumps(item, allow_nan=False) for item in value) + "\n]"
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
    def plan(self) -> dict[str, Any]:
        """Section ``plan``."""
        section: dict[str, Any] = self.data["plan"]
        return section

    @property
    def suite(self) -> dict[str, Any]:
        """Section ``suite``."""
        section: dict[str, Any] = self.data["suite"]
        return section

    @property
    def arms(self) -> dict[str, dict[str, Any]]:
        """Section ``arms``: ``base`` and ``head``."""
        section: dict[str, dict[str, Any]] = self.data["arms"]
        return section

    @property
    def machine(self) -> dict[str, Any]:
        """Section ``machine``."""
        section: dict[str, Any] = self.data["machine"]
        return section

    @property
    def rounds(self) -> list[dict[str, Any]]:
        """The rounds, in the order in which they ran."""
        rounds: list[dict[str, Any]] = self.data["rounds"]
        return rounds

    @property
    def cases(self) -> list[dict[str, Any]]:
        """The cases, in the order of the suite."""
        cases: list[dict[str, Any]] = self.data["cases"]
        return cases

    @property
    def warnings(self) -> list[str]:
        """What the run warned of."""
        warnings: list[str] = self.data["warnings"]
        return warnings
