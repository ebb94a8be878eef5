"""Measurement ``equivalence``: a linear recurrence in the basis of its own modes gives the same outputs.

The layer ``h_t = W x_t + b + U h_{t-1}`` is rewritten for ``g = P^-1 h``: ``g_t = P^-1 (W x_t + b) + J g_{t-1}``, with
the real Jordan form ``J = P^-1 U P`` (see :mod:`rnnbench.models.real_form`). What it gives, ``P g``, is held against h
of the dense layer in float64; and, as the negative control, the same two layers under tanh against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from rnnbench.connectivity import Dense
from rnnbench.kernels.projection import project
from rnnbench.measure.clock import clock_of
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.timer import time_slot
from rnnbench.measure.training import learn
from rnnbench.measure.verify import verify
from rnnbench.models.device import resolve
from rnnbench.models.network import RecurrentLayer, build
from rnnbench.models.real_form import RealForm, real_form
from rnnbench.models.weights import LayerWeights, Weights, draw
from rnnbench.results.figure import Figure, Observation
from rnnbench.suite.case import Case
from rnnbench.suite.equivalence_weights import GivenWeights, InitialWeights
from rnnbench.suite.schema import Equivalence, Parameters

if TYPE_CHECKING:
    from rnnbench.measure.perform import Progress

SCHUR = "schur_form"
"""Eigenvectors are too near to each other for a Jordan form."""
APART = "not_equivalent"
"""The outputs differ by more than :data:`TOLERANCES`."""
TOLERANCES = {"float64": 1e-12, "float32": 1e-5}
"""Largest relative error that is rounding, over T = 300 steps at a spectral radius of 0.98 and H up to 256."""
SCOPES = ("recurrence", "layer")


@dataclass(frozen=True)
class _Pair:
    """The same linear layer twice: on the dense matrix, and on its form."""

    dense: RecurrentLayer
    form: RecurrentLayer


def measure(case: Case, progress: Progress) -> Observation:
    """Rewrite the case's layer, compare outputs, and time both.

    Raises
    ------
    CaseFailure
        A kernel disagrees with the reference, or weights or outputs are not finite.
    """
    settings, parameters = case.measure.equivalence, case.parameters
    assert settings is not None  # noqa: S101 - the planner asks for what the case names
    device = resolve(parameters.device)
    weights = _dense_weights(parameters, _weights(parameters, settings, progress))
    matrix = weights.layers[0].recurrent["weight"]
    if not np.isfinite(matrix).all():
        raise CaseFailure(
            "error", "the trained weights are not finite: use a smaller learning rate, clip_norm, or fewer iterations"
        )
    form = real_form(matrix, settings.largest_condition)
    pair = _layers(parameters, weights, form, device)
    agreement = max((verify(layer) for layer in (pair.dense, pair.form)), key=lambda found: found["max_error"])
    progress(1, 2, "outputs in both bases")
    figures = {**_errors(parameters, weights, form, pair), **_sizes(parameters, form)}
    progress(1, 2, "times in both bases")
    figures.update(_speeds(parameters, pair, settings, device))
    return Observation(figures, pair.form.selection.to_json(), agreement)


def _weights(parameters: Parameters, settings: Equivalence, progress: Progress) -> Weights:
    """Return the model's weights: as it starts, with a given matrix or without, or what its first replica learnt."""
    if isinstance(settings.weights, GivenWeights):
        return _with_matrix(draw(parameters), settings.weights)
    if isinstance(settings.weights, InitialWeights):
        return draw(parameters)
    assert settings.training is not None  # noqa: S101 - checked with the suite
    return learn(parameters, settings.training, progress).network.weights_of(0)


def _with_matrix(weights: Weights, given: GivenWeights) -> Weights:
    """Return weights with the matrix of a file as U."""
    (layer,) = weights.layers
    try:
        matrix = given.matrix()
    except ValueError as error:
        raise CaseFailure("error", f"{given.label()}: {error}") from error
    return replace(weights, layers=(replace(layer, recurrent={"weight": matrix}),))


def _dense_weights(parameters: Parameters, weights: Weights) -> Weights:
    """Return the weights with U as a dense matrix."""
    (layer,) = weights.layers
    stored = {name: torch.from_numpy(array) for name, array in layer.recurrent.items()}
    matrix = parameters.connectivity.to_dense(stored, parameters.hidden).numpy()
    return Weights((LayerWeights(layer.input, {"weight": matrix}, layer.bias),), weights.readout, weights.readout_bias)


def _layers(parameters: Parameters, weights: Weights, form: RealForm, device: str, **changes: Any) -> _Pair:
    """Return the layer on U with the case's kernel, and on the form with whichever serves it best."""
    dense = {"connectivity": Dense(), **changes}
    own = {"connectivity": form.connectivity, "kernel": "auto", **changes}
    rewritten = Weights((form.layer(weights.layers[0]),), weights.readout, weights.readout_bias)
    return _Pair(
        *(
            build(
                parameters.model_copy(update=update),
                given,
                device=device,
                time_steps=parameters.time_steps,
                batch=parameters.batch,
                gradient=False,
            ).first_layer()
            for update, given in ((dense, weights), (own, rewritten))
        )
    )


def _errors(parameters: Parameters, weights: Weights, form: RealForm, pair: _Pair) -> dict[str, Figure]:
    """Return how far ``P g`` is from h, linear and under tanh, relative to the largest h."""
    exact = {"dtype": "float64", "kernel": "reference"}
    linear = _layers(parameters, weights, form, "cpu", **exact).dense
    bent = _layers(parameters, weights, form, "cpu", **exact, activation="tanh")
    x = _inputs(parameters, parameters.input_size)
    with torch.no_grad():
        expected = linear(x)
        if not torch.isfinite(expected).all():
            raise CaseFailure(
                "error",
                f"outputs of the dense layer are not finite at T = {parameters.time_steps}, its spectral radius is "
                f"{form.radius:.3g}: use fewer time steps, or smaller weights",
            )
        error = _distance(_outputs(pair.form, x, form), expected)
        control = _distance(_outputs(bent.form, x, form), bent.dense(x))
        rounding = _distance(pair.dense(x.to(pair.dense.input_weight)).double().cpu(), expected)
    tolerance = TOLERANCES.get(parameters.dtype)
    flags = (SCHUR,) if form.kind == "schur" else ()
    # Not the reverse comparison: an error that is not a number is one.
    apart = () if tolerance is None or error <= tolerance else (APART,)
    details = {
        "form": form.kind,
        "dtype": parameters.dtype,
        "tolerance": tolerance,
        "dense_error": rounding,
        "dense_kernel": pair.dense.selection.to_json(),
        "time_steps": parameters.time_steps,
        "spectral_radius": form.radius,
    }
    return {
        "equivalence_error": Figure("exact", (error,), (*flags, *apart), details),
        "equivalence_error_tanh": Figure("exact", (control,)),
    }


def _outputs(layer: RecurrentLayer, x: Tensor, form: RealForm) -> Tensor:
    """Return ``P g`` in float64, computed in the layer's own dtype."""
    basis = torch.from_numpy(form.basis).to(layer.input_weight)
    return project(layer(x.to(layer.input_weight)), basis, None).double().cpu()


def _distance(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def _inputs(parameters: Parameters, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(parameters.seed)
    shape = parameters.time_steps, parameters.batch, width
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _sizes(parameters: Parameters, form: RealForm) -> dict[str, Figure]:
    """Return what the form takes, and how well its basis can be inverted."""
    H = parameters.hidden
    known = {"eigenvector_condition": form.eigenvector_condition} if form.eigenvector_condition < float("inf") else {}
    return {
        "basis_condition": Figure("exact", (form.condition,), (), known),
        "form_nonzeros": Figure("exact", (form.nonzeros,), (), {"dense": H * H}),
        "form_parameters": Figure("exact", (form.connectivity.recurrent_parameters(H),), (), {"dense": H * H}),
    }


def _speeds(parameters: Parameters, pair: _Pair, settings: Equivalence, device: str) -> dict[str, Figure]:
    """Return how many times as fast a forward pass on the form is, round by round, each in turn first."""
    figures = {}
    for scope in SCOPES:
        width = parameters.hidden if scope == "recurrence" else parameters.input_size
        given = _inputs(parameters, width).to(pair.dense.input_weight)
        rounds = [_round(pair, scope, given, device, index % 2 == 0) for index in range(settings.rounds)]
        dense_seconds, form_seconds = (median(column) for column in zip(*rounds, strict=True))
        details = {"dense_seconds": dense_seconds, "form_seconds": form_seconds}
        figures[f"form_speedup.{scope}"] = Figure("replicas", tuple(dense / own for dense, own in rounds), (), details)
    return figures


def _round(pair: _Pair, scope: str, given: Tensor, device: str, dense_first: bool) -> tuple[float, float]:
    """Return seconds per call of (the dense layer, its form)."""

    def seconds(layer: RecurrentLayer) -> float:
        run = layer.recur if scope == "recurrence" else layer.forward
        with torch.no_grad():
            return time_slot(lambda: run(given), clock_of(device))

    if dense_first:
        return seconds(pair.dense), seconds(pair.form)
    own = seconds(pair.form)
    return seconds(pair.dense), own
