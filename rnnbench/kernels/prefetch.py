"""Fetching a line of memory before it is wanted, in compiled loops."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic
def prefetch(typing: Any, at: Any, index: Any) -> Any:
    """Begin to fetch the line of ``at[index]``, which need not exist, into the second cache."""
    return types.void(at, types.int64), _fetch(to_write=False)


@intrinsic
def prefetch_to_write(typing: Any, at: Any, index: Any) -> Any:
    """As :func:`prefetch`, for a line that will be written: no other core keeps it."""
    return types.void(at, types.int64), _fetch(to_write=True)


def _fetch(*, to_write: bool) -> Any:
    """Return the emitter of LLVM's prefetch of data."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        address = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        second_cache, data = 2, 1
        builder.call(function, [address, number(int(to_write)), number(second_cache), number(data)])
        return context.get_dummy_value()

    return build
