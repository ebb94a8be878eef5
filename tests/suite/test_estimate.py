import pytest

from rnnbench.suite.case import Case
from rnnbench.suite.estimate import estimate_seconds
from rnnbench.suite.schema import Measure, Parameters


def case(measure, **parameters):
    return Case("c", Parameters.model_validate(parameters), Measure.model_validate(measure))


def training(iterations=1000, replicas=1, log_every=None, **parameters):
    measure = {"training": {"iterations": iterations, "replicas": replicas, "log_every": log_every}}
    return estimate_seconds(case(measure, task="binary_addition", **parameters), "training")


def test_throughput_grows_with_timings_and_their_cap():
    measure = {"throughput": {"passes": ["forward"], "scopes": ["layer", "model"], "max_seconds": 3}}
    assert estimate_seconds(case(measure), "throughput") == pytest.approx(1 * 2 * 1.6 * 3 + 1.5)


def test_memory_is_constant():
    assert estimate_seconds(case({"memory": {}}), "memory") == 2


def test_storage_grows_with_the_bytes_of_the_weights():
    small, large = (estimate_seconds(case({"storage": {}}, hidden=hidden), "storage") for hidden in (64, 8192))
    assert small < 0.01
    assert 1 < large < 60


def test_training_grows_with_everything_that_costs():
    least = training()
    assert training(iterations=2000) > least
    assert training(replicas=50) > least
    assert training(hidden=512) > least
    assert training(layers=3) > least
    assert training(log_every=1) > least
    assert training(connectivity="none", hidden=512) < training(hidden=512)


def test_a_gated_cell_costs_a_small_multiple():
    for hidden in (16, 512):
        assert 1.3 < training(cell="lstm", hidden=hidden) / training(hidden=hidden) < 5


def test_the_demo_takes_seconds():
    assert 2 < training(iterations=10_000, replicas=20, hidden=16) < 20


def test_what_a_case_does_not_measure_has_no_estimate():
    with pytest.raises(ValueError, match="does not take the measurement training"):
        estimate_seconds(case({"memory": {}}), "training")
