"""Options of every launch of a Triton kernel."""

from __future__ import annotations

from typing import Any

REGISTERS = 1 << 16
"""Of a multiprocessor."""
MOST_WARPS = 16
"""Warps of the largest programs."""


def options(warps: int) -> dict[str, Any]:
    """Return the keyword arguments of a launch with ``warps`` warps per program.

    A product and a sum round once, together, only where a kernel says so (``tl.fma``). Left to the compiler, it could
    be one way in the steps that a loop is unrolled to and another in those that are peeled off it, and the bits of a
    step would depend on where a launch begins.
    """
    chosen: dict[str, Any] = {"num_warps": warps, "enable_fp_fusion": False}
    if warps == MOST_WARPS:
        # All registers that there are for so many lanes: ptxas would else spill some, to have two programs at a time.
        chosen["maxnreg"] = REGISTERS // (32 * warps)
    return chosen
