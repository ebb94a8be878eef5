"""What was asked for: a suite with the changes of the command line. A document keeps it, so that it can be resumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt, ValidationError

from rnnbench.errors import RnnbenchError
from rnnbench.suite.case import Case
from rnnbench.suite.loader import load_suite
from rnnbench.suite.suite import Suite


class Request(BaseModel):
    """A suite's file, and what the command line changes about it.

    Attributes
    ----------
    suite
        The path, as given; None for a suite that no file holds, which can be measured but not read again.
    overrides
        ``key=v1,v2`` of each ``--set``.
    select
        The expression of ``-k``.
    device, launches
        Used in place of the suite's, if given.
    quick
        Whether to take a preview.
    seed
        Decides the order of the cases within each launch.
    """

    model_config = ConfigDict(frozen=True)

    suite: str | None
    overrides: tuple[str, ...] = ()
    select: str | None = None
    device: str | None = None
    launches: PositiveInt | None = None
    quick: bool = False
    seed: NonNegativeInt = 0

    def load(self) -> Suite:
        """Return the suite as changed; raises as :func:`rnnbench.suite.loader.load_suite`.

        Raises
        ------
        RnnbenchError
            No file holds it.
        """
        if self.suite is None:
            raise RnnbenchError(
                "the suite was given in Python, not in a file: run it again there, or write it to a file and name that"
            )
        return self.shortened(load_suite(Path(self.suite), self.overrides, self.device))

    def shortened(self, suite: Suite) -> Suite:
        """Return a suite with what is left to change of it when overrides and device are applied."""
        if self.select is not None:
            suite = suite.select(self.select)
        if self.quick:
            suite = suite.quick()
        if self.launches is not None:
            launches = self.launches
            suite = replace(suite, cases=tuple(_with_launches(case, launches) for case in suite.cases))
        return suite

    def changed(self, given: Mapping[str, Any]) -> Request:
        """Return this request with those of its attributes that ``given`` has a value for."""
        return Request.model_validate(self.model_dump() | {key: value for key, value in given.items() if value})

    @classmethod
    def of_document(cls, run: Mapping[str, Any], source: str) -> Request:
        """Return the request that the ``run`` section of a document keeps; ``source`` names it in errors."""
        try:
            return cls.model_validate(run.get("request"))
        except ValidationError as error:
            raise RnnbenchError(
                f"{source}: cannot be resumed: run.request does not say what was asked for: run the suite again"
            ) from error


def _with_launches(case: Case, launches: int) -> Case:
    if case.measure.throughput is None:
        return case
    throughput = case.measure.throughput.model_copy(update={"launches": launches})
    return replace(case, measure=case.measure.model_copy(update={"throughput": throughput}))
