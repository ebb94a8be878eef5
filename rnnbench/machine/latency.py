"""How long a device takes for the smallest things that have to wait for each other.

``dispatch_latency`` is one operation of torch on a single number, from Python: on the CPU the way through the
dispatcher, on CUDA the launch of a kernel. Nothing that calls torch for each time step runs faster than this.
``dependent_latency`` is one addition that waits for the one before, inside a loop of a compiled program: nothing that
goes through time step by step runs faster than this, however it is written.
"""

from __future__ import annotations

from rnnbench.machine.apparatus import Apparatus
from rnnbench.machine.repeats import Estimate, seconds_of

OPERATIONS = 1000
ADDITIONS = 1 << 16
"""Few enough to stay in the cache, and enough for the call itself to vanish."""


def dispatch_latency(apparatus: Apparatus) -> Estimate:
    """Return seconds of one small operation that waits for the one before."""
    seconds = seconds_of(apparatus.small_operations(OPERATIONS), apparatus.stopwatch)
    return Estimate("s", tuple(taken / OPERATIONS for taken in seconds), {"operations": OPERATIONS})


def dependent_latency(apparatus: Apparatus) -> Estimate | None:
    """Return seconds of one addition that waits for the one before; None where the device adds in another order."""
    work = apparatus.running_sum(ADDITIONS)
    if work is None:
        return None
    seconds = seconds_of(work, apparatus.stopwatch)
    return Estimate("s", tuple(taken / ADDITIONS for taken in seconds), {"additions": ADDITIONS})
