"""Whether timings on this machine can be trusted: how much a fixed work varies, and what may be the reason.

The verdict is the measured one (:mod:`rnnbench.machine.fixed_work` states the thresholds). The findings say what was
looked at, and what to do where it may disturb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from rnnbench.machine.activity_checks import (
    PROC,
    counters,
    gpu_processes,
    load,
    nvidia_smi,
    steal,
    swap,
    throttling,
)
from rnnbench.machine.cgroup import MEMBERSHIP, MOUNT
from rnnbench.machine.finding import Finding
from rnnbench.machine.fixed_work import MODERATE, QUIET, Variation, variation
from rnnbench.machine.settings_checks import SYS, battery, governor, quota, turbo


@dataclass(frozen=True)
class Noise:
    """How much timings vary here, and what was found that may make them vary."""

    variation: Variation
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON data, with the thresholds of the verdict."""
        return {
            "verdict": self.variation.verdict,
            "excess": self.variation.excess,
            "thresholds": {"quiet": QUIET, "moderate": MODERATE},
            "repeats": self.variation.repeats,
            "median_seconds": self.variation.median_seconds,
            "slow_seconds": self.variation.slow_seconds,
            "findings": [
                {"subject": finding.subject, "found": finding.found, "advice": finding.advice}
                for finding in self.findings
            ],
        }


def check_noise(
    proc: Path = PROC,
    sys: Path = SYS,
    mount: Path = MOUNT,
    membership: Path = MEMBERSHIP,
    ask_gpus: Callable[[], str | None] = nvidia_smi,
    vary: Callable[[], Variation] = variation,
) -> Noise:
    """Do the fixed work for some seconds, and return how it went and what was found; what a system hides is left out.

    The load is read first: afterwards it is this check's own.
    """
    busy = load(psutil.cpu_count() or 1, proc)
    before = counters(proc, sys)
    varied = vary()
    after = counters(proc, sys)
    found = (
        busy,
        steal(before, after),
        throttling(before, after),
        governor(sys),
        turbo(sys),
        quota(mount, membership),
        swap(before, after),
        battery(sys),
        gpu_processes(ask_gpus),
    )
    return Noise(varied, tuple(finding for finding in found if finding is not None))
