"""Noise to try the gate on: runs of unchanged code, as logarithms of launch medians.

Every model disturbs single launches and whole sessions. Session noise is what a gate on stored runs stands or falls by:
no launch shows it.
"""

import math

import numpy as np

LAUNCHES, SESSIONS, CASES = 5, 8, 8
"""Launches of a run, earlier sessions, and timings gated together."""


def heavy_tails(generator, sessions, launches, cases):
    """Student's t with 3 degrees of freedom: infinite fourth moment, now and then a launch or session far off."""
    return 0.02 * generator.standard_t(3, (sessions, launches, cases)) + 0.02 * generator.standard_t(
        3, (sessions, 1, cases)
    )


def drift(generator, sessions, launches, cases):
    """The machine gets slower through each session, and from session to session."""
    within = 0.02 * np.linspace(-1, 1, launches)[None, :, None]
    between = 0.005 * np.arange(sessions)[:, None, None]
    noise = generator.normal(0, 0.02, (sessions, launches, cases)) + generator.normal(0, 0.03, (sessions, 1, 1))
    return noise + within + between


def autoregressive(generator, sessions, launches, cases):
    """AR(1) with coefficient 0.5 from launch to launch and from session to session."""
    noise = np.empty((sessions, launches, cases))
    session, launch = generator.normal(0, 0.03, cases), generator.normal(0, 0.02, cases)
    for s in range(sessions):
        session = 0.5 * session + generator.normal(0, 0.03 * math.sqrt(0.75), cases)
        for l in range(launches):  # noqa: E741
            launch = 0.5 * launch + generator.normal(0, 0.02 * math.sqrt(0.75), cases)
            noise[s, l] = session + launch
    return noise


def bimodal(generator, sessions, launches, cases):
    """Every second session runs 10 % slower (another memory layout), and one launch in 24 is 30 % off."""
    slow = 0.1 * (generator.random((sessions, 1, cases)) < 0.5)
    off = 0.3 * (generator.random((sessions, launches, cases)) < 1 / 24)
    return generator.normal(0, 0.02, (sessions, launches, cases)) + slow + off


def normal(generator, sessions, launches, cases):
    """Normal in both, each case for itself: the model that the multiple of the noise is exact for."""
    return generator.normal(0, 0.02, (sessions, launches, cases)) + generator.normal(0, 0.05, (sessions, 1, cases))


MODELS = (normal, heavy_tails, drift, autoregressive, bimodal)
