"""The banded sweep: compiled loops, shared among threads, behind the :class:`Sweep` interface. No recurrence at all is
the band without taps."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from rnnbench.connectivity import Banded, NoRecurrence
from rnnbench.kernels.blocks import Block, partition, run
from rnnbench.kernels.fused_banded import ANY, UNROLLED, add_share, backward_sweep, forward_sweep
from rnnbench.kernels.vector import FLOAT32, FLOAT64, lanes
from rnnbench.kernels.vector_math import CODES
from rnnbench.kernels.whole_sweep import WholeSweep

_FLOAT64_BYTES = 8


class _Share(NamedTuple):
    """One thread's block and where its buffers begin, in bytes."""

    block: Block
    forward_work: int
    backward_work: int
    total: int


class _Plan(NamedTuple):
    """Who sweeps what, and how many bytes of buffers that takes."""

    rows: int
    batch: int
    shares: tuple[_Share, ...]
    forward_bytes: int
    backward_bytes: int

    @property
    def blocks(self) -> list[Block]:
        return [share.block for share in self.shares]


class BandedSweep(WholeSweep):
    """A band of any width, or no recurrence."""

    def __init__(self, connectivity: Banded | NoRecurrence, activation: str, dtype: str) -> None:
        band = connectivity if isinstance(connectivity, Banded) else None
        self._lower, self._upper = (band.lower, band.upper) if band else (0, -1)
        self._circular = band is not None and band.circular
        self._element = {"float32": FLOAT32, "float64": FLOAT64}[dtype]
        unrolled = max(self._lower, self._upper) <= UNROLLED
        widths = (self._lower, self._upper) if unrolled else (ANY, ANY)
        key = (self._element, CODES[activation], *widths, self._circular)
        self._forward, self._backward = forward_sweep(*key), backward_sweep(*key)
        self._add_share = add_share(self._element)

    def forward_whole(self, z: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None) -> None:
        """Sweep forward; see :class:`WholeSweep`."""
        T, H = z.shape[0], z.shape[-1]
        plan = self._plan(z)
        buffers = torch.empty(plan.forward_bytes, dtype=torch.uint8)
        work, begin = buffers.data_ptr(), 0 if initial is None else initial.data_ptr()
        addresses = z.data_ptr(), states.data_ptr(), stored.data_ptr(), begin

        def sweep(index: int, block: Block) -> None:
            place = work + plan.shares[index].forward_work
            self._forward(*addresses, place, T, plan.rows, plan.batch, H, *block, self._lower, self._upper)

        run(sweep, plan.blocks)

    def backward_whole(
        self, gradient: Tensor, states: Tensor, stored: Tensor, initial: Tensor | None, dz: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Sweep backward; see :class:`WholeSweep`. Shares of the bands' gradient are added block by block."""
        T, H = states.shape[0], states.shape[-1]
        plan = self._plan(states)
        buffers = torch.empty(plan.backward_bytes, dtype=torch.uint8)
        d_initial, d_stored = torch.empty_like(states[0]), torch.zeros_like(stored)
        work, begin = buffers.data_ptr(), 0 if initial is None else initial.data_ptr()
        strides = (plan.rows * H, H) if gradient.is_contiguous() else (0, 0)
        addresses = dz.data_ptr(), states.data_ptr(), stored.data_ptr(), begin, d_initial.data_ptr()
        shape = T, plan.rows, plan.batch, H

        def sweep(index: int, block: Block) -> None:
            share = plan.shares[index]
            places = work + share.backward_work, work + share.total
            self._backward(gradient.data_ptr(), *strides, *addresses, *places, *shape, *block, self._lower, self._upper)

        run(sweep, plan.blocks)
        band = self._lower, self._upper, self._circular
        for share in plan.shares:
            self._add_share(work + share.total, d_stored.data_ptr(), plan.batch, H, *share.block, *band)
        return d_stored, d_initial

    def _plan(self, sequence: Tensor) -> _Plan:
        T, H, B = sequence.shape[0], sequence.shape[-1], sequence.shape[-2]
        rows = sequence.numel() // (T * H)
        return _plan(T, rows, B, H, self._lower, self._upper, self._element, torch.get_num_threads())


@lru_cache(maxsize=256)
def _plan(T: int, rows: int, B: int, H: int, lower: int, upper: int, element: int, threads: int) -> _Plan:
    width = lanes(element)
    bytes_each = 4 if element == FLOAT32 else 8

    def padded(count: int) -> int:
        return -(-count // width) * width

    shares = []
    forward = backward = 0
    for block in partition(T, rows, H, threads=threads, by_units=lower + upper <= 0, align=width):
        height, units = block.last_row - block.row, padded(block.last_unit - block.unit)
        buffers = 2 * height * (padded(lower) + units + padded(upper))
        replicas = (block.last_row - 1) // B - block.row // B + 1
        sums = replicas * (lower + upper + 1) * units
        total = backward + (2 * sums + buffers) * bytes_each
        shares.append(_Share(block, forward, backward, total))
        forward += buffers * bytes_each
        backward = total + sums * _FLOAT64_BYTES
    return _Plan(rows, B, tuple(shares), forward, backward)
