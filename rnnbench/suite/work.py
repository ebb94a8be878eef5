"""The least that one pass of a case has to do, whatever computes it: arithmetic, bytes moved, and steps that wait.

Symbols: T time steps, B batch, H hidden size, I input size, O readout size, A steps that are read out (T, or 1 where
the task asks for the last alone), L layers, G gates, n free entries of a gate's recurrent matrix, N numbers of all
weights. A multiplication and an addition are 2 operations.

Operations, of products alone (activations and gates cost far less, and how much is the library's affair)::

    recurrence   2 T B G n
    layer        2 T B G n + 2 T B G H I
    model        the layers (I = H above the first) + 2 A B H O

A training pass takes three times those of recurrence, readout and every layer's W but the first (forward, gradient of
what was multiplied, gradient of the weights), and twice those of the first W: nobody asks for the gradient by x.

Numbers moved between memory and processor if everything else stays in the processor, for each a lower bound: inputs are
read, results written, and what was written forward and is needed backward is read once more. U is read once per pass,
not once per step, as a processor that keeps it does: its n numbers are all there is to know of a connectivity here::

    recurrence   forward   T B G H (z) + T B H (h) + G n (U)
                 training  the same + T B H (gradient by h) + T B H (h again) + T B G H (gradient by z) + 2 G n (U, its
                           gradient) + T B G H (gates or z again; lstm and gru)
    layer        forward   T B I (x) + T B H (h) + its weights
                 training  the same + T B H (gradient by h) + T B H (h again) + T B I (x again) + 2 its weights
    model        forward   T B I (x) + N; layers hand their states over within the processor, the loss takes the readout
                 training  the same + T B I (x again) + 2 L T B H (states kept and read, unless they are computed again)
                           + 2 N

Steps that wait for each other: T; 1 where no unit feeds another (connectivity ``none`` of cell ``rnn``), log2 T for
activation ``identity``, whose linear recurrence an associative scan computes (Blelloch, 1990: prefix sums and their
applications). L layers run one step behind each other: L - 1 more. Backward takes as many again.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnbench.suite.schema import Parameters
from rnnbench.suite.size import ITEM_BYTES


@dataclass(frozen=True)
class Work:
    """The least work of one pass.

    Attributes
    ----------
    flops
        Floating-point operations of products.
    bytes
        Moved to and from memory.
    dependent_steps
        How many steps wait for the one before, in whatever order the rest is done.
    loop_steps
        How many steps a plain loop over time takes, layer by layer.
    """

    flops: int
    bytes: int
    dependent_steps: int
    loop_steps: int


def work_of(parameters: Parameters, run: str, scope: str) -> Work:
    """Return the least work of one ``forward`` or ``training`` pass in ``recurrence``, ``layer`` or ``model``.

    The formulas are this module's.
    """
    training = run == "training"
    layers = parameters.layers if scope == "model" else 1
    steps = parameters.time_steps if _recurs(parameters) else 1
    waiting = max(1, (steps - 1).bit_length()) if _is_linear(parameters) else steps
    passes = 2 if training else 1
    return Work(
        flops=_flops(parameters, scope, training),
        bytes=ITEM_BYTES[parameters.dtype] * _NUMBERS[scope](parameters, training),
        dependent_steps=passes * (waiting + layers - 1),
        loop_steps=passes * layers * steps,
    )


def _recurs(parameters: Parameters) -> bool:
    """Return whether a state depends on the one before; the states of lstm and gru do so by themselves."""
    return parameters.cell != "rnn" or parameters.connectivity.recurrent_parameters(parameters.hidden) > 0


def _is_linear(parameters: Parameters) -> bool:
    return parameters.cell == "rnn" and parameters.activation == "identity"


def _flops(parameters: Parameters, scope: str, training: bool) -> int:
    p, H = parameters, parameters.hidden
    steps = p.time_steps * p.batch
    recurrent = steps * p.gates * p.connectivity.flops_per_step(H)
    through, to_first = (3, 2) if training else (1, 1)
    if scope == "recurrence":
        return through * recurrent
    first = through * recurrent + to_first * 2 * steps * p.gates * H * p.input_size
    if scope == "layer":
        return first
    further = (p.layers - 1) * through * (recurrent + 2 * steps * p.gates * H * H)
    return first + further + through * 2 * _read_out(p) * p.batch * H * p.output_size


def _recurrence_numbers(p: Parameters, training: bool) -> int:
    states = p.time_steps * p.batch * p.hidden
    z, U = p.gates * states, p.gates * p.connectivity.recurrent_parameters(p.hidden)
    forward = z + states + U
    again = z if p.gates > 1 else 0
    return forward + (2 * states + z + again + 2 * U if training else 0)


def _layer_numbers(p: Parameters, training: bool) -> int:
    states, inputs = p.time_steps * p.batch * p.hidden, p.time_steps * p.batch * p.input_size
    weights = _layer_weights(p, p.input_size)
    return inputs + states + weights + (2 * states + inputs + 2 * weights if training else 0)


def _model_numbers(p: Parameters, training: bool) -> int:
    states, inputs = p.time_steps * p.batch * p.hidden, p.time_steps * p.batch * p.input_size
    weights = _layer_weights(p, p.input_size) + (p.layers - 1) * _layer_weights(p, p.hidden)
    weights += p.output_size * (p.hidden + p.bias)
    kept = 2 * p.layers * states if p.recompute.segment_steps(p.time_steps) is None else 0
    return inputs + weights + (inputs + kept + 2 * weights if training else 0)


_NUMBERS = {"recurrence": _recurrence_numbers, "layer": _layer_numbers, "model": _model_numbers}


def _layer_weights(p: Parameters, width: int) -> int:
    """Return the numbers of a layer's weights: W, the free entries of U, and b."""
    return p.gates * (p.hidden * width + p.connectivity.recurrent_parameters(p.hidden) + p.hidden * p.bias)


def _read_out(p: Parameters) -> int:
    return 1 if p.task is not None and p.task.last_only else p.time_steps
