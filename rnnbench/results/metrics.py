"""Every metric there is: its unit, which direction is better, and what it says. Nothing else defines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class MetricKind:
    """One named figure.

    Attributes
    ----------
    name
        Key in results documents. Timings append their scope: ``training_time.layer``. What is made of a timing
        appends its pass, too: ``flops_fraction.training.layer``.
    unit
        SI unit, ``1`` for a pure number.
    better
        Which direction is better.
    summary
        One line for people.
    title
        Column header.
    """

    name: str
    unit: str
    better: Better
    summary: str
    title: str


_KINDS = (
    MetricKind("matched_hidden", "1", "none", "hidden size that was chosen to match the reference", "hidden"),
    MetricKind(
        "match_ratio", "1", "none", "what was matched (parameters, or time) over the reference's", "of reference"
    ),
    MetricKind("iteration_time", "s", "none", "one iteration of training, of all replicas", "iteration"),
    MetricKind("reference_iteration_time", "s", "none", "the same of the reference", "iteration of reference"),
    MetricKind("accuracy", "1", "higher", "share of answers right, as the task counts, mean over replicas", "accuracy"),
    MetricKind("solved_fraction", "1", "higher", "share of replicas that solve the task", "solved"),
    MetricKind("final_loss", "1", "lower", "evaluation loss after training, mean over replicas", "final loss"),
    MetricKind(
        "steps_to_solve", "iterations", "lower", "iterations until the task is solved, median", "steps to solve"
    ),
    MetricKind("recurrent_parameters", "1", "lower", "free entries of W_hh, all layers", "recurrent weights"),
    MetricKind("total_parameters", "1", "lower", "trainable numbers of the whole model", "all weights"),
    MetricKind("parameter_bytes", "bytes", "lower", "bytes of the whole model's parameters", "parameter bytes"),
    MetricKind("file_bytes", "bytes", "lower", "length of the file that the weights are saved to", "file"),
    MetricKind("forward_time", "s", "lower", "one forward pass without gradients", "forward"),
    MetricKind("training_time", "s", "lower", "one forward and backward pass", "forward + backward"),
    MetricKind("forward_throughput", "steps/s", "higher", "time steps per second, forward", "forward rate"),
    MetricKind(
        "training_throughput", "steps/s", "higher", "time steps per second, forward and backward", "training rate"
    ),
    MetricKind("first_call_time", "s", "lower", "first call in a fresh process, with compilation", "first call"),
    MetricKind("flops_fraction", "1", "higher", "least arithmetic per second, share of the GEMM peak", "share of peak"),
    MetricKind(
        "bandwidth_fraction", "1", "higher", "least bytes per second, share of the bandwidth", "share of bandwidth"
    ),
    MetricKind("saved_activation_bytes", "bytes", "lower", "tensors autograd keeps for backward", "saved activations"),
    MetricKind("peak_memory", "bytes", "lower", "peak of one training step, above the start", "peak memory"),
    MetricKind(
        "max_length_memory",
        "steps",
        "higher",
        "longest sequence whose training step fits the budget",
        "longest in memory",
    ),
    MetricKind(
        "max_length_gradient", "steps", "higher", "lag over which a gradient still reaches, median", "reach of gradient"
    ),
    MetricKind(
        "max_length_gradient_trained",
        "steps",
        "higher",
        "the same after training, median over replicas",
        "reach after training",
    ),
    MetricKind("max_length_task", "steps", "higher", "longest sequence of the task that is learnt", "longest learnt"),
    MetricKind("bytes_per_time_step", "bytes", "lower", "memory of each further time step", "memory per step"),
    MetricKind(
        "equivalence_error",
        "1",
        "lower",
        "largest difference of the outputs in real Jordan form, relative to the largest output",
        "error of Jordan form",
    ),
    MetricKind(
        "equivalence_error_tanh", "1", "none", "the same under tanh, where the forms are not equivalent", "under tanh"
    ),
    MetricKind("basis_condition", "1", "none", "condition number of the change of basis", "condition of P"),
    MetricKind("form_nonzeros", "1", "none", "entries of the Jordan form that are not zero", "non-zeros"),
    MetricKind("form_parameters", "1", "none", "free numbers of the Jordan form", "free numbers"),
    MetricKind(
        "form_speedup", "1", "higher", "times as fast as dense a forward pass in Jordan form is", "speed-up of form"
    ),
    MetricKind("fixed_memory", "bytes", "lower", "memory that does not depend on the length", "fixed memory"),
)

METRICS: dict[str, MetricKind] = {kind.name: kind for kind in _KINDS}

_RESOLUTIONS = {"peak_memory": float(256 << 10)}
"""What a figure of one process may differ by in another: pages that allocators happen to hold. Eight cases with peaks
of 2 MiB were run four times on one machine: their peaks spread by 16 to 300 KiB; one of 48 pairs differed by more."""


def metric_kind(key: str) -> MetricKind | None:
    """Return the kind of a metric key of a document (``training_time.layer``), or None if it is unknown."""
    return METRICS.get(key.partition(".")[0])


def resolution(key: str) -> float:
    """Return below which difference, in the metric's unit, two figures of one process each are not told apart."""
    return _RESOLUTIONS.get(key.partition(".")[0], 0.0)


def scope_of(key: str) -> str | None:
    """Return the scope in a metric key, or None."""
    return key.partition(".")[2] or None
