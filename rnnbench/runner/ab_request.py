"""What `rnnbench ab` was asked to compare: a suite, and for each arm an interpreter or settings."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

from rnnbench.errors import RnnbenchError
from rnnbench.results.paired import ARMS
from rnnbench.runner.arm import Arm, Arms
from rnnbench.runner.local_executor import LocalExecutor
from rnnbench.runner.request import Request
from rnnbench.suite.problem import gather
from rnnbench.suite.suite import Suite
from rnnbench.words import printable


@dataclass(frozen=True)
class AbRequest:
    """A suite and its two arms.

    Attributes
    ----------
    suite
        The path, as given.
    interpreters
        The Python of base and of head, None for this one.
    settings
        The ``key=value`` of base and of head.
    overrides, select, device
        Of both arms, as of :class:`rnnbench.runner.request.Request`.
    """

    suite: str
    interpreters: tuple[str | None, str | None] = (None, None)
    settings: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    overrides: tuple[str, ...] = ()
    select: str | None = None
    device: str | None = None

    def arms(self) -> Arms:
        """Return the arms, their suites loaded.

        Raises
        ------
        RnnbenchError
            A suite is wrong, or an interpreter is not there.
        """
        requests = [
            Request(suite=self.suite, overrides=(*self.overrides, *own), select=self.select, device=self.device)
            for own in self.settings
        ]
        base, head = gather(request.load for request in requests)
        return self._arm(0, base), self._arm(1, head)

    def _arm(self, side: int, suite: Suite) -> Arm:
        asked, settings = self.interpreters[side], self.settings[side]
        if asked is None:
            label = " ".join(settings) or "no settings of its own"
            return Arm(ARMS[side], label, sys.executable, settings, suite, LocalExecutor())
        found = shutil.which(os.path.expanduser(asked))
        if found is None:
            raise RnnbenchError(
                f"--{ARMS[side]} {printable(asked, 300)}: no such program: give the Python of an environment, such as "
                ".venv/bin/python"
            )
        # Not resolved: the Python of a virtual environment is a link, and what it means is where it lies.
        interpreter = os.path.abspath(found)
        executor = LocalExecutor((interpreter, "-m", "rnnbench.runner.worker"), installed=True)
        return Arm(ARMS[side], " ".join([asked, *settings]), interpreter, settings, suite, executor)
