"""Recurrent weights are known in closed form where a run did not count them."""

import pytest

from rnnbench.analysis.weights import recurrent_weights
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
