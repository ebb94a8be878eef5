"""The Triton kernels behind the :class:`Sweep` interface, and which recurrences they serve.

Nothing here imports triton before a sweep is made.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from rnnbench.connectivity import Banded, BlockDiagonal, Connectivity, Dense
from rnnbench.kernels.base import YES, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.triton_shapes import sequence, state, values
from rnnbench.kernels.whole_sweep import OnePiece, WholeSweep

LARGEST_BLOCK = 128
"""Largest dense block: two TF32 parts of its weights, 128 KiB, fit one multiprocessor's shared memory (in lstm and gru,
those of 64 units)."""
MOST_UNITS = 2048
"""Largest H of a band: a program holds a whole row, four units per lane of 16 warps; with eight, registers spill."""
MOST_TAPS = 65
"""Widest band: all taps are read at every step, and beyond this a GEMM per step is the better use of a GPU."""
LARGEST_STEP = 2**31 - 1
"""Most elements of one time step: offsets inside it are 32-bit."""
OLDEST = (8, 0)
"""Compute capability from which tensor cores take TF32, loads can run ahead and bfloat16 is native (Ampere)."""
STORED = ("float32", "bfloat16", "float16")
"""What inputs, weights, states and gradients may be stored in."""


def supports(recurrence: Recurrence) -> Support:
    """Say whether a :class:`TritonSweep` can serve ``recurrence`` on its device."""
    if find_spec("triton") is None:
        return Support(False, "triton is not installed: pip install 'rnnbench[gpu]'")
    if recurrence.dtype not in STORED:
        return Support(False, f"the Triton kernels compute in float32, not {recurrence.dtype}")
    step = (recurrence.replicas or 1) * recurrence.batch * recurrence.gates * recurrence.hidden
    if step > LARGEST_STEP:
        return Support(False, f"a time step of {step} elements is more than the Triton kernels' {LARGEST_STEP}")
    capability = torch.cuda.get_device_capability(recurrence.device)
    if capability < OLDEST:
        found = ".".join(map(str, capability))
        return Support(False, f"the Triton kernels need compute capability 8.0, {recurrence.device} has {found}")
    return _supports_connectivity(recurrence)


def _supports_connectivity(recurrence: Recurrence) -> Support:
    connectivity, H = recurrence.connectivity, recurrence.hidden
    if isinstance(connectivity, Banded):
        taps = connectivity.lower + connectivity.upper + 1
        if taps > 1 and (taps > MOST_TAPS or H > MOST_UNITS):
            limit = f"up to {MOST_TAPS} diagonals and {MOST_UNITS} units"
            return Support(False, f"the Triton kernels take bands of {limit}, not {connectivity.label()} at {H}")
        return YES
    if not isinstance(connectivity, (BlockDiagonal, Dense)):
        return Support(False, f"there is no Triton kernel for {connectivity.label()}")
    size = H if isinstance(connectivity, Dense) else H // connectivity.blocks
    if size > LARGEST_BLOCK:
        return Support(False, f"the Triton kernels take dense blocks of up to {LARGEST_BLOCK} units, not {size}")
    device = torch.cuda.get_device_properties(recurrence.device)
    there = getattr(device, "shared_memory_per_block_optin", device.shared_memory_per_block)
    needed = shared_bytes(size, recurrence.gates)
    if needed > there:
        what = f"dense blocks of {size} units in cell {recurrence.cell} need {needed} bytes of shared memory"
        return Support(False, f"{what}, {recurrence.device} has {there}")
    return YES


def sweep_of(recurrence: Recurrence) -> OnePiece:
    """Return the sweep for a recurrence for which :func:`supports` says yes."""
    if recurrence.cell == "rnn":
        return TritonSweep(recurrence.connectivity, recurrence.activation)
    from rnnbench.kernels.triton_gated_sweep import TritonGatedSweep

    return TritonGatedSweep(recurrence.connectivity)


def shared_bytes(size: int, gates: int = 1) -> int:
    """Return what a program keeps in shared memory: two parts of the weights of all its gates, and of 16 rows.

    What it is stored in does not matter: on chip it is float32.
    """
    padded = max(16, 1 << (size - 1).bit_length())
    return 2 * 4 * (gates * padded * padded + 16 * padded)


class TritonSweep(WholeSweep):
    """A recurrence for which :func:`supports` says yes; tensors are on its device and all of one of :data:`STORED`.

    Whatever they are stored in, the state and the gradient that are carried from step to step, all arithmetic and the
    sums of weight gradients are float32; what is stored rounds once.

    Sums run in an order that depends on shapes only: the same inputs give the same bits.
    """

    def __init__(self, connectivity: Connectivity, activation: str) -> None:
        self._connectivity = connectivity
        self._kernel, self._form = _kernel(connectivity, activation)

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        with torch.cuda.device_of(z):  # type: ignore[no-untyped-call]  # Triton launches on the current device
            self._kernel.forward(
                sequence(z), sequence(states), self._values(stored, states), state(states, initial), *self._form
            )

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward; see :class:`WholeSweep`."""
        if not gradient.is_contiguous():
            gradient = dz.copy_(gradient)
        recurrent = self._values(stored, states), state(states, initial)
        with torch.cuda.device_of(dz):  # type: ignore[no-untyped-call]
            d_stored, d_initial = self._kernel.backward(
                sequence(gradient), sequence(states), *recurrent, sequence(dz), *self._form
            )
        return d_stored.to(stored.dtype).view_as(stored), d_initial.view_as(states[0])

    def _values(self, stored: Tensor, states: Tensor) -> Tensor:
        return values(stored, self._connectivity, states.shape[-1], gates=1)


def _kernel(connectivity: Connectivity, activation: str) -> tuple[Any, tuple[Any, ...]]:
    """Return the module whose ``forward`` and ``backward`` serve, and the last arguments they take."""
    if not isinstance(connectivity, Banded):
        from rnnbench.kernels import triton_blocks

        return triton_blocks, (activation,)
    if connectivity.lower + connectivity.upper > 0:
        from rnnbench.kernels import triton_banded
        from rnnbench.kernels.triton_band_gradient import Band

        return triton_banded, (Band(connectivity.lower, connectivity.upper, connectivity.circular), activation)
    if activation == "identity":
        from rnnbench.kernels import triton_scan

        return triton_scan, ()
    from rnnbench.kernels import triton_diagonal

    return triton_diagonal, (activation,)
