"""What a timing of a case runs, and what it refuses to time."""

import pytest
import torch

from rnnbench.measure import throughput as module
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.perform import perform
from tests.cases import ignore_progress, make_case

QUICK = {"max_seconds": 0.02}


def case_of(throughput=None, **parameters):
    shape = {"hidden": 6, "input": 3, "time_steps": 7, "batch": 2, **parameters}
    return make_case({"throughput": {**QUICK, **(throughput or {})}}, **shape)


def test_every_scope_and_pass_is_timed():
    case = case_of({"scopes": ["recurrence", "layer", "model"]}, connectivity="tridiagonal", task=None)
    observation = perform("throughput", case, ignore_progress)
    assert set(observation.figures) == {
        f"{name}.{scope}"
        for name in ("forward_time", "training_time", "first_call_time")
        for scope in ("recurrence", "layer", "model")
    }
    for key, figure in observation.figures.items():
        assert figure.form == "timing"
        assert all(seconds > 0 for seconds in figure.values)
        if not key.startswith("first_call"):
            assert figure.details["time_steps_per_call"] == 14
            assert figure.details["stopped"] in ("precision", "time")
    assert observation.kernel["name"] == "fused"
    assert observation.agreement["max_error"] <= observation.agreement["tolerance"]


def test_one_pass_alone():
    observation = perform("throughput", case_of({"passes": ["forward"]}), ignore_progress)
    assert set(observation.figures) == {"forward_time.layer", "first_call_time.layer"}
    assert observation.kernel["name"] == "fused"


def calls_of(case, scope):
    settings = case.measure.throughput
    network = module._network(case.parameters, "cpu", scope, settings)
    return network, dict(module._calls(case.parameters, network, scope, settings))


def test_the_passes_do_what_they_say():
    network, calls = calls_of(case_of(connectivity="diagonal", layers=2), "layer")
    assert list(calls) == ["training", "forward"]
    states = calls["forward"]()
    assert states.shape == (7, 2, 6)
    assert not states.requires_grad
    gradients = calls["training"]()
    assert [g.shape for g in gradients] == [weight.shape for weight in network.first_layer().parameters()]


def test_the_recurrence_scope_takes_the_gradient_by_z_and_leaves_w_alone():
    network, calls = calls_of(case_of(connectivity="diagonal"), "recurrence")
    by_z, by_bands = calls["training"]()
    assert by_z.shape == (7, 2, 6)
    assert by_bands.shape == network.first_layer().recurrent["bands"].shape


@pytest.mark.parametrize(("cell", "gates", "weights"), [("lstm", 4, ["bands"]), ("gru", 3, ["bands", "bias"])])
def test_the_recurrence_of_a_gated_cell_is_given_z_of_every_gate(cell, gates, weights):
    network, calls = calls_of(case_of(connectivity="tridiagonal", cell=cell), "recurrence")
    by_z, *by_weights = calls["training"]()
    assert by_z.shape == (7, 2, gates * 6)
    recurrent = network.first_layer().recurrent
    assert list(recurrent) == weights
    assert [gradient.shape for gradient in by_weights] == [weight.shape for weight in recurrent.values()]
    assert calls["forward"]().shape == (7, 2, 6)


def test_the_model_scope_runs_all_layers_readout_and_loss():
    network, calls = calls_of(case_of(layers=2, task="binary_addition(8)", input=2), "model")
    assert calls["forward"]().dim() == 0
    assert len(calls["training"]()) == len(list(network.parameters()))


def test_a_kernel_that_disagrees_is_never_timed(monkeypatch):
    from rnnbench.kernels.eager import EagerKernel

    correct = EagerKernel.states
    monkeypatch.setattr(EagerKernel, "states", lambda *a, **k: (correct(*a, **k)[0] * 1.001, correct(*a, **k)[1]))
    with pytest.raises(CaseFailure, match="disagrees with the float64 reference") as failure:
        perform("throughput", case_of(connectivity="diagonal", kernel="eager"), ignore_progress)
    assert failure.value.status == "error"
    assert failure.value.agreement["max_error"] > failure.value.agreement["tolerance"]


def test_values_that_are_not_finite_are_not_timed():
    case = case_of(connectivity="dense", activation="identity", initialisation="uniform(100,200)", time_steps=40)
    with pytest.raises(CaseFailure, match=r"not finite .*a bounded activation instead of 'identity'"):
        perform("throughput", case, ignore_progress)
    case = case_of(connectivity="dense", cell="gru", initialisation="uniform(-3e38,3e38)", batch=40, hidden=20)
    with pytest.raises(CaseFailure, match=r"not finite .*: use smaller initial weights$"):
        perform("throughput", case, ignore_progress)


def test_a_kernel_that_cannot_serve_fails_the_case_with_the_reason():
    with pytest.raises(CaseFailure, match=r"nn\.RNN is dense, not diagonal"):
        perform("throughput", case_of(connectivity="diagonal", kernel="torch"), ignore_progress)


def test_the_cuda_clock_reads_events_in_seconds(monkeypatch):
    from rnnbench.measure.clock import clock_of

    log = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self, stream):
            log.append(f"record on {stream}")

        def synchronize(self):
            log.append("synchronize")

        def elapsed_time(self, other):
            return 250.0  # milliseconds

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: f"the stream of {device}")
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: log.append(f"wait for {device}"))
    clock = clock_of("cuda:1")
    clock.synchronise()
    assert clock.device_seconds(lambda: log.append("work")) == 0.25
    recorded = "record on the stream of cuda:1"
    assert log == ["wait for cuda:1", recorded, "work", recorded, "synchronize"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_case_is_timed_on_a_gpu():
    observation = perform("throughput", case_of(connectivity="tridiagonal", device="cuda"), ignore_progress)
    assert observation.figures["training_time.layer"].details["device_seconds"] > 0
