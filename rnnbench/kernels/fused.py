"""The ``fused`` kernel: recurrences in compiled loops, at the speed of memory. It chooses the sweep by connectivity and
hands it to autograd."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from rnnbench.connectivity import Banded, BlockDiagonal, Dense, ListedConnectivity, NoRecurrence, Parameters
from rnnbench.connectivity.entrywise import EntrywiseConnectivity
from rnnbench.kernels.base import YES, Kernel, Support
from rnnbench.kernels.disguise import disguise
from rnnbench.kernels.layer_pass import LayerPass
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.recurrent_product import by_factors
from rnnbench.kernels.state import State
from rnnbench.kernels.sweep import Sweep

if TYPE_CHECKING:
    from torch import Tensor

COMPILED = ("float32", "float64")
"""What the loops for the CPU store and compute in."""
LARGEST_BLOCK = 128
"""Blocks of 64 KB of float32 weights, which the second cache feeds fast enough."""
ALWAYS_NARROW = 32
"""Taps up to which a band runs as one at every size: its matrix is then small, or mostly zero."""


ALWAYS_NARROW_GATED = 5
"""The same for cells with gates, of which wider bands have no functions of their own."""


ALWAYS_ROWS = 1 << 18
"""Numbers of a step's matrix up to which the order in which they lie hardly matters."""
ALWAYS_TORCH = 1 << 22
"""Multiplications of a step up to which torch's own product is faster than oneDNN's, whose calls cost some 15 us
more."""
ALWAYS_CALLED = 1 << 19
"""Multiplications of a step of several rows that no compiled loop is tried for: trying takes longer than what would be
saved. One row is multiplied in less time than a call takes."""


PACKING_STEPS = 128
"""Time steps of a trial between ways to multiply: packing a matrix takes as long as a few steps of few rows."""
TRIAL_MULTIPLICATIONS = 1 << 32
"""Multiplications of such a trial, a tenth of a second forward and backward: with many rows it has fewer steps."""

Way = Literal["gemm", "columns", "oneDNN", "loops"]
"""How a dense matrix is multiplied by: by a library's product a step (see ``step_product``), or in compiled loops."""


class Chosen(NamedTuple):
    """A sweep, and why it is this one."""

    sweep: Sweep
    why: str


class FusedKernel(Kernel):
    """One pass over memory per sweep: W x in one GEMM, then all time steps in one compiled function."""

    name = "fused"
    phased = True

    def choose(self, recurrence: Recurrence) -> Chosen:
        """Return the sweep for a recurrence that this kernel serves, in its guise if it has one."""
        return self.choose_plain(disguise(recurrence).recurrence)

    def choose_plain(self, recurrence: Recurrence) -> Chosen:
        """Return the sweep for a recurrence that runs as what it is."""
        import torch

        return _choose(recurrence, torch.get_num_threads())

    def supports(self, recurrence: Recurrence) -> Support:
        """Serve, on the CPU and on CUDA, where there is a sweep for its connectivity, or for one that it can run as."""
        worn, recurrence = recurrence, disguise(recurrence).recurrence
        if isinstance(recurrence.connectivity, Dense) and by_factors(worn):
            times = 2 * worn.hidden**2 / worn.connectivity.flops_per_step(worn.hidden)
            return Support(
                False, f"runs {worn.connectivity.label()} by its dense view, {times:.3g} times the operations"
            )
        if recurrence.device.startswith("cuda"):
            from rnnbench.kernels import triton_sweep

            return triton_sweep.supports(recurrence)
        if recurrence.device != "cpu":
            return Support(False, f"compiled for the CPU and for CUDA, not for {recurrence.device}")
        if not isinstance(recurrence.connectivity, (Dense, EntrywiseConnectivity)):
            kind = recurrence.connectivity.kind
            return Support(False, f"its sweeps need each weight to be an entry of U, which those of '{kind}' are not")
        if recurrence.dtype not in COMPILED:
            return Support(False, f"compiled for {' and '.join(COMPILED)} on the CPU, not for {recurrence.dtype}")
        self.choose(recurrence)  # Numba's start is no part of a first call
        return YES

    def remark(self, recurrence: Recurrence) -> str:
        """Say which sweep runs, and why."""
        return ": ".join(said for said in (disguise(recurrence).remark, self.choose(recurrence).why) if said)

    def recomputes(self, recurrence: Recurrence) -> bool:
        """Say yes: its sweeps run in pieces."""
        return True

    def states(
        self, recurrence: Recurrence, z: Tensor, parameters: Parameters, initial: State | None = None
    ) -> tuple[Tensor, State]:
        """Return the states and the last one; see :meth:`Kernel.states`. ``z`` is left as it is.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import states

        there = disguise(recurrence)
        given = there.sequence(z), there.parameters(parameters), there.state(initial)
        return there.back(*states(self.choose(recurrence).sweep, there.recurrence, *given))

    def layer(
        self,
        recurrence: Recurrence,
        x: Tensor,
        input_weight: Tensor,
        bias: Tensor | None,
        parameters: Parameters,
        initial: State | None = None,
    ) -> tuple[Tensor, State]:
        """Return the states of a layer and the last one; see :meth:`Kernel.layer`.

        Raises
        ------
        ValueError
            An argument has the wrong shape, dtype or device.
        """
        from rnnbench.kernels.fused_autograd import layer

        there = disguise(recurrence)
        weights = there.weight(input_weight), there.bias(bias), there.parameters(parameters)
        return there.back(*layer(self.choose(recurrence).sweep, there.recurrence, x, *weights, there.state(initial)))

    def layer_pass(
        self, recurrence: Recurrence, input_weight: Tensor, bias: Tensor | None, parameters: Parameters
    ) -> LayerPass | None:
        """Return a layer without autograd; see :meth:`Kernel.layer_pass`.

        There is none on CUDA, where launches are asynchronous and hide the bookkeeping, nor where states are computed
        again.
        """
        from rnnbench.kernels.disguised_pass import DisguisedPass
        from rnnbench.kernels.fused_pass import FusedPass

        if recurrence.device != "cpu" or recurrence.recompute is not None:
            return None
        sweep, there = self.choose(recurrence).sweep, disguise(recurrence)
        if there.recurrence is recurrence:
            return FusedPass(sweep, recurrence, input_weight, bias, parameters)
        return DisguisedPass(sweep, there, input_weight, bias, parameters)


@lru_cache(maxsize=256)
def _choose(recurrence: Recurrence, threads: int) -> Chosen:
    if recurrence.device.startswith("cuda"):
        from rnnbench.kernels.triton_sweep import sweep_of

        return Chosen(sweep_of(recurrence), "Triton")
    # What the choice does not depend on is left out.
    return _choose_on_cpu(replace(recurrence, time_steps=0, scope="layer", input=0, recompute=None), threads)


@lru_cache(maxsize=256)
def _choose_on_cpu(recurrence: Recurrence, threads: int) -> Chosen:
    """Return the sweep that is fastest for a connectivity of that size.

    Up to :data:`LARGEST_BLOCK` units, a matrix that is no band runs as one block of compiled loops: its weights stay in
    the caches, and a step costs no call. Above, and in cells with gates, a step is a GEMM. Blocks run in compiled loops
    at any size, where they are many gates or large in tiles. A sparse matrix runs weight by weight at any size. Of
    bands, which is faster depends on the machine, the batch and the number of taps: it is tried out, and so is who
    multiplies.
    """
    connectivity = recurrence.connectivity
    if isinstance(connectivity, NoRecurrence):
        return Chosen(taps(recurrence), "elementwise loops: nothing recurs")
    if not isinstance(connectivity, Banded):
        return _without_taps(recurrence)
    count = connectivity.lower + connectivity.upper + 1
    if count <= (ALWAYS_NARROW if recurrence.cell == "rnn" else ALWAYS_NARROW_GATED):
        return Chosen(taps(recurrence), f"compiled loops over {count} {'tap' if count == 1 else 'taps'}")
    from rnnbench.kernels.trial import STEPS, compare

    other = _without_taps(recurrence)
    seconds = compare({"taps": lambda: taps(recurrence), other.why: lambda: other.sweep}, recurrence)
    by_taps, by_matrix = seconds["taps"] * 1e3, seconds[other.why] * 1e3
    tried = f"{STEPS} steps took {{:.2g}} ms, against {{:.2g}} ms {{}} (tried on this machine, {threads} threads)"
    if by_taps <= by_matrix:
        said = tried.format(by_taps, by_matrix, f"as {other.why}")
        return Chosen(taps(recurrence), f"compiled loops over {count} taps: {said}")
    return Chosen(other.sweep, f"{other.why}: {tried.format(by_matrix, by_taps, f'over {count} taps')}")


def taps(recurrence: Recurrence) -> Sweep:
    """Return the sweep over the diagonals of a band."""
    from rnnbench.kernels.banded_sweep import BandedSweep
    from rnnbench.kernels.gated_band_sweep import GatedBandSweep

    connectivity = recurrence.connectivity
    assert isinstance(connectivity, (Banded, NoRecurrence))  # noqa: S101 - tells the type checker
    if recurrence.cell != "rnn":
        return GatedBandSweep(recurrence.cell, connectivity, recurrence.dtype)
    return BandedSweep(connectivity, recurrence.activation, recurrence.dtype)


def gemm(recurrence: Recurrence, way: Way = "gemm") -> Sweep:
    """Return the sweep over the dense view that multiplies in that way."""
    if way == "loops":
        from rnnbench.kernels.dense_loop_sweep import DenseLoopSweep

        return DenseLoopSweep(recurrence.cell, recurrence.connectivity, recurrence.activation, recurrence.dtype)
    from rnnbench.kernels.dense_sweep import DenseSweep

    return DenseSweep(recurrence.cell, recurrence.connectivity, recurrence.activation, recurrence.dtype, way)


def _by_gemm(recurrence: Recurrence) -> Chosen:
    """Return the sweep over the dense view, by the fastest of the ways to multiply that may be so, which is tried."""
    from rnnbench.kernels.step_product import has_onednn

    numbers = recurrence.gates * recurrence.hidden**2
    multiplications = recurrence.batch * numbers
    ways: dict[Way, str] = {"gemm": "one GEMM a step"}
    if recurrence.batch == 1 and numbers > ALWAYS_ROWS:
        ways["columns"] = "one GEMM a step (by columns)"
    # oneDNN's product is for one model, in float32.
    able = recurrence.dtype == "float32" and recurrence.replicas is None and has_onednn()
    if able and multiplications > ALWAYS_TORCH:
        ways["oneDNN"] = "one GEMM a step (by oneDNN)"
    if recurrence.batch == 1 or multiplications > ALWAYS_CALLED:
        ways["loops"] = "compiled loops over a dense matrix"
    best: Way = "gemm"
    if len(ways) > 1:
        from rnnbench.kernels.trial import STEPS, compare

        steps = max(STEPS, min(PACKING_STEPS, TRIAL_MULTIPLICATIONS // multiplications))
        seconds = compare({way: partial(gemm, recurrence, way) for way in ways}, recurrence, steps)
        best = min(ways, key=lambda way: seconds[way])
    return Chosen(gemm(recurrence, best), ways[best])


def _without_taps(recurrence: Recurrence) -> Chosen:
    connectivity, H = recurrence.connectivity, recurrence.hidden
    if isinstance(connectivity, BlockDiagonal) and (
        recurrence.cell != "rnn" or LARGEST_BLOCK * connectivity.blocks < H
    ):
        from rnnbench.kernels.tiled_block_sweep import TiledBlockSweep

        tiled = TiledBlockSweep(recurrence.cell, connectivity, recurrence.activation, recurrence.dtype)
        return Chosen(tiled, "compiled loops over blocks, in tiles")
    if recurrence.cell != "rnn":
        return _by_gemm(recurrence)
    if isinstance(connectivity, ListedConnectivity):
        from rnnbench.kernels.sparse_sweep import SparseSweep, pays

        if pays(connectivity, H):
            sparse = SparseSweep(connectivity, H, recurrence.activation, recurrence.dtype)
            return Chosen(sparse, "compiled loops over the free weights")
    if isinstance(connectivity, BlockDiagonal) or H <= LARGEST_BLOCK:
        from rnnbench.kernels.block_sweep import BlockSweep

        return Chosen(BlockSweep(connectivity, recurrence.activation, recurrence.dtype), "compiled loops over blocks")
    return _by_gemm(recurrence)
