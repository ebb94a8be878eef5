"""How Triton kernels read memory: what is stored in 32 or 16 bits is float32 on chip.

It rounds once, where it is stored: a store rounds by itself, to what its address points at.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def read(address: tl.tensor, inside: tl.tensor) -> tl.tensor:
    """Return the numbers at ``address`` in float32, zero where they are not ``inside``."""
    return tl.load(address, mask=inside, other=0.0).to(tl.float32)
