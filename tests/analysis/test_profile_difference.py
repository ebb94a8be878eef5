"""Two profiles beside each other."""

from rnnbench.analysis.profile_difference import operator_rows, phase_rows


def document(phases, operators=()):
    return {
        "phases": [{"name": name, "seconds": seconds} for name, seconds in phases.items()],
        "operators": [{"name": name, "seconds": seconds} for name, seconds in dict(operators).items()],
        "step": {"marked_seconds": sum(phases.values())},
    }


def test_phases_stay_in_the_order_of_a_step():
    rows = phase_rows(document({"input": 1.0, "layer": 2.0}), document({"input": 0.5, "recurrence": 1.0, "layer": 3.0}))
    assert [row.name for row in rows] == ["input", "recurrence", "layer", "step"]
    assert [row.change for row in rows] == [-0.5, 1.0, 1.0, 1.5]
    assert [row.ratio for row in rows] == [0.5, None, 1.5, 1.5]
    assert rows[1].to_json() == {"name": "recurrence", "base": None, "new": 1.0, "change": 1.0, "ratio": None}


def test_operators_come_with_the_largest_change_first():
    base, new = document({"a": 1.0}, {"mm": 1.0, "add": 0.1}), document({"a": 1.0}, {"mm": 0.7, "tanh": 0.5})
    assert [row.name for row in operator_rows(base, new)] == ["tanh", "mm", "add"]
