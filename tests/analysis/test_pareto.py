"""The Pareto front."""

from rnnbench.analysis.pareto import front


def test_what_something_cheaper_beats_is_not_on_it():
    assert front([(1.0, 0.2), (2.0, 0.1), (3.0, 0.9), (3.0, 0.8), (0.5, 0.0)]) == [4, 0, 2]


def test_equals_are_on_it_together_and_dearer_equals_are_not():
    assert front([(1.0, 0.5), (1.0, 0.5), (2.0, 0.5)]) == [0, 1]


def test_nothing_has_no_front():
    assert front([]) == []
