"""One job: one measurement of one case, in this process."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from rnnbench.kernels.dispatch import KernelUnavailable
from rnnbench.measure.catalogue import MATCH, MEASUREMENTS, PROFILE, SLOT
from rnnbench.measure.failure import CaseFailure
from rnnbench.results.figure import Observation
from rnnbench.suite.case import Case

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is being done)."""


def perform(measurement: str, case: Case, progress: Progress) -> Observation:
    """Take ``measurement`` of ``case`` and return what was observed.

    Raises
    ------
    CaseFailure
        The case cannot be measured: its kernel cannot serve, or disagrees with the reference, or its task's data is no
        longer what it was.
    """
    if case.parameters.task is not None:
        try:
            case.parameters.task.check()
        except ValueError as error:
            raise CaseFailure("error", f"task {case.parameters.task.label()}: {error}") from error
    modules = {entry.name: entry.module for entry in MEASUREMENTS} | {
        SLOT: "rnnbench.measure.slot",
        PROFILE: "rnnbench.measure.profile",
        MATCH: "rnnbench.measure.match",
    }
    try:
        observation: Observation = import_module(modules[measurement]).measure(case, progress)
    except KernelUnavailable as error:
        raise CaseFailure("error", str(error)) from error
    return observation
