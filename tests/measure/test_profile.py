"""A training step taken apart: every moment in one phase, for every kind of kernel, cell and scope."""

import base64
import gzip
import itertools
import json

import pytest
import torch

from rnnbench import phases
from rnnbench.kernels.dispatch import load
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.observed_kernel import ObservedKernel
from rnnbench.measure.phase_clock import PhaseClock, Span
from rnnbench.measure.profile import measure, middle, thinned
from rnnbench.measure.profiled_step import ProfiledStep
from rnnbench.measure.torch_trace import Held
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.phases import PHASES, UNATTRIBUTED, in_phase
from rnnbench.suite.case import Case
from rnnbench.suite.optimizer import SGD, Adam
from rnnbench.suite.phase_work import phase_work
from rnnbench.suite.schema import Measure, Parameters
from rnnbench.suite.work import work_of

SHAPE = {"hidden": 6, "time_steps": 5, "batch": 2, "device": "cpu"}


def case(**parameters):
    return Case("case", Parameters.model_validate({**SHAPE, **parameters}), Measure.model_validate(["memory"]))


def counting_clock():
    """Return a clock on which every mark is one second after the one before."""
    return PhaseClock(itertools.count().__next__, lambda start, end: float(end - start))


def seen(optimizer=SGD(lr=0.1), **parameters):  # noqa: B008 - frozen
    """Return the phases of a step in the order in which they first come, and the step."""
    chosen = case(**parameters).parameters
    network = build(chosen, draw(chosen), device="cpu", time_steps=chosen.time_steps, batch=chosen.batch)
    clock = counting_clock()
    step = ProfiledStep(chosen, network, "layer" if chosen.task is None else "model", optimizer, clock)
    spans = clock.time(step)
    found = list(dict.fromkeys(span.phase for span in spans))
    assert set(found) <= set(PHASES)
    return [phase for phase in found if phase != UNATTRIBUTED], step


def test_every_moment_is_in_the_innermost_phase_and_none_is_lost():
    clock = counting_clock()

    @in_phase("outer")
    def outer():
        inner()

    @in_phase("inner")
    def inner():
        pass

    def step():
        clock.switch("base")
        outer()
        clock.switch(UNATTRIBUTED)

    spans = clock.time(step)
    assert [span.phase for span in spans] == [UNATTRIBUTED, "base", "outer", "inner", "outer", "base", UNATTRIBUTED]
    assert [span.end - span.start for span in spans] == [1.0] * 7
    assert all(one.end == other.start for one, other in itertools.pairwise(spans))
    assert spans[0].start == 0.0
    outer()  # nobody watches any more
    assert clock.time(lambda: None) == [Span(UNATTRIBUTED, 0.0, 1.0)]


def test_within_a_recomputation_everything_is_recomputation():
    clock = counting_clock()

    def step():
        with clock.phase(phases.RECOMPUTATION), clock.phase(phases.INPUT_PROJECTION):
            pass

    assert {span.phase for span in clock.time(step)} == {UNATTRIBUTED, phases.RECOMPUTATION}


BY_AUTOGRAD = ["input projection", "recurrence forward", "recurrence backward", "input weight gradient", "optimizer"]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "block_diagonal(2)", "none"])
@pytest.mark.parametrize("kernel", ["fused", "eager", "reference"])
def test_the_phases_of_a_layer(kernel, connectivity, cell):
    if kernel == "fused" and cell != "rnn" and connectivity == "block_diagonal(2)":
        connectivity = "random(9)"
    found, _ = seen(kernel=kernel, connectivity=connectivity, cell=cell)
    # Where U's gradient is a product of its own, it is a phase of its own; x of a first layer wants no gradient.
    others = {"recurrent weight gradient", "input gradient"} if kernel == "fused" else set()
    assert sorted(phase for phase in found if phase not in others) == sorted(BY_AUTOGRAD)
    assert found[-1] == "optimizer"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_kernel_of_one_call_has_coarse_phases(cell):
    assert seen(kernel="torch", cell=cell)[0] == ["layer forward", "layer backward", "optimizer"]
    assert seen(kernel="eager", recompute={"every": 2}, cell=cell)[0][:2] == ["layer forward", "layer backward"]


def test_a_model_has_readout_and_loss_and_a_gradient_for_the_layer_below():
    found, _ = seen(task={"adding": {"length": 6}}, layers=2, kernel="fused", connectivity="tridiagonal")
    assert [phase for phase in found if "readout" in phase] == ["readout and loss forward", "readout and loss backward"]
    assert "input gradient" in found
    assert found.index("readout and loss forward") < found.index("readout and loss backward")
    assert found.index("readout and loss backward") < found.index("recurrence backward") < found.index("optimizer")


def test_what_is_computed_again_is_a_phase():
    assert "recomputation" in seen(recompute={"every": 2}, kernel="fused", connectivity="tridiagonal")[0]


@pytest.mark.parametrize("kernel", ["fused", "eager", "torch"])
@pytest.mark.parametrize("task", [None, {"adding": {"length": 7}}])
def test_the_arithmetic_of_the_phases_is_that_of_the_pass(kernel, task):
    found, step = seen(kernel=kernel, cell="gru", task=task, layers=2, input=4 if task is None else None)
    chosen = case(cell="gru", task=task, layers=2, input=4 if task is None else None).parameters
    scope = "layer" if task is None else "model"
    work = phase_work(chosen, scope, found, Adam(), step.weights)
    assert sum(one.flops for one in work.values()) == work_of(chosen, "training", scope).flops
    assert work["optimizer"].numbers == 7 * step.weights
    assert all(one.numbers > 0 for one in work.values())


def test_watching_changes_no_gradient():
    chosen = case(cell="gru", kernel="eager", task={"copying": {"blanks": 3}}, layers=2).parameters
    x = torch.randn(5, 2, chosen.input_size)

    def gradients(watched):
        network = build(chosen, draw(chosen), device="cpu", time_steps=chosen.time_steps, batch=chosen.batch)
        clock = counting_clock()
        for layer in network.layers if watched else ():
            object.__setattr__(layer.selection, "kernel", ObservedKernel(layer.selection.kernel, clock))
        clock.time(lambda: network(x).square().sum().backward())
        return [weight.grad for weight in network.parameters()]

    assert all(torch.equal(one, other) for one, other in zip(gradients(False), gradients(True), strict=True))


def test_which_kernels_say_their_phases():
    clock = counting_clock()
    whole = {name: ObservedKernel(load(name), clock).whole for name in ("fused", "taps", "torch", "eager", "reference")}
    assert whole == {"fused": False, "taps": False, "torch": True, "eager": False, "reference": False}


def test_a_profile_of_a_case(monkeypatch):
    monkeypatch.setattr("rnnbench.measure.profile.SECONDS", 0.01)
    observation = measure(case(connectivity="tridiagonal", time_steps=64, hidden=32), lambda *_: None)
    details = observation.figures["profile"].details
    named = {phase["name"]: phase for phase in details["phases"]}
    assert set(BY_AUTOGRAD) | {UNATTRIBUTED} <= set(named)
    assert sum(phase["seconds"] for phase in named.values()) == pytest.approx(details["marked_seconds"], rel=1e-9)
    assert named["input projection"]["flops"] == 2 * 64 * 2 * 32 * 32
    assert all(details[key] > 0 for key in ("plain_seconds", "marked_seconds", "profiled_seconds"))
    operators = {operator["name"] for operator in details["operators"]}
    assert {"_Layer", "aten::addmm"} <= operators
    states = 64 * 2 * 32 * 4
    assert details["memory"]["peak_bytes"] >= 2 * states
    assert all(len(point) == 3 for point in details["memory"]["points"])
    trace = json.loads(gzip.decompress(base64.b64decode(details["trace"])))
    tracks = {event["name"] for event in trace["traceEvents"] if event.get("cat") == "phase"}
    assert tracks == set(named)
    assert observation.kernel["name"] == "fused"
    json.dumps(observation.to_json(), allow_nan=False)


@pytest.mark.parametrize("how", [{"recompute": "stream"}, {"gradient": "rtrl"}])
def test_steps_that_are_no_pass_over_the_whole_sequence_are_refused(how):
    with pytest.raises(CaseFailure, match="a step through the whole sequence"):
        measure(case(connectivity="diagonal", **how), lambda *_: None)


def test_the_middle_half():
    assert middle([5.0, 1.0, 2.0, 3.0, 4.0, 100.0, 0.0, 2.5]) == [2.0, 2.5, 3.0, 4.0]
    assert middle([3.0]) == [3.0]


def test_a_thinned_timeline_keeps_its_ends_and_its_peaks():
    memory = [Held(float(at), at % 7) for at in range(100)]
    found = thinned(memory, 10)
    assert len(found) == 10
    assert (found[0], found[-1]) == (memory[0], memory[-1])
    assert {held.bytes for held in found[1:-1]} == {6}
    assert thinned(memory, 100) == memory
    assert thinned([], 10) == []
