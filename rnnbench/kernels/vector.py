"""SIMD vectors for Numba: a type of 64 bytes (16 float32 or 8 float64), its arithmetic, loads and stores.

LLVM splits a vector into the registers that the CPU has. Writing vectors instead of leaving loops to LLVM's vectoriser
makes the shape of the inner loop ours: no checks for overlapping arrays, no scalar remainder (the last vector of a row
is masked), and the same code for every number of taps.

Sequences are passed as addresses (integers): calls then cost no conversion of arrays. Arguments that are numbers stand
for a vector of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, overload, register_model

BYTES = 64
FLOAT32, FLOAT64, INT64 = 0, 1, 2
"""Element types, as constants that compiled functions close over; there are no vectors of the last."""

_ELEMENTS = {FLOAT32: types.float32, FLOAT64: types.float64, INT64: types.int64}
_IR = {types.float32: ir.FloatType(), types.float64: ir.DoubleType()}
_BITS = {types.float32: ir.IntType(32), types.float64: ir.IntType(64)}
_FLAGS = ("contract", "nsz")


class VectorType(types.Type):  # type: ignore[misc]
    """A SIMD vector of ``element``."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.lanes = BYTES * 8 // element.bitwidth
        super().__init__(name=f"Vector({element} x {self.lanes})")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, vector: VectorType) -> None:
        super().__init__(manager, vector, ir.VectorType(_IR[vector.element], vector.lanes))


VECTORS = {element: VectorType(element) for element in _IR}


def lanes(element: int) -> int:
    """Return how many elements (:data:`FLOAT32` or :data:`FLOAT64`) a vector holds."""
    return int(VECTORS[_ELEMENTS[element]].lanes)


@intrinsic(prefer_literal=True)
def pointer(typing: Any, address: Any, element: Any) -> Any:
    """Return ``address`` as a pointer to elements of the constant type ``element``."""
    target = types.CPointer(_ELEMENTS[element.literal_value])

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(target))

    return target(types.int64, element), build


@intrinsic
def lanes_at(typing: Any, at: Any) -> Any:
    """Return how many of the elements that the pointer ``at`` points to a vector holds, a constant."""
    count = VECTORS[at.dtype].lanes

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.int64, count)

    return types.int64(at), build


def vector_address(builder: Any, at: Any, index: Any, vector: VectorType) -> Any:
    """Return the address of the vector that begins at ``at[index]``."""
    kind = ir.VectorType(_IR[vector.element], vector.lanes)
    return builder.bitcast(builder.gep(at, [index]), kind.as_pointer())


def _mask(builder: Any, count: Any, width: int) -> Any:
    """Return the mask of the first ``count`` lanes."""
    kind = ir.VectorType(ir.IntType(64), width)
    return builder.icmp_signed("<", ir.Constant(kind, list(range(width))), splat(builder, count, width))


def splat(builder: Any, scalar: Any, width: int) -> Any:
    """Return a vector of one number."""
    kind = ir.VectorType(scalar.type, width)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), zeros)


@intrinsic
def load(typing: Any, at: Any, index: Any, count: Any) -> Any:
    """Return the first ``count`` elements from ``at[index]`` on; lanes from ``count`` on are zero and not read."""
    vector = VECTORS[at.dtype]

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, position, valid = arguments
        return _load(builder, base, position, valid, vector, context.get_value_type(vector))

    return vector(at, types.int64, types.int64), build


def _load(builder: Any, base: Any, position: Any, count: Any, vector: VectorType, kind: Any) -> Any:
    address = vector_address(builder, base, position, vector)
    masked = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(kind, [address.type, ir.IntType(32), ir.VectorType(ir.IntType(1), vector.lanes), kind]),
        f"llvm.masked.load.v{vector.lanes}f{vector.element.bitwidth}.p0",
    )
    align = ir.IntType(32)(vector.element.bitwidth // 8)
    zeros = ir.Constant(kind, [0.0] * vector.lanes)
    return builder.call(masked, [address, align, _mask(builder, count, vector.lanes), zeros])


@intrinsic
def store(typing: Any, at: Any, index: Any, count: Any, value: Any) -> Any:
    """Write the first ``count`` lanes of ``value`` to ``at[index]`` and on."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, position, valid, lanes_given = arguments
        _store(builder, base, position, valid, lanes_given, value)
        return context.get_dummy_value()

    return types.void(at, types.int64, types.int64, value), build


def _store(builder: Any, base: Any, position: Any, count: Any, value: Any, vector: VectorType) -> None:
    address = vector_address(builder, base, position, vector)
    masked = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(
            ir.VoidType(),
            [value.type, address.type, ir.IntType(32), ir.VectorType(ir.IntType(1), vector.lanes)],
        ),
        f"llvm.masked.store.v{vector.lanes}f{vector.element.bitwidth}.p0",
    )
    align = ir.IntType(32)(vector.element.bitwidth // 8)
    builder.call(masked, [value, address, align, _mask(builder, count, vector.lanes)])


@intrinsic
def transpose(
    typing: Any, source: Any, at: Any, pitch: Any, rows: Any, columns: Any, target: Any, to: Any, step: Any
) -> Any:
    """Write a square of as many vectors as a vector has lanes, transposed, to ``target[to]``, ``step`` apart.

    Of the ``source``, whose vectors are ``pitch`` apart, the first ``rows`` are read, and ``columns`` lanes of each; of
    the target, the first ``columns`` vectors are written, and ``rows`` lanes of each.
    """
    vector = VECTORS[source.dtype]

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base, first, apart, height, width, end, goal, further = arguments
        kind = context.get_value_type(vector)
        count = vector.lanes
        inside, nothing = ir.IntType(64), ir.IntType(64)(0)

        def index(start: Any, line: int, distance: Any) -> Any:
            return builder.add(start, builder.mul(inside(line), distance))

        def length(line: int, lines: Any, wanted: Any) -> Any:
            return builder.select(builder.icmp_signed("<", inside(line), lines), wanted, nothing)

        lines = [
            _load(builder, base, index(first, i, apart), length(i, height, width), vector, kind) for i in range(count)
        ]
        for _ in range(count.bit_length() - 1):  # each perfect shuffle of lines and lanes turns one bit of the index
            halves = zip(lines[: count // 2], lines[count // 2 :], strict=True)
            lines = [_interleaved(builder, a, b, half, count) for a, b in halves for half in (0, count // 2)]
        for i, line in enumerate(lines):
            _store(builder, end, index(goal, i, further), length(i, width, height), line, vector)
        return context.get_dummy_value()

    return types.void(source, *[types.int64] * 4, target, types.int64, types.int64), build


def _interleaved(builder: Any, a: Any, b: Any, start: int, count: int) -> Any:
    """Return lanes ``start ..`` of a and b in turn, ``count`` in all."""
    order = [lane for i in range(start, start + count // 2) for lane in (i, count + i)]
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), count), order))


def _vector_of(arguments: tuple[Any, ...]) -> VectorType:
    return next(argument for argument in arguments if isinstance(argument, VectorType))


def _operands(context: Any, builder: Any, signature: Any, arguments: Any, vector: VectorType) -> list[Any]:
    """Return the arguments as vectors; numbers are rounded to the element and repeated."""
    operands = []
    for kind, argument in zip(signature.args, arguments, strict=True):
        if not isinstance(kind, VectorType):
            argument = splat(builder, context.cast(builder, argument, kind, vector.element), vector.lanes)
        operands.append(argument)
    return operands


def _elementwise(emit: Callable[[Any, list[Any], VectorType], Any]) -> Any:
    """Return the intrinsic that ``emit(builder, operands, vector type)`` writes, for vectors and numbers mixed."""

    def type_and_build(vector: VectorType, *given: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, _operands(context, builder, signature, arguments, vector), vector)

        return vector(*given), build

    return type_and_build


def _binary(name: str) -> Any:
    rule = _elementwise(lambda builder, operands, vector: getattr(builder, name)(*operands, flags=_FLAGS))

    @intrinsic
    def operation(typing: Any, a: Any, b: Any) -> Any:
        return rule(_vector_of((a, b)), a, b)

    return operation


def _overload_operator(symbol: Callable[..., Any], name: str) -> None:
    operation = _binary(name)

    def has_vector(a: Any, b: Any) -> bool:
        return isinstance(a, VectorType) or isinstance(b, VectorType)

    overload(symbol)(lambda a, b: (lambda a, b: operation(a, b)) if has_vector(a, b) else None)


for _symbol, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _overload_operator(_symbol, _name)


def _compared(order: str) -> Any:
    """Return the emitter of ``yes if a ORDER b else no``; with a NaN the answer is ``no``."""

    def emit(builder: Any, operands: list[Any], vector: VectorType) -> Any:
        a, b, yes, no = operands
        return builder.select(builder.fcmp_ordered(order, a, b), yes, no)

    return _elementwise(emit)


_LESS, _AT_MOST = _compared("<"), _compared("<=")


@intrinsic
def where_less(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    """Return ``yes`` in the lanes where ``a < b``, else ``no`` (so where either is NaN)."""
    return _LESS(_vector_of((a, b, yes, no)), a, b, yes, no)


@intrinsic
def where_at_most(typing: Any, a: Any, b: Any, yes: Any, no: Any) -> Any:
    """Return ``yes`` in the lanes where ``a <= b``, else ``no`` (so where either is NaN)."""
    return _AT_MOST(_vector_of((a, b, yes, no)), a, b, yes, no)


@intrinsic
def kept_if(typing: Any, condition: Any, a: Any) -> Any:
    """Return ``a`` if the one ``condition`` holds, else zeros."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(arguments[0], arguments[1], ir.Constant(arguments[1].type, [0.0] * a.lanes))

    return a(types.boolean, a), build


def _call(name: str) -> Callable[[Any, list[Any], VectorType], Any]:
    """Return the emitter of a call to the LLVM intrinsic ``name`` on vectors."""

    def emit(builder: Any, operands: list[Any], vector: VectorType) -> Any:
        kind = operands[0].type
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(kind, [kind] * len(operands)),
            f"llvm.{name}.v{vector.lanes}f{vector.element.bitwidth}",
        )
        return builder.call(function, operands)

    return emit


emit_fma = _call("fma")
_ABSOLUTE, _NEAREST, _FUSED = _elementwise(_call("fabs")), _elementwise(_call("rint")), _elementwise(emit_fma)


@intrinsic
def absolute(typing: Any, a: Any) -> Any:
    """Return ``|a|``."""
    return _ABSOLUTE(a, a)


@intrinsic
def nearest(typing: Any, a: Any) -> Any:
    """Return the nearest whole numbers, ties to even."""
    return _NEAREST(a, a)


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a b + c``, rounded once."""
    return _FUSED(_vector_of((a, b, c)), a, b, c)


def _integers(vector: VectorType, value: int) -> Any:
    return ir.Constant(ir.VectorType(_BITS[vector.element], vector.lanes), [value] * vector.lanes)


def _emit_reciprocal_guess(builder: Any, operands: list[Any], vector: VectorType) -> Any:
    bits = builder.bitcast(operands[0], ir.VectorType(_BITS[vector.element], vector.lanes))
    return builder.bitcast(builder.sub(_integers(vector, 0x7EF31000), bits), operands[0].type)


_RECIPROCAL_GUESS = _elementwise(_emit_reciprocal_guess)


@intrinsic
def reciprocal_guess(typing: Any, a: Any) -> Any:
    """Return ``1 / a`` to 6 % for float32 ``a`` in [1, 2^120]: the bits of a number read as an integer are nearly
    its logarithm."""
    return _RECIPROCAL_GUESS(a, a)


def _emit_times_power_of_two(builder: Any, operands: list[Any], vector: VectorType) -> Any:
    a, exponent = operands
    integer = ir.VectorType(_BITS[vector.element], vector.lanes)
    whole = builder.fptosi(exponent, integer)
    half = builder.ashr(whole, _integers(vector, 1))
    for part in (half, builder.sub(whole, half)):
        power = builder.shl(builder.add(part, _integers(vector, 127)), _integers(vector, 23))
        a = builder.fmul(a, builder.bitcast(power, a.type))
    return a


_TIMES_POWER_OF_TWO = _elementwise(_emit_times_power_of_two)


@intrinsic
def times_power_of_two(typing: Any, a: Any, exponent: Any) -> Any:
    """Return ``a 2^exponent`` for float32 and whole exponents within +-250, denormal results included."""
    return _TIMES_POWER_OF_TWO(a, a, exponent)


def _by_lanes(name: str) -> Any:
    """Return the emitter of libm's ``name`` (double), lane by lane."""

    def emit(builder: Any, operands: list[Any], vector: VectorType) -> Any:
        kind = ir.FunctionType(ir.DoubleType(), [ir.DoubleType()])
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        result = operands[0]
        for lane in map(ir.IntType(32), range(vector.lanes)):
            value = builder.call(function, [builder.extract_element(operands[0], lane)])
            result = builder.insert_element(result, value, lane)
        return result

    return _elementwise(emit)


_LIBM_TANH, _LIBM_EXP = _by_lanes("tanh"), _by_lanes("exp")


@intrinsic
def libm_tanh(typing: Any, a: Any) -> Any:
    """Return libm's tanh of float64 lanes."""
    return _LIBM_TANH(a, a)


@intrinsic
def libm_exp(typing: Any, a: Any) -> Any:
    """Return libm's exp of float64 lanes."""
    return _LIBM_EXP(a, a)
