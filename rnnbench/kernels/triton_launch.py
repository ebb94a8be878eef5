"""Options of every launch of a Triton kernel."""

from __future__ import annotations

from typing import Any


def options(warps: int) -> dict[str, Any]:
    """Return the keyword arguments of a launch with ``warps`` warps per program.

    A product and a sum may round once, together: said here because Triton's own default changes between versions.
    """
    return {"num_warps": warps, "enable_fp_fusion": True}
