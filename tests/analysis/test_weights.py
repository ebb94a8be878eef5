"""Weights are known in closed form where a run did not count them."""

import pytest

from rnnbench.analysis.weights import all_weights, input_size, recurrent_weights
from tests.documents import case, memory


@pytest.mark.parametrize(
    ("cell", "layers", "connectivity", "weights"),
    [
        ("rnn", 1, "dense", 16 * 16),
        ("lstm", 1, "diagonal", 4 * 16),
        ("gru", 2, {"banded": {"lower": 1, "upper": 1}}, 2 * 3 * 46),
    ],
)
def test_entries_of_every_gate_and_layer(cell, layers, connectivity, weights):
    made = case("a", cell=cell, layers=layers, hidden=16, connectivity=connectivity)
    assert recurrent_weights(made) == weights


def test_what_was_counted_comes_first():
    assert recurrent_weights(case("a", memory(7, 9), cell="rnn", layers=1, hidden=16, connectivity="dense")) == 7


@pytest.mark.parametrize("change", [{"connectivity": "of a later version"}, {"hidden": -1}])
def test_what_this_version_does_not_know_has_no_weights(change):
    made = case("a", cell="rnn", layers=1, hidden=16, connectivity="dense")
    made["parameters"].update(change)
    assert recurrent_weights(made) is None
    made["parameters"].pop("hidden")
    assert recurrent_weights(made) is None


MODEL = {"cell": "rnn", "layers": 1, "hidden": 16, "connectivity": "dense", "input": 3, "bias": True, "task": None}


@pytest.mark.parametrize(
    ("change", "weights"),
    [
        ({}, 16 * 3 + 16 * 16 + 16 + 16 + 1),
        ({"bias": False}, 16 * 3 + 16 * 16 + 16),
        ({"connectivity": "diagonal", "layers": 2}, 16 * 3 + 16 * 16 + 2 * (16 + 16) + 16 + 1),
        ({"cell": "lstm", "bias": False}, 4 * (16 * 3 + 16 * 16) + 16),
    ],
)
def test_weights_in_all_are_those_of_u_w_biases_and_a_readout_of_one_unit(change, weights):
    assert all_weights(case("a", **{**MODEL, **change})) == weights


def test_weights_that_were_counted_come_first_and_unknown_ones_are_none():
    assert all_weights(case("a", memory(7, 9), **MODEL)) == 9
    made = case("a", **MODEL)
    made["parameters"]["task"] = "of a later version"
    assert (all_weights(made), input_size(made)) == (None, None)


def test_the_input_is_as_wide_as_the_suite_the_task_or_else_the_layer_says():
    assert input_size(case("a", **MODEL)) == 3
    assert input_size(case("a", **{**MODEL, "input": None, "task": {"binary_addition": {"bits": 8}}})) == 2
    assert input_size(case("a", **{**MODEL, "input": None})) == 16
