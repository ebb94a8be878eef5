"""The agreement check: no kernel is timed before it gives the reference's answer, gradients included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnbench.kernels.base import Kernel
from rnnbench.kernels.recurrence import Recurrence
from rnnbench.kernels.reference import ReferenceKernel

TIME_STEPS = 12
BATCH = 3
EPSILONS = 256
"""Tolerance in units of the dtype's machine epsilon, relative to the largest magnitude of each tensor: sums of a few
hundred terms round within this; a wrong tap, gate or boundary is orders of magnitude outside."""


@dataclass(frozen=True)
class Agreement:
    """The largest relative deviation from the float64 reference, over the output and every gradient."""

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
    short = replace(recurrence, time_steps=min(recurrence.time_steps, TIME_STEPS), batch=min(recurrence.batch, BATCH))
    dtype = getattr(torch, recurrence.dtype)
    tensors = _random_tensors(short, np.random.default_rng(seed))
    got = _outcome(kernel, short, {name: tensor.to(recurrence.device, dtype) for name, tensor in tensors.items()})
    oracle = replace(short, dtype="float64", device="cpu")
    # The reference starts from the values as the kernel saw them: rounding the inputs is not the kernel's error.
    rounded = {name: tensor.to(dtype).to(torch.float64) for name, tensor in tensors.items()}
    expected = _outcome(ReferenceKernel(), oracle, rounded)
    errors = {name: _relative_error(got[name], expected[name]) for name in expected}
    worst = max(errors, key=lambda name: (np.isnan(errors[name]), errors[name]))
    return Agreement(errors[worst], EPSILONS * torch.finfo(dtype).eps, worst)


def _random_tensors(recurrence: Recurrence, generator: np.random.Generator) -> dict[str, Tensor]:
    """Return float64 data by name: ``z`` or ``x``, ``W``, ``b``, ``h0``, the recurrent parameters, and the weights of
    the loss."""
    leading = () if recurrence.replicas is None else (recurrence.replicas,)
    T, B, H = recurrence.time_steps, recurrence.batch, recurrence.hidden
    bound = max(recurrence.connectivity.fan_in(H), 1.0) ** -0.5
    models = [recurrence.connectivity.draw(H, -bound, bound, generator) for _ in range(recurrence.replicas or 1)]
    arrays: dict[str, np.ndarray] = {
        f"recurrent.{name}": np.stack([model[name] for model in models]) if leading else models[0][name]
        for name in models[0]
    }
    if recurrence.scope == "recurrence":
        arrays["z"] = generator.standard_normal((T, *leading, B, H))
    else:
        arrays["x"] = generator.standard_normal((T, *leading, B, recurrence.input))
        arrays["W"] = generator.standard_normal((*leading, H, recurrence.input)) * recurrence.input**-0.5
        if recurrence.bias:
            arrays["b"] = generator.standard_normal((*leading, H))
    arrays["h0"] = generator.standard_normal((*leading, B, H))
    arrays["loss weights"] = generator.standard_normal((T, *leading, B, H))
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}


def _outcome(kernel: Kernel, recurrence: Recurrence, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the states and, where asked, the gradient of a weighted sum of them by every input."""
    leaves = {
        name: tensor.clone().requires_grad_(recurrence.gradient)
        for name, tensor in tensors.items()
        if name != "loss weights"
    }
    parameters = {name.partition(".")[2]: leaf for name, leaf in leaves.items() if name.startswith("recurrent.")}
    if recurrence.scope == "recurrence":
        states = kernel.states(recurrence, leaves["z"], parameters, leaves["h0"])
    else:
        states = kernel.layer(recurrence, leaves["x"], leaves["W"], leaves.get("b"), parameters, leaves["h0"])
    outcome = {"states": states.detach()}
    if recurrence.gradient:
        torch.autograd.backward((states * tensors["loss weights"]).sum())
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
