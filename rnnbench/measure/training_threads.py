"""Small models train on one thread: waking others takes longer than they save, by far where cores are busy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rnnbench.suite.schema import Parameters, Training

ALONE_UP_TO = 1 << 20
"""Multiply-adds of an iteration forward that one core does in about 0.1 ms."""


@contextmanager
def training_threads(parameters: Parameters, training: Training) -> Iterator[int]:
    """Use as few threads as pay, say how many, and put the number back; kernels must be selected inside."""
    import torch

    before = torch.get_num_threads()
    threads = 1 if trains_on_one(parameters, training) else before
    torch.set_num_threads(threads)
    try:
        yield threads
    finally:
        torch.set_num_threads(before)


def trains_on_one(parameters: Parameters, training: Training) -> bool:
    """Say whether one thread trains the model as fast as several, or faster."""
    return multiply_adds(parameters, training) <= ALONE_UP_TO


def multiply_adds(parameters: Parameters, training: Training) -> int:
    """Return those of one iteration forward, of all replicas, as if every matrix were full."""
    hidden = parameters.hidden
    inputs = parameters.input_size + (parameters.layers - 1) * hidden
    a_step = parameters.gates * hidden * (inputs + parameters.layers * hidden) + hidden * parameters.output_size
    return training.replicas * training.batch * parameters.sequence_steps * a_step
