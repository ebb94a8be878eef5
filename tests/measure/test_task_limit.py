"""The longest sequence that is learnt, with real training of small models, and gradients after it."""

import math

import pytest
import torch

from rnnbench.analysis.aggregate import merge
from rnnbench.measure import task_limit
from rnnbench.measure.perform import perform
from rnnbench.measure.training import learn
from rnnbench.models.network import build
from rnnbench.models.weights import draw, stack
from tests.cases import ignore_progress, make_case

TRAINING = {"iterations": 60, "batch": 16, "replicas": 3, "optimizer": {"adam": {"lr": 0.02}}, "log_every": 20}


def case_of(max_length=None, **parameters):
    settings = {"limits": ["task", "gradient"], "training": TRAINING, "longest_learnt": 8, **(max_length or {})}
    shape = {"hidden": 12, "connectivity": "diagonal", "task": "modular_counting(2,4)", **parameters}
    return make_case({"max_length": settings}, **shape)


@pytest.fixture(scope="module")
def observed():
    return perform("max_length", case_of(connectivity="dense", task="parity(3)"), ignore_progress)


def test_a_case_has_its_longest_learnt_and_its_reach_before_and_after(observed):
    assert set(observed.figures) == {"max_length_gradient", "max_length_gradient_trained", "max_length_task"}
    figure = observed.figures["max_length_task"]
    trials = figure.details["trials"]
    assert trials[0]["length"] == 3
    assert all(trial["learnt"] == (trial["solved"] >= 1.5) for trial in trials)
    learnt = [trial["time_steps"] for trial in trials if trial["learnt"]]
    assert figure.values == (max(learnt, default=0),)
    assert figure.details["updates"] == 60


def test_after_training_every_replica_has_a_reach(observed):
    figure = observed.figures["max_length_gradient_trained"]
    assert len(figure.values) == 3
    assert figure.details["trained_at"] == 3
    assert figure.details["updates"] <= 60


def test_each_length_has_its_share_with_the_exact_binomial_interval(observed):
    metric = merge({}, observed, {})["max_length_task"]
    assert metric["unit"] == "steps"
    for trial in metric["details"]["trials"]:
        assert trial["share"] == trial["solved"] / 3
        low, high = trial["ci95"]
        assert low <= trial["share"] <= high
        # Clopper and Pearson (1934): the ends make what was seen, or more of it, as likely as 2.5 %
        if trial["solved"] == 3:
            assert (low, high) == (pytest.approx(0.025 ** (1 / 3)), 1)
        if trial["solved"] == 0:
            assert (low, high) == (0, pytest.approx(1 - 0.025 ** (1 / 3)))


def stood_in(monkeypatch, solved_up_to):
    """Let training succeed up to a length, with one replica of four failing."""
    tried = []

    class Curve:
        def __init__(self, length):
            self.length = length

    class Learnt:
        def __init__(self, length):
            self.curve = Curve(length)

    def train(parameters, training, progress):
        tried.append(parameters.task.length)
        return Learnt(parameters.task.length)

    def first_solved(curve, task):
        return (None, *[1.0 if curve.length <= solved_up_to else None] * 3)

    monkeypatch.setattr(task_limit, "train", train)
    monkeypatch.setattr(task_limit, "first_solved", first_solved)
    return Learnt, tried


@pytest.mark.parametrize(("share", "longest"), [(0.75, 48), (0.76, 0)])
def test_the_stated_share_of_replicas_decides(share, longest, monkeypatch):
    Learnt, tried = stood_in(monkeypatch, 50)
    case = case_of({"learnt_by": share, "longest_learnt": 512}, task="adding(16)")
    settings = case.measure.max_length
    figure = task_limit.task_limit(case.parameters, settings, Learnt(16), ignore_progress)
    assert figure.values == (longest,)
    assert figure.flags == (() if longest else ("nothing_learnt",))
    # The task's own length was trained already; two steps are the fewest that adding can do with.
    assert tried == ([32, 64, 48, 56, 52] if longest else [8, 4, 2])


def test_a_search_that_meets_no_end_says_so(monkeypatch):
    Learnt, _ = stood_in(monkeypatch, 10**6)
    case = case_of({"longest_learnt": 100}, task="adding(16)")
    figure = task_limit.task_limit(case.parameters, case.measure.max_length, Learnt(16), ignore_progress)
    assert (figure.values, figure.flags) == ((100.0,), ("longest_learnt_tried",))


def test_training_ends_where_every_replica_has_solved_the_task():
    case = case_of(connectivity="dense", task="parity(2)")
    training = case.measure.max_length.training.model_copy(update={"iterations": 1000})
    early = learn(case.parameters, training, ignore_progress, until_solved=True)
    assert early.curve.iterations[-1] < 1000
    full = learn(case.parameters, training.model_copy(update={"iterations": 200}), ignore_progress)
    assert full.curve.iterations[-1] == 200
    shared = len(early.curve.accuracy)
    assert early.curve.accuracy == full.curve.accuracy[:shared] or shared > len(full.curve.accuracy)


@pytest.mark.parametrize(("cell", "connectivity"), [("rnn", "tridiagonal"), ("lstm", "dense"), ("gru", "diagonal")])
def test_a_replica_taken_out_computes_what_it_did_in_company(cell, connectivity):
    case = case_of(cell=cell, connectivity=connectivity, layers=2)
    parameters = case.parameters
    drawn = [draw(parameters, replica) for replica in range(3)]
    together = build(parameters, stack(drawn), device="cpu", time_steps=4, batch=2, replicas=3)
    alone = build(parameters, together.weights_of(1), device="cpu", time_steps=4, batch=2)
    x = torch.randn(4, 2, parameters.input_size)
    with torch.no_grad():
        expected = together(x.unsqueeze(1).expand(-1, 3, -1, -1))[:, 1]
        torch.testing.assert_close(alone(x), expected, rtol=1e-5, atol=1e-6)


def test_the_reach_after_training_is_that_of_the_trained_weights():
    case = case_of(activation="identity", task="adding(8)", dtype="float64")
    learnt = learn(case.parameters, case.measure.max_length.training, ignore_progress)
    with torch.no_grad():
        for replica, u in enumerate((0.5, 0.9, 0.99)):
            learnt.network.first_layer().recurrent["bands"][replica].fill_(u)
    figure = task_limit.trained_reach(case.parameters, learnt)
    assert figure.values == tuple(pytest.approx(math.log(1e-6) / math.log(u)) for u in (0.5, 0.9, 0.99))
