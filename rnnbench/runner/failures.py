"""What an exception inside a worker, or a worker's death, means for the case."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from rnnbench.machine.cgroup import killed_for_memory
from rnnbench.measure.out_of_memory import is_out_of_memory
from rnnbench.runner.job import Failure, FailureStatus

_LONGEST_REASON = 2000


def status_of(error: BaseException) -> FailureStatus:
    """Return ``oom`` if ``error`` says that memory ran out, else ``error``; imports no torch."""
    return "oom" if is_out_of_memory(error) else "error"


def describe(error: BaseException) -> str:
    """Return ``Type: message``, cut to a length that a table and a document can bear."""
    message = str(error).strip()
    said = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return said if len(said) <= _LONGEST_REASON else said[:_LONGEST_REASON] + " ..."


def death(
    returncode: int | None, kills_before: Mapping[str, int], kills_after: Mapping[str, int], tail: str
) -> Failure:
    """Return why a worker died.

    Parameters
    ----------
    returncode
        As of :class:`subprocess.Popen`: minus the signal's number, or the exit status; None if it still lives but
        no longer answers.
    kills_before, kills_after
        The counts of :func:`rnnbench.machine.cgroup.oom_kills` before the job and now.
    tail
        The last lines of its stderr.
    """
    if returncode is None:
        reason = "worker closed its connection without a result"
    elif returncode < 0:
        reason = f"worker was killed by signal {-returncode} ({_signal_name(-returncode)})"
    else:
        reason = f"worker exited with status {returncode} without a result"
    if returncode == -9 and killed_for_memory(kills_before, kills_after):
        return Failure("oom", f"out of memory: {reason} by the system")
    return Failure("error", f"{reason}; it wrote last:\n{tail}" if tail else reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
