"""The measurements by name, without importing torch."""

from __future__ import annotations

from typing import NamedTuple

SLOT = "slot"
"""What workers of `rnnbench ab` are asked for: times of a case that stays prepared. No suite names it."""

PROFILE = "profile"
"""What workers of `rnnbench profile` are asked for: one training step, taken apart. No suite names it."""

MATCH = "match"
"""What workers are asked for first where a suite has `match: time`: the hidden size, and how near its time comes."""


class MeasurementEntry(NamedTuple):
    """A measurement that suites can name."""

    name: str
    module: str
    metrics: tuple[str, ...]
    summary: str


MEASUREMENTS = (
    MeasurementEntry(
        "training",
        "rnnbench.measure.training",
        ("accuracy", "solved_fraction", "steps_to_solve", "final_loss"),
        "what replicas of a case learn of its task",
    ),
    MeasurementEntry(
        "throughput",
        "rnnbench.measure.throughput",
        (
            "forward_time",
            "training_time",
            "forward_throughput",
            "training_throughput",
            "first_call_time",
            "flops_fraction",
            "bandwidth_fraction",
        ),
        "seconds per pass and time steps per second",
    ),
    MeasurementEntry(
        "memory",
        "rnnbench.measure.memory",
        ("recurrent_parameters", "total_parameters", "parameter_bytes", "saved_activation_bytes", "peak_memory"),
        "weights, saved activations, and the peak of one training step",
    ),
    MeasurementEntry(
        "storage",
        "rnnbench.measure.storage",
        ("recurrent_parameters", "total_parameters", "parameter_bytes", "file_bytes"),
        "weights, and the file that they are saved to",
    ),
    MeasurementEntry(
        "max_length",
        "rnnbench.measure.max_length",
        (
            "max_length_memory",
            "max_length_gradient",
            "max_length_gradient_trained",
            "max_length_task",
            "bytes_per_time_step",
            "fixed_memory",
        ),
        "the longest sequence that memory and gradients allow, and that is learnt",
    ),
    MeasurementEntry(
        "equivalence",
        "rnnbench.measure.equivalence",
        (
            "equivalence_error",
            "equivalence_error_tanh",
            "basis_condition",
            "form_nonzeros",
            "form_parameters",
            "form_speedup",
        ),
        "a linear recurrence in real Jordan form: are the outputs the same?",
    ),
)
"""Adding a measurement is adding a file with a ``measure`` function, a line here, and its settings in the schema."""
