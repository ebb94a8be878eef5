"""Cases for tests, in a line."""

from rnnbench.suite.case import Case
from rnnbench.suite.schema import Measure, Parameters


def make_case(measure, name="case", **parameters):
    """Return a case; ``measure`` is the suite's ``measure`` section."""
    return Case(name, Parameters.model_validate(parameters), Measure.model_validate(measure))


def demo_case(connectivity="dense", **training):
    """Return a case of the binary-addition demo with the given training settings."""
    settings = {"protocol": "demo", "iterations": 100, "replicas": 1, **training}
    return make_case(
        {"training": settings},
        connectivity=connectivity,
        task="binary_addition(8)",
        hidden=16,
        activation="sigmoid",
        bias=False,
        dtype="float64",
    )


def ignore_progress(done, total, note):
    """Do nothing with progress."""
