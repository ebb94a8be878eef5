"""From raw figures to metrics: value, interval, samples and flags of each form."""

import copy
import json
import math
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.analysis.aggregate import merge
from rnnbench.analysis.statistics import binomial_interval, log_t_interval
from rnnbench.results.figure import Figure, Observation

SHAPE = {"time_steps": 512, "batch": 32}


def aggregated(key, *figures):
    """Return the metric that ``figures``, one per job, make."""
    metrics = {}
    for figure in figures:
        metrics = merge(metrics, Observation({key: figure}), SHAPE)
    return metrics[key]


def test_an_exact_figure_is_its_own_value():
    assert aggregated("recurrent_parameters", Figure("exact", (46,), (), {"scope": "layer"})) == {
        "value": 46,
        "unit": "1",
        "better": "lower",
        "ci95": None,
        "samples": None,
        "flags": [],
        "details": {"scope": "layer"},
    }


def test_a_time_is_the_median_of_launch_medians():
    launches = [(1.0, 1.2, 9.0), (1.1, 1.1, 1.1), (0.9, 1.0, 1.0)]
    metric = aggregated("forward_time.layer", *(Figure("timing", launch) for launch in launches))
    medians = [1.2, 1.1, 1.0]
    assert metric["value"] == 1.1
    assert metric["ci95"] == pytest.approx(list(log_t_interval(medians)))
    assert metric["samples"] == [list(launch) for launch in launches]
    assert metric["unit"] == "s"


def test_more_samples_in_a_launch_do_not_narrow_the_interval():
    few = aggregated("forward_time.layer", *(Figure("timing", (t,)) for t in (1.0, 1.1, 1.2)))
    many = aggregated("forward_time.layer", *(Figure("timing", (t,) * 1000) for t in (1.0, 1.1, 1.2)))
    assert few["ci95"] == many["ci95"]


def test_fewer_than_three_launches_have_no_interval_and_are_flagged():
    first = Figure("timing", (1.0,), ("not_settled",), {"stopped": "time"})
    second = Figure("timing", (1.1,), (), {"stopped": "precision"})
    for few in ([first], [first, second]):
        metric = aggregated("forward_time.layer", *few)
        assert metric["ci95"] is None
        assert set(metric["flags"]) == {"not_settled", "few_launches"}
    three = aggregated("forward_time.layer", first, second, second)
    assert three["flags"] == ["not_settled"]
    assert three["ci95"] is not None
    assert three["details"]["launches"] == [{"stopped": "time"}, {"stopped": "precision"}, {"stopped": "precision"}]


def test_a_time_gives_the_throughput_of_its_scope_with_the_interval_turned_over():
    observations = [Observation({"training_time.model": Figure("timing", (t,))}) for t in (0.9, 1.0, 1.1)]
    metrics = {}
    for observation in observations:
        metrics = merge(metrics, observation, SHAPE)
    time, rate = metrics["training_time.model"], metrics["training_throughput.model"]
    low, high = time["ci95"]
    assert rate["value"] == 512 * 32 / time["value"]
    assert rate["ci95"] == pytest.approx([512 * 32 / high, 512 * 32 / low])
    assert rate["samples"] is None
    assert rate["better"] == "higher"


def test_a_first_call_has_no_throughput():
    assert set(merge({}, Observation({"first_call_time.layer": Figure("timing", (2.0,))}), SHAPE)) == {
        "first_call_time.layer"
    }


def test_replicas_have_their_mean():
    values = (0.2, 0.4, 0.9)
    metric = aggregated("accuracy", Figure("replicas", values))
    low, high = metric["ci95"]
    assert metric["value"] == pytest.approx(mean(values))
    assert 0.2 <= low < metric["value"] < high <= 0.9
    assert metric["samples"] == [list(values)]


def test_a_single_replica_is_flagged():
    metric = aggregated("accuracy", Figure("replicas", (0.5,)))
    assert metric["ci95"] is None
    assert metric["flags"] == ["single_replica"]


@pytest.mark.parametrize("missing", [None, math.nan, math.inf])
def test_a_replica_that_diverged_leaves_no_mean(missing):
    metric = aggregated("final_loss", Figure("replicas", (0.5, missing), (), {"curve": [0.1, missing]}))
    assert metric["value"] is None
    assert metric["ci95"] is None
    assert metric["flags"] == ["not_finite"]
    assert metric["samples"] == [[0.5, None]]
    assert metric["details"] == {"curve": [0.1, None]}


def test_a_proportion_has_the_exact_binomial_interval():
    metric = aggregated("solved_fraction", Figure("proportion", (1.0, 0.0, 1.0, 1.0)))
    assert metric["value"] == 0.75
    assert metric["ci95"] == list(binomial_interval(3, 4))
    assert (metric["details"]["successes"], metric["details"]["replicas"]) == (3, 4)


def test_a_censored_figure_has_the_median_with_what_never_came_as_the_latest():
    metric = aggregated("steps_to_solve", Figure("censored", (3000.0, None, 1000.0, 2000.0, 2000.0)))
    assert metric["value"] == 2000.0
    assert metric["details"] == {"reached": 4, "replicas": 5}
    assert metric["samples"] == [[3000.0, None, 1000.0, 2000.0, 2000.0]]


def test_a_median_that_never_came_is_null_and_flagged():
    metric = aggregated("steps_to_solve", Figure("censored", (1000.0, None)))
    assert (metric["value"], metric["ci95"], metric["flags"]) == (None, None, ["not_reached"])


def test_an_interval_without_an_upper_end_is_null_and_flagged():
    metric = aggregated("steps_to_solve", Figure("censored", (1.0, 2.0, 3.0, 4.0, None, None)))
    assert (metric["value"], metric["ci95"], metric["flags"]) == (3.5, None, ["open_interval"])


def test_a_full_censored_interval_is_between_order_statistics():
    metric = aggregated("steps_to_solve", Figure("censored", tuple(float(step) for step in range(1, 21))))
    assert metric["ci95"] == [6.0, 15.0]


def test_merging_changes_nothing_that_it_was_given():
    first = merge({}, Observation({"forward_time.layer": Figure("timing", (1.0,))}), SHAPE)
    before = copy.deepcopy(first)
    second = merge(first, Observation({"forward_time.layer": Figure("timing", (2.0,)), **exact(3)}), SHAPE)
    assert first == before
    assert set(second) == {"forward_time.layer", "forward_throughput.layer", "peak_memory"}


def test_what_is_no_timing_replaces_what_was_there():
    first = merge({}, Observation(exact(3)), SHAPE)
    assert merge(first, Observation(exact(4)), SHAPE)["peak_memory"]["value"] == 4


def exact(value):
    return {"peak_memory": Figure("exact", (value,))}


def test_an_unknown_metric_is_a_defect():
    with pytest.raises(ValueError, match="unknown metric 'happiness'"):
        merge({}, Observation({"happiness": Figure("exact", (1.0,))}), SHAPE)


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.none() | numbers, min_size=1, max_size=5), st.dictionaries(st.text(), numbers, max_size=3))
def test_a_document_never_holds_what_is_not_finite(values, details):
    for form, key in (("exact", "peak_memory"), ("replicas", "final_loss"), ("censored", "steps_to_solve")):
        metric = aggregated(key, Figure(form, tuple(values), (), details))
        json.dumps(metric, allow_nan=False)
        assert (metric["value"] is None) <= bool(metric["flags"])


@given(st.lists(st.lists(st.floats(1e-6, 10), min_size=1, max_size=4), min_size=3, max_size=6))
def test_the_interval_of_a_time_contains_its_value(launches):
    metric = aggregated("training_time.layer", *(Figure("timing", tuple(launch)) for launch in launches))
    assert metric["value"] == median(median(launch) for launch in launches)
    assert metric["ci95"][0] <= metric["value"] <= metric["ci95"][1]
