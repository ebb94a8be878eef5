"""The phases of a training step, and how code says which one it is in to whoever watches.

A function says it by :func:`in_phase`. Nobody watches but ``rnnbench profile``, and then the watcher is told; otherwise
the decorator costs one comparison for each call, and calls are pieces of a sequence, never steps.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, TypeVar

INPUT_PROJECTION = "input projection"
RECURRENCE_FORWARD = "recurrence forward"
LAYER_FORWARD = "layer forward"
READOUT_FORWARD = "readout and loss forward"
READOUT_BACKWARD = "readout and loss backward"
RECOMPUTATION = "recomputation"
RECURRENCE_BACKWARD = "recurrence backward"
RECURRENT_GRADIENT = "recurrent weight gradient"
WEIGHT_GRADIENT = "input weight gradient"
INPUT_GRADIENT = "input gradient"
LAYER_BACKWARD = "layer backward"
OPTIMIZER = "optimizer"
UNATTRIBUTED = "unattributed"

PHASES = {
    INPUT_PROJECTION: "W x + b",
    RECURRENCE_FORWARD: "the states, from z and U h",
    LAYER_FORWARD: "a kernel's one call forward: W x + b and the states",
    READOUT_FORWARD: "the readout of the last layer's states, and the loss",
    READOUT_BACKWARD: "the gradients of readout and loss",
    RECOMPUTATION: "states that were not kept, computed again",
    RECURRENCE_BACKWARD: "the gradient of z, from the last step to the first",
    RECURRENT_GRADIENT: "the gradient of U, where it is a product of its own",
    WEIGHT_GRADIENT: "the gradients of W and b",
    INPUT_GRADIENT: "the gradient of x, for the layer below",
    LAYER_BACKWARD: "all gradients of a kernel's one call",
    OPTIMIZER: "the update of the weights",
    UNATTRIBUTED: "between phases",
}
"""What each is, in the order of a step."""

Watch = Callable[[str], AbstractContextManager[None]]
"""Enters a phase for as long as the context manager does."""

_watches: list[Watch] = []
"""At most one."""
F = TypeVar("F", bound=Callable[..., Any])


def in_phase(name: str) -> Callable[[F], F]:
    """Return the decorator of a function all of which is one phase, but for the phases that it calls."""

    def decorate(function: F) -> F:
        @wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            if not _watches:
                return function(*arguments, **named)
            with _watches[0](name):
                return function(*arguments, **named)

        return run  # type: ignore[return-value]  # the same signature

    return decorate


@contextmanager
def watched(watch: Watch) -> Any:
    """Let ``watch`` know of phases while this is entered."""
    _watches[:] = [watch]
    try:
        yield
    finally:
        _watches.clear()
