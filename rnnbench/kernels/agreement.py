"""The agreement check: no kernel is timed before it gives the reference's answer, gradients included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnbench.kernels.base import Kernel
from rnnbench.kernels.gates import draw_gates
from rnnbench.kernels.recurrence import RECURRENT_BIAS, Recurrence
from rnnbench.kernels.reference import ReferenceKernel, SidedReference
from rnnbench.kernels.state import State

TIME_STEPS = 12
BATCH = 3
SEGMENT = 5
"""Steps of a segment where states are computed again: several segments, of which the last is shorter."""
EPSILONS = 64
"""Tolerance in units of the dtype's machine epsilon, relative to the largest magnitude of each tensor: sums of a few
hundred terms round within this; a wrong tap, gate or boundary is orders of magnitude outside."""
EPSILONS_HALF = 16
"""The same for 16-bit storage, where 64 would let wrong answers through: 0.125 for bfloat16, 0.0156 for float16. Sums
run in float32 there, so that what counts is the rounding of what is stored, half an epsilon each time. A kernel that
carries the state in float32 rounds each number once. One that carries what it stored rounds a state twice a step (z +
U h, and f of it): 12 epsilons in 12 steps, if nothing is forgotten and no two roundings cancel."""

_LOSS_WEIGHTS = 0.5, 1.5
"""All positive: where few terms of both signs cancel, rounding is large beside their sum and tells nothing of a
kernel."""


@dataclass(frozen=True)
class Agreement:
    """The largest relative deviation from the float64 reference, over states, last state and every gradient."""

    max_error: float
    tolerance: float
    worst: str
    """The tensor in which it was found."""

    @property
    def ok(self) -> bool:
        """Whether the kernel may be used (NaN is not within a tolerance)."""
        return self.max_error <= self.tolerance

    def to_json(self) -> dict[str, Any]:
        """Return the ``agreement`` section of a case in a results document (a NaN error is null)."""
        finite = np.isfinite(self.max_error)
        return {"max_error": self.max_error if finite else None, "tolerance": self.tolerance, "worst": self.worst}


def check(kernel: Kernel, recurrence: Recurrence, seed: int = 0) -> Agreement:
    """Run ``kernel`` and the float64 reference on a shortened ``recurrence`` with random data, and compare them."""
    short = replace(
        recurrence,
        time_steps=min(recurrence.time_steps, TIME_STEPS),
        batch=min(recurrence.batch, BATCH),
        recompute=None if recurrence.recompute is None else min(recurrence.recompute, SEGMENT),
    )
    dtype = getattr(torch, recurrence.dtype)
    tensors = _random_tensors(short, np.random.default_rng(seed))
    got = _outcome(kernel, short, {name: tensor.to(recurrence.device, dtype) for name, tensor in tensors.items()})
    oracle = replace(short, dtype="float64", device="cpu", recompute=None)
    # The reference starts from the values as the kernel saw them: rounding the inputs is not the kernel's error.
    rounded = {name: tensor.to(dtype).to(torch.float64) for name, tensor in tensors.items()}
    expected = _outcome(ReferenceKernel(), oracle, rounded)
    if recurrence.activation == "relu" and recurrence.cell == "rnn":
        on_its_side = _outcome(SidedReference(got["states"].cpu() > 0), oracle, rounded)
        expected = {name: on_its_side[name] if name.startswith("gradient") else expected[name] for name in expected}
    errors = {name: _relative_error(got[name], expected[name]) for name in expected}
    worst = max(errors, key=lambda name: (np.isnan(errors[name]), errors[name]))
    return Agreement(errors[worst], tolerance(dtype), worst)


def tolerance(dtype: torch.dtype) -> float:
    """Return the largest deviation that is put down to rounding, relative to the largest magnitude of a tensor."""
    return (EPSILONS_HALF if dtype.itemsize == 2 else EPSILONS) * torch.finfo(dtype).eps


def _random_tensors(recurrence: Recurrence, generator: np.random.Generator) -> dict[str, Tensor]:
    """Return float64 data by name: ``z`` or ``x``, ``W``, ``b``, ``h0`` and ``c0``, the recurrent parameters, and the
    weights of the loss."""
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H = recurrence.time_steps, recurrence.batch, recurrence.hidden
    rows = recurrence.gates * H
    arrays = {
        f"recurrent.{name}": array for name, array in _recurrent_parameters(recurrence, leading, generator).items()
    }
    if recurrence.scope == "recurrence":
        arrays["z"] = generator.standard_normal((T, *leading, B, rows))
    else:
        arrays["x"] = generator.standard_normal((T, *leading, B, recurrence.input))
        arrays["W"] = generator.standard_normal((*leading, rows, recurrence.input)) * recurrence.input**-0.5
        if recurrence.bias:
            arrays["b"] = generator.standard_normal((*leading, rows))
    for part in _parts(recurrence):
        arrays[f"{part}0"] = generator.standard_normal((*leading, B, H))
        arrays[f"loss weights of last {part}"] = generator.uniform(*_LOSS_WEIGHTS, (*leading, B, H))
    arrays["loss weights of states"] = generator.uniform(*_LOSS_WEIGHTS, (T, *leading, B, H))
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def _parts(recurrence: Recurrence) -> tuple[str, ...]:
    """Return the names of the tensors of a state."""
    return ("h", "c") if recurrence.cell == "lstm" else ("h",)


def _recurrent_parameters(
    recurrence: Recurrence, leading: tuple[int, ...], generator: np.random.Generator
) -> dict[str, np.ndarray]:
    H = recurrence.hidden
    models = [
        draw_gates(recurrence.cell, lambda: recurrence.connectivity.draw_fan_in(H, generator))
        for _ in range(recurrence.replicas or 1)
    ]
    arrays = {name: np.stack([model[name] for model in models]) if leading else models[0][name] for name in models[0]}
    if recurrence.recurrent_bias:
        arrays[RECURRENT_BIAS] = generator.standard_normal((*leading, H))
    return arrays


def _outcome(kernel: Kernel, recurrence: Recurrence, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the states, the last state and, where asked, the gradient of a weighted sum of them by every input."""
    leaves = {
        name: tensor.clone().requires_grad_(recurrence.gradient)
        for name, tensor in tensors.items()
        if not name.startswith("loss weights")
    }
    parameters = {name.partition(".")[2]: leaf for name, leaf in leaves.items() if name.startswith("recurrent.")}
    initial = State(leaves["h0"], leaves.get("c0"))
    if recurrence.scope == "recurrence":
        states, last = kernel.states(recurrence, leaves["z"], parameters, initial)
    else:
        states, last = kernel.layer(recurrence, leaves["x"], leaves["W"], leaves.get("b"), parameters, initial)
    results = {"states": states, **{f"last {part}": getattr(last, part) for part in _parts(recurrence)}}
    outcome = {name: tensor.detach() for name, tensor in results.items()}
    if recurrence.gradient:
        weighted = [(tensor * tensors[f"loss weights of {name}"]).sum() for name, tensor in results.items()]
        torch.autograd.backward(weighted)
        for name, leaf in leaves.items():
            # A parameter that takes no part (no recurrence) may come back without a gradient: that is zero.
            outcome[f"gradient of {name}"] = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
    return outcome


def _relative_error(got: Tensor, expected: Tensor) -> float:
    """Return ``max |got - expected| / max |expected|`` (absolute where the expected is all zero); NaN stays NaN."""
    if expected.numel() == 0:
        return 0.0
    difference = (got.detach().to("cpu", torch.float64) - expected).abs().max()
    scale = expected.abs().max()
    return float(difference / scale) if scale > 0 else float(difference)
