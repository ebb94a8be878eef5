"""Products of small matrices in registers, the innermost loop of sweeps over blocks: a tile of sums, as many as the CPU
has registers for, takes one vector of weights and one number of each row at a time."""

from __future__ import annotations

from itertools import product
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from rnnbench.kernels.numba_setup import compiled
from rnnbench.kernels.vector import VECTORS, VectorType, emit_fma, splat, vector_address

TALL, WIDE = (12, 2) if llvm.get_host_cpu_features().get("avx512f") else (6, 1)
"""Rows and vectors of the largest tile: 24 of 32 registers with 512 bits, 12 of 16 with 256; the others take what is
multiplied."""


@intrinsic
def _tile(
    typing: Any, weights: Any, at: Any, step: Any, numbers: Any, begin: Any, advance: Any, pitch: Any, depth: Any,
    out: Any, to: Any, apart: Any, rows: Any, vectors: Any,
) -> Any:  # fmt: skip
    kind = VECTORS[weights.dtype]

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows_given, vectors_given = arguments[-2:]
        end = builder.append_basic_block("tile_end")
        choice = builder.switch(builder.add(builder.mul(rows_given, _index(WIDE + 1)), vectors_given), end)
        for height, width in product(range(1, TALL + 1), range(1, WIDE + 1)):
            block = builder.append_basic_block(f"tile_{height}_{width}")
            choice.add_case(_index(height * (WIDE + 1) + width), block)
            with builder.goto_block(block):
                _sums(builder, arguments, height, width, kind, context.get_value_type(kind))
                builder.branch(end)
        builder.position_at_end(end)
        return context.get_dummy_value()

    integers = [types.int64] * 4
    signature = types.void(
        weights, types.int64, types.int64, numbers, *integers, out, types.int64, types.int64, types.int64, types.int64
    )
    return signature, build


def _index(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


def _sums(builder: Any, arguments: Any, height: int, width: int, kind: VectorType, value: Any) -> None:
    """Emit the loop over the depth for a tile of ``height`` rows and ``width`` vectors."""
    weights, at, step, numbers, begin, advance, pitch, depth, out, to, apart = arguments[:-2]
    align = kind.element.bitwidth // 8
    places = list(product(range(height), range(width)))

    def place(row: int, vector: int) -> Any:
        index = builder.add(to, builder.add(builder.mul(apart, _index(row)), _index(vector * kind.lanes)))
        return vector_address(builder, out, index, kind)

    sums = {where: cgutils.alloca_once(builder, value) for where in places}
    for where in places:
        builder.store(builder.load(place(*where), align=align), sums[where])
    lines = [builder.gep(numbers, [builder.add(begin, builder.mul(pitch, _index(row)))]) for row in range(height)]
    with cgutils.for_range(builder, depth) as loop:
        first = builder.add(at, builder.mul(loop.index, step))
        taken = [
            builder.load(
                vector_address(builder, weights, builder.add(first, _index(vector * kind.lanes)), kind), align=align
            )
            for vector in range(width)
        ]
        offset = builder.mul(loop.index, advance)
        for row in range(height):
            number = splat(builder, builder.load(builder.gep(lines[row], [offset])), kind.lanes)
            for vector in range(width):
                total = sums[row, vector]
                builder.store(emit_fma(builder, [taken[vector], number, builder.load(total)], kind), total)
    for where in places:
        builder.store(builder.load(sums[where]), place(*where), align=align)


@compiled
def products(  # type: ignore[no-untyped-def]
    weights, at, step, state, begin, pitch, depth, out, to, apart, rows, vectors
):
    """Add to a tile ``out[to ..]`` of ``rows`` (at most :data:`TALL`) rows, ``apart`` elements apart, of ``vectors``
    (at most :data:`WIDE`) vectors, sums of ``depth`` products in order.

    The k-th vectors lie at ``weights[at + k step ..]`` and are read in full; each is multiplied with the k-th number of
    every row, which begin at ``state[begin]`` and lie ``pitch`` apart.
    """
    _tile(weights, at, step, state, begin, 1, pitch, depth, out, to, apart, rows, vectors)


@compiled
def correlations(  # type: ignore[no-untyped-def]
    weights, at, step, numbers, begin, advance, depth, out, to, apart, rows, vectors
):
    """Add to a tile as :func:`products` does; the k-th vectors are multiplied with the numbers of all rows that lie
    side by side at ``numbers[begin + k advance ..]``."""
    _tile(weights, at, step, numbers, begin, advance, 1, depth, out, to, apart, rows, vectors)
