"""Options of every launch of a Triton kernel."""

from __future__ import annotations

from typing import Any

REGISTERS = 1 << 16
"""Of a multiprocessor."""
MOST_WARPS = 16
"""Warps of the largest programs."""
FEW_WARPS = 2
"""Warps up to which a program is small: many of them fit on a multiprocessor with all the registers they want."""
MOST_REGISTERS = 255
"""That a lane can have."""


def options(warps: int) -> dict[str, Any]:
    """Return the keyword arguments of a launch with ``warps`` warps per program.

    A product and a sum round once, together, only where a kernel says so (``tl.fma``). Left to the compiler, it could
    be one way in the steps that a loop is unrolled to and another in those that are peeled off it, and the bits of a
    step would depend on where a launch begins.
    """
    chosen: dict[str, Any] = {"num_warps": warps, "enable_fp_fusion": False}
    if warps == MOST_WARPS or warps <= FEW_WARPS:
        # All registers that there are for so many lanes: ptxas would else spill some, to have more programs at a time.
        chosen["maxnreg"] = min(REGISTERS // (32 * warps), MOST_REGISTERS)
    return chosen
