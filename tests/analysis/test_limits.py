"""Limits: the usual ones, the suite's above them, the command line's above those."""

import pytest

from rnnbench.analysis.limits import ALPHA, read_limits
from rnnbench.errors import RnnbenchError

SUITE = {
    "gate": {
        "alpha": 0.02,
        "limits": [
            {"metric": "training_time", "limit": 0.2},
            {"metric": "training_time.model", "limit": 0.3, "cases": "dense or hidden=512"},
            {"metric": "peak_memory", "limit": None},
            {"metric": "final_loss", "limit": 0.1},
        ],
    }
}


def limits(*options, suite=SUITE, alpha=None):
    return read_limits(suite, options, alpha, "new.json")


def test_the_usual_limits():
    usual = limits(suite={})
    assert usual.alpha == ALPHA == 0.01
    assert usual.limit("training_time.layer", "x") == 0.05
    assert usual.limit("saved_activation_bytes", "x") == 0.0
    assert usual.limit("training_throughput.layer", "x") is None
    assert usual.limit("first_call_time.layer", "x") is None


def test_the_suites_limits_overrule_the_usual_ones_and_later_ones_earlier_ones():
    held = limits()
    assert held.alpha == 0.02
    assert held.limit("training_time.layer", "dense") == 0.2
    assert held.limit("training_time.model", "Dense/hidden=16") == 0.3
    assert held.limit("training_time.model", "diagonal/hidden=16") == 0.2
    assert held.limit("peak_memory", "dense") is None
    assert held.limit("final_loss", "dense") == 0.1
    assert held.limit("forward_time.layer", "dense") == 0.05


def test_the_command_line_overrules_the_suite():
    held = limits("0.5", "peak_memory=0.1", alpha=0.05)
    assert held.alpha == 0.05
    assert held.limit("training_time.model", "dense") == 0.5
    assert held.limit("forward_time.layer", "dense") == 0.5
    assert held.limit("peak_memory", "dense") == 0.1
    assert held.limit("saved_activation_bytes", "dense") == 0.0


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("fast", "'fast' is no fraction from 0 to 10"),
        ("-1", "is no fraction"),
        ("nan", "is no fraction"),
        ("5%", "'5%' is no fraction from 0 to 10, such as 0.05 for 5 %"),
        ("traning_time=0.1", "unknown metric 'traning_time': did you mean 'training_time'?"),
    ],
)
def test_a_wrong_option_is_named(option, said):
    with pytest.raises(RnnbenchError) as caught:
        limits(option)
    assert said in caught.value.message


@pytest.mark.parametrize(
    "section",
    [
        3,
        {"alpha": "much"},
        {"alpha": 2},
        {"limits": [3]},
        {"limits": [{"metric": "x"}]},
        {"limits": [{"metric": "x", "limit": -1}]},
        {"limits": [{"metric": "x", "limit": 0.1, "cases": "(("}]},
    ],
)
def test_a_section_that_no_run_writes_is_a_damaged_document(section):
    with pytest.raises(RnnbenchError, match=r"new\.json: damaged results document: suite\.resolved\.gate"):
        limits(suite={"gate": section})
