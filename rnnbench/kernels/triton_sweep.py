"""The Triton kernels behind the :class:`Sweep` interface, and which recurrences they serve.

Nothing here imports triton before a sweep is made.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import gcd

import torch
from torch import Tensor

from rnnbench.connectivity import Banded, BlockDiagonal, Dense
from rnnbench.kernels.base import YES, Support
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import BackwardSweep, Sweep, Trace, Weights
from rnnbench.kernels.triton_backward import TritonBackward
from rnnbench.kernels.triton_shapes import sequence, sequences, state, values
from rnnbench.kernels.triton_walk import SpanWalk, UnitWalk

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
CHUNK_NUMBERS = 1 << 23
"""Numbers of a chunk's states, 32 MiB in float32: its GEMMs and launches take much longer than to start them."""
CHUNK_FEWEST_STEPS = 16
"""Steps of a chunk, if these are more numbers: those of a launch, where each chunk has its own."""
LINE_ROWS = 128
"""Rows that fill whole lines of 256 bytes, whatever their length and what they are stored in: where cuBLAS chooses a
product by where a factor begins, it finds the same there."""


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


def sweep_of(recurrence: Recurrence) -> TritonSweep:
    """Return the sweep for a recurrence for which :func:`supports` says yes."""
    return TritonSweep(_walk_of(recurrence), recurrence)


def _walk_of(recurrence: Recurrence) -> UnitWalk | SpanWalk:
    connectivity, activation, gated = recurrence.connectivity, recurrence.activation, recurrence.cell != "rnn"
    if not isinstance(connectivity, Banded):
        return _block_walk_of(recurrence)
    if connectivity.lower + connectivity.upper > 0:
        from rnnbench.kernels.triton_band_gradient import Band

        band = Band(connectivity.lower, connectivity.upper, connectivity.circular)
        if gated:
            from rnnbench.kernels.triton_gated_banded import GatedBandWalk

            return GatedBandWalk(band)
        from rnnbench.kernels.triton_banded import BandWalk

        return BandWalk(band, activation)
    if gated:
        from rnnbench.kernels.triton_gated_diagonal import GatedDiagonalWalk

        return GatedDiagonalWalk()
    if activation == "identity":
        from rnnbench.kernels.triton_scan import ScanWalk

        return ScanWalk()
    from rnnbench.kernels.triton_diagonal import DiagonalWalk

    return DiagonalWalk(activation)


def _block_walk_of(recurrence: Recurrence) -> SpanWalk:
    if recurrence.cell != "rnn":
        from rnnbench.kernels.triton_gated_blocks import GatedBlockWalk

        return GatedBlockWalk()
    from rnnbench.kernels.triton_blocks import BlockWalk

    return BlockWalk(recurrence.activation)


def shared_bytes(size: int, gates: int = 1) -> int:
    """Return what a program keeps in shared memory: two parts of the weights of all its gates, and of 16 rows.

    What it is stored in does not matter: on chip it is float32.
    """
    padded = max(16, 1 << (size - 1).bit_length())
    return 2 * 4 * (gates * padded * padded + 16 * padded)


class TritonSweep(Sweep):
    """A recurrence for which :func:`supports` says yes; tensors are on its device and all of one of :data:`STORED`.

    Whatever they are stored in, the state and the gradient that are carried from step to step and from piece to piece,
    all arithmetic and the sums of weight gradients are float32; what is stored rounds once.

    Sums run in an order that depends on shapes only, not on how time is cut: the same inputs give the same bits.

    Parameters
    ----------
    recurrence
        Of its shape, only how many replicas there are counts.
    """

    seamless = True

    def __init__(self, walk: UnitWalk | SpanWalk, recurrence: Recurrence) -> None:
        self.walk = walk
        self.gates = recurrence.gates
        self.grain = walk.grain
        self._connectivity = recurrence.connectivity
        self._replicas = recurrence.replicas or 1

    def chunk_steps(self, batch: int, hidden: int) -> int:
        """Return how many time steps make a chunk: a power of two; see :meth:`Sweep.chunk_steps`."""
        numbers = max(1, self._replicas * batch * hidden)
        steps = 1 << (max(1, CHUNK_NUMBERS // numbers).bit_length() - 1)
        return max(steps, CHUNK_FEWEST_STEPS, self.grain, LINE_ROWS // gcd(LINE_ROWS, max(1, batch)))

    def forward(self, z: Tensor, trace: Trace, weights: Weights, start: State | None) -> State:
        """Sweep forward; see :meth:`Sweep.forward`."""
        there, shape = sequences(trace), trace.h.shape[1:]
        known = self.state(start, there, torch.float32)
        end = known.map(torch.empty_like)
        with torch.cuda.device_of(z):  # type: ignore[no-untyped-call]  # Triton launches on the current device
            self.walk.forward(sequence(z), there, self.recurrent(weights, shape), known, end)
        return end.map(lambda part: part.view(shape))

    def backward(self, weights: Weights, steps: int, shape: tuple[int, ...], by_last_c: Tensor | None) -> BackwardSweep:
        """Begin a sweep backward; see :meth:`Sweep.backward`."""
        return TritonBackward(self, weights, steps, shape, by_last_c)

    def recurrent(self, weights: Weights, shape: tuple[int, ...]) -> Weights:
        """Return the weights as the walk takes them, for states of ``shape`` ``(*, B, H)``."""
        hidden = shape[-1]
        stored = values(weights.stored, self._connectivity, hidden, self.gates)
        if self.gates == 1:
            return Weights(stored)
        bias = stored.new_zeros(self._replicas, hidden) if weights.bias is None else weights.bias
        return Weights(stored, bias.view(self._replicas, hidden))

    def state(self, known: State | None, trace: Trace, dtype: torch.dtype) -> State:
        """Return a state (None: zero) as the walk takes it beside a ``trace``."""
        h = state(known and known.h, trace.h[0], dtype)
        return State(h, state(known and known.c, trace.h[0], dtype) if self.gates == 4 else None)
