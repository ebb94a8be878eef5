"""Whether a machine has the memory that a suite wants to try out."""

from __future__ import annotations

import psutil

from rnnbench.errors import RnnbenchError
from rnnbench.suite.suite import Suite

GIB = 1 << 30


def check_budgets(suite: Suite) -> None:
    """Refuse budgets of ``max_length`` above this machine's memory.

    Raises
    ------
    RnnbenchError
        A case that runs on the CPU has such a budget.
    """
    there = psutil.virtual_memory().total
    for case in suite.cases:
        settings = case.measure.max_length
        on_cpu = not case.parameters.device.startswith("cuda")
        if settings is not None and on_cpu and isinstance(settings.budget, int) and settings.budget > there:
            raise RnnbenchError(
                f"{suite.path}: case {case.name}: max_length.budget is {settings.budget / GIB:.1f} GiB, "
                f"this machine has {there / GIB:.1f} GiB: probes could bring it to a halt. "
                "Give a smaller budget, or insist with --force"
            )
