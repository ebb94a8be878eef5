"""The gate on identical arms, again and again: how often does it fail where nothing has changed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rnnbench.analysis.gate_line import Line
from rnnbench.analysis.paired_gate import paired_gate
from rnnbench.analysis.statistics import Interval, binomial_interval
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.report.listener import Listener
from rnnbench.runner.ab import AbSettings, ab
from rnnbench.runner.arm import Arms


@dataclass(frozen=True)
class SelfCheck:
    """What gates on identical arms found.

    Attributes
    ----------
    alpha
        The error rate that was promised.
    gates
        How many ran.
    alarms
        The lines that failed, by the number of the gate (from 0); only gates with any.
    """

    alpha: float
    gates: int
    alarms: dict[int, tuple[Line, ...]]

    @property
    def rate(self) -> float:
        """The share of gates that failed."""
        return len(self.alarms) / self.gates

    @property
    def interval(self) -> Interval:
        """Its exact 95 % interval (Clopper-Pearson)."""
        return binomial_interval(len(self.alarms), self.gates)

    @property
    def kept(self) -> bool:
        """Whether the promise can be true: the interval reaches down to alpha."""
        return self.interval[0] <= self.alpha


def self_check(
    arms: Arms, settings: AbSettings, repeats: int, listener: Listener, ended: Callable[[int, int], None]
) -> SelfCheck:
    """Gate ``arms``, which are the same, ``repeats`` times with seeds that follow each other.

    ``ended`` is told after each gate: how many are done, and how many of them failed.

    Raises
    ------
    RnnbenchError
        A case fails (:attr:`ExitCode.CASE_FAILED`): a rate over what is left would be another suite's.
    """
    alarms: dict[int, tuple[Line, ...]] = {}
    for number in range(repeats):
        document = ab(
            arms, replace(settings, seed=settings.seed + number, path=None, screening=True, identical=True), listener
        )
        failed = next((case for case in document.cases if case["status"] != "ok"), None)
        if failed is not None:
            raise RnnbenchError(
                f"{arms[0].suite.path}: case {failed['name']} is {failed['status']}: {failed['reason']}; leave it out "
                "with -k",
                ExitCode.CASE_FAILED,
            )
        found = paired_gate(document, arms[0].suite.path, settings.limits)
        failing = tuple(line for line in found.lines if line.failing)
        if failing:
            alarms[number] = failing
        ended(number + 1, len(alarms))
    return SelfCheck(settings.limits.alpha, repeats, alarms)
