"""How fast a device multiplies matrices: the most that arithmetic here can reach, by dtype."""

from __future__ import annotations

from statistics import median

from rnnbench.machine.apparatus import Apparatus
from rnnbench.machine.repeats import Estimate, rate, seconds_of

DTYPES = ("float32", "float64", "bfloat16")
SMALLEST, LARGEST = 256, 8192
LONG_ENOUGH_SECONDS = 0.05
"""A product that takes so long gains nothing by being larger."""


def gemm_peak(apparatus: Apparatus, dtype: str) -> Estimate | None:
    """Return floating-point operations per second of the fastest of growing square products; None without any.

    A product of n x n matrices takes 2 n^3 operations. Sizes double until one takes :data:`LONG_ENOUGH_SECONDS`.
    """
    best: Estimate | None = None
    size = SMALLEST
    while size <= LARGEST:
        work = apparatus.multiply(dtype, size)
        if work is None:
            break
        seconds = seconds_of(work, apparatus.stopwatch)
        found = rate(2.0 * size**3, "flop/s", seconds, size=size)
        best = found if best is None or found.value > best.value else best
        if median(seconds) >= LONG_ENOUGH_SECONDS:
            break
        size *= 2
    return best
