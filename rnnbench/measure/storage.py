"""Measurement ``storage``: what a model stores, in numbers, in bytes, and in a file as torch saves it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.weight_counts import recurrent_weights, weight_counts
from rnnbench.models.device import resolve
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress


def measure(case: Case, progress: Progress) -> Observation:
    """Count the weights of a case, write them to a file, and look how long it is.

    Raises
    ------
    CaseFailure
        The file cannot be written.
    """
    # Nothing runs: the plainest kernel serves every case, and none is tried out to find the fastest.
    parameters = case.parameters.model_copy(update={"kernel": "reference"})
    network = build(
        parameters,
        draw(parameters),
        device=resolve(parameters.device),
        time_steps=parameters.time_steps,
        batch=parameters.batch,
        gradient=False,
    )
    progress(0, 1, "writing the weights")
    # Each tensor that a model has is a parameter: places, orders and masks are made anew from the suite.
    files = {"recurrence": dict(recurrent_weights(network)), "model": network.state_dict()}
    written = {f"file_bytes.{scope}": _file_bytes(weights) for scope, weights in files.items()}
    return Observation({**weight_counts(parameters, network), **written})


def _file_bytes(weights: Mapping[str, Tensor]) -> Figure:
    held = {name: weight.detach() for name, weight in weights.items()}
    tensor_bytes = sum(weight.numel() * weight.element_size() for weight in held.values())
    return Figure("exact", (saved_bytes(held),), (), {"tensors": len(held), "tensor_bytes": tensor_bytes})


def saved_bytes(weights: Mapping[str, Tensor]) -> int:
    """Return the length of the file that ``torch.save`` writes of a state_dict, in the folder for temporary files.

    The file has no name, so that nothing is left of it however this process ends.

    Raises
    ------
    CaseFailure
        It cannot be written.
    """
    try:
        with tempfile.TemporaryFile() as file:
            torch.save(dict(weights), file)
            file.flush()
            return os.fstat(file.fileno()).st_size
    except (OSError, RuntimeError) as error:
        # What torch says comes after the system's word, and hides it: "unexpected pos 704 vs 598".
        said = error.__context__ if isinstance(error.__context__, OSError) else error
        needed = sum(weight.numel() * weight.element_size() for weight in weights.values())
        raise CaseFailure(
            "error",
            f"the weights, {needed:,} bytes, cannot be written to a file in {tempfile.gettempdir()} ({said}): "
            "make room there, or name another folder in TMPDIR",
        ) from error
