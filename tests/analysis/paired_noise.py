"""Noise to try the paired gate on: times of the slots of rounds, as logarithms, of identical code.

Every model returns ``[gates, rounds, 4, cases]`` by slot as time goes on, and ``[gates, rounds, 2, cases]`` by worker:
what the process that serves an arm in a round was born with.
"""

import math

import numpy as np


def heavy_tails(generator, gates, rounds, cases):
    """Student's t with 2 degrees of freedom: infinite variance."""
    slots = 0.02 * generator.standard_t(2, (gates, rounds, 4, cases))
    return slots, 0.01 * generator.standard_t(2, (gates, rounds, 2, cases))


def drift(generator, gates, rounds, cases):
    """The machine gets slower slot by slot, by 0.5 % each, and then jumps back, at once for all cases."""
    time = np.arange(rounds * 4).reshape(1, rounds, 4, 1)
    start = generator.integers(40, size=(gates, 1, 1, 1))
    slots = 0.005 * ((time + start) % 40) + generator.normal(0, 0.01, (gates, rounds, 4, cases))
    return slots, generator.normal(0, 0.01, (gates, rounds, 2, cases))


def autoregressive(generator, gates, rounds, cases):
    """AR(1) with coefficient 0.9 from slot to slot, shared by all cases."""
    noise = np.empty((gates, rounds * 4))
    state = generator.normal(0, 0.05, gates)
    for slot in range(rounds * 4):
        state = 0.9 * state + generator.normal(0, 0.05 * math.sqrt(1 - 0.81), gates)
        noise[:, slot] = state
    slots = noise.reshape(gates, rounds, 4, 1) + generator.normal(0, 0.01, (gates, rounds, 4, cases))
    return slots, np.zeros((gates, rounds, 2, cases))


def bimodal(generator, gates, rounds, cases):
    """Every second worker runs 10 % slower (another memory layout), and one slot in 20 takes 30 % longer."""
    slow = 0.1 * (generator.random((gates, rounds, 2, cases)) < 0.5)
    off = 0.3 * (generator.random((gates, rounds, 4, cases)) < 1 / 20)
    return generator.normal(0, 0.01, (gates, rounds, 4, cases)) + off, slow


def normal(generator, gates, rounds, cases):
    """3 % in every slot, nothing else."""
    return generator.normal(0, 0.03, (gates, rounds, 4, cases)), np.zeros((gates, rounds, 2, cases))


MODELS = (heavy_tails, drift, autoregressive, bimodal)
