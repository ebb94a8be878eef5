"""Where the threads of one sweep meet between two steps, in compiled code: a count of arrivals in memory, on which they
wait without the interpreter."""

from __future__ import annotations

import os
import platform
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from rnnbench.kernels.numba_setup import compiled, inlined

_PATIENCE = 4096
"""Looks at the count before a thread lets others have its core, some 0.2 ms: one that is waited for may need it."""
_X86 = platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")


@intrinsic
def _arrive(typing: Any, at: Any) -> Any:
    """Add 1 to ``at[0]``; what was written before is seen by whoever sees the sum."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.atomic_rmw("add", arguments[0], ir.IntType(64)(1), "acq_rel")
        return context.get_dummy_value()

    return types.void(at), build


@intrinsic
def _arrived(typing: Any, at: Any) -> Any:
    """Return ``at[0]``, and see what was written before it."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(arguments[0], "acquire", 8)

    return types.int64(at), build


@intrinsic
def _breathe(typing: Any) -> Any:
    """Tell the CPU that this is a loop that waits, where it can be told."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), build


if os.name == "posix":
    _sched_yield = types.ExternalFunction("sched_yield", types.int32())

    @inlined
    def _give_way() -> None:
        _sched_yield()

else:

    @inlined
    def _give_way() -> None:
        _breathe()


@compiled
def meet(arrivals: Any, count: int) -> None:
    """Arrive, and return when ``arrivals[0]`` says that ``count`` have, in all meetings until now."""
    _arrive(arrivals)
    looks = 0
    while _arrived(arrivals) < count:
        looks += 1
        if looks < _PATIENCE:
            _breathe()
        else:
            _give_way()
