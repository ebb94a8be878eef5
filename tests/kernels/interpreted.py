"""The Triton kernels under Triton's interpreter, which runs them on CPU tensors.

Whether kernels are interpreted or compiled is decided for good when triton and their modules are first imported: import
the modules from here, set TRITON_INTERPRET in the tests that run them, and compile in another process.
"""

import os
from unittest.mock import patch

import numpy as np
import pytest
import torch

if torch.cuda.is_available():
    pytest.skip("here the kernels are compiled: test_triton_gpu.py compares them", allow_module_level=True)

with patch.dict(os.environ, TRITON_INTERPRET="1"):
    triton = pytest.importorskip("triton", reason="triton is made for Linux only")
    import triton.language as tl

    from rnnbench.kernels import (
        triton_activation,
        triton_band_gradient,
        triton_banded,
        triton_blocks,
        triton_diagonal,
        triton_gated_banded,
        triton_gated_blocks,
        triton_gated_diagonal,
        triton_scan,
    )

    @triton.jit
    def activate_all(source, target, COUNT: tl.constexpr, ACTIVATION: tl.constexpr):
        """Apply an activation to COUNT elements."""
        index = tl.arange(0, COUNT)
        tl.store(target + index, triton_activation.activate(tl.load(source + index), ACTIVATION))


def convert_as_a_gpu_does(numbers, source, target, rounding):
    """Convert between float32 and bfloat16, which the interpreter holds as the bits, to the nearest."""
    if target == tl.bfloat16:
        return torch.from_numpy(numbers.copy()).to(torch.bfloat16).view(torch.int16).numpy()
    return (numbers.astype(np.uint32) << 16).view(np.float32)


__all__ = [
    "activate_all",
    "convert_as_a_gpu_does",
    "triton_activation",
    "triton_band_gradient",
    "triton_banded",
    "triton_blocks",
    "triton_diagonal",
    "triton_gated_banded",
    "triton_gated_blocks",
    "triton_gated_diagonal",
    "triton_scan",
]
