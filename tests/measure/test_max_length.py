"""How long a sequence can be: real probes against a budget, and gradients against their closed form."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from rnnbench.machine.allocator import GIVES_BACK
from rnnbench.measure import memory_limit
from rnnbench.measure.failure import CaseFailure
from rnnbench.measure.gradient_limit import LONGEST, decay, gradient_limit, reach
from rnnbench.measure.memory_probe import Request
from rnnbench.measure.perform import perform
from rnnbench.models.network import build
from rnnbench.models.weights import draw
from tests.cases import ignore_progress, make_case

MIB = 1 << 20


@pytest.fixture
def killed(monkeypatch):
    """Kill every probe, once it has its request."""
    read = memory_limit._read

    def kill(process):
        os.kill(process.pid, signal.SIGKILL)
        return read(process)

    monkeypatch.setattr(memory_limit, "_read", kill)


def case_of(max_length=None, **parameters):
    shape = {"hidden": 64, "input": 8, "batch": 16, "connectivity": "diagonal", **parameters}
    return make_case({"max_length": {"budget": 24 * MIB, "longest": 1 << 14, **(max_length or {})}}, **shape)


def request_of(case, time_steps, budget=1 << 30, scope="layer"):
    parameters = case.resolved()
    del parameters["measure"]
    return Request(parameters, scope, "cpu", 1, time_steps, budget)


def run_probe(request):
    with memory_limit.Prober() as prober:
        return prober.run(request)


def identity_network(u, **changes):
    settings = {"connectivity": "diagonal", "activation": "identity", "dtype": "float64", "hidden": 5, "input": 3}
    parameters = make_case({"memory": {}}, **{**settings, **changes}).parameters
    network = build(parameters, draw(parameters), device="cpu", time_steps=5, batch=2, scope="recurrence")
    with torch.no_grad():
        network.first_layer().recurrent["bands"].fill_(u)
    return network, parameters


@pytest.mark.parametrize("u", [0.5, 0.9, -0.9, 0.99])
def test_the_reach_of_a_linear_unit_is_ln_1e_6_over_ln_u(u):
    network, parameters = identity_network(u)
    figure = gradient_limit([network], parameters)
    assert figure.values == (pytest.approx(math.log(1e-6) / math.log(abs(u)), rel=1e-9),)


def test_an_exploding_gradient_no_longer_reaches_either():
    network, parameters = identity_network(1.1)
    assert gradient_limit([network], parameters).values == (pytest.approx(math.log(1e6) / math.log(1.1)),)


def test_a_unit_that_forgets_nothing_reaches_beyond_the_longest_lag():
    network, parameters = identity_network(1.0)
    figure = gradient_limit([network], parameters)
    assert figure.values == (None,)
    assert figure.details["longest_lag"] == LONGEST - 1
    assert set(figure.details["curve"][0]) == {1.0}


def test_without_memory_no_lag_is_reached():
    network, parameters = identity_network(0.0)
    assert gradient_limit([network], parameters).values == (0.0,)


def test_every_replica_has_its_own_reach_and_curve():
    us = (0.5, 0.99, 0.8)
    networks = [identity_network(u)[0] for u in us]
    figure = gradient_limit(networks, identity_network(0.5)[1])
    assert figure.values == tuple(pytest.approx(math.log(1e-6) / math.log(u)) for u in us)
    lags = figure.details["lags"]
    assert lags[:8] == list(range(8))
    assert 1375 <= figure.details["longest_lag"] < 4096
    assert len(lags) <= 80
    for u, curve in zip(us, figure.details["curve"], strict=True):
        known = [value for value in curve if value is not None]
        assert known == [pytest.approx(u**lag) for lag in lags[: len(known)]]
        assert u ** lags[len(known) - 1] < 1e-4 or len(known) == len(lags)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_cell_has_a_ratio_for_every_lag(cell):
    parameters = make_case({"memory": {}}, cell=cell, connectivity="tridiagonal", hidden=4, input=3).parameters
    network = build(parameters, draw(parameters), device="cpu", time_steps=5, batch=2, scope="recurrence")
    ratios = decay(network, parameters, 6)
    assert len(ratios) == 6
    assert ratios[0] == 1
    assert min(ratios) > 0


@pytest.mark.parametrize(
    ("ratios", "lag"),
    [
        ([1.0, 1e-3, 1e-6, 1e-9], 2.0),
        ([1.0, 1e3, 1e9], 1.5),
        ([1.0, 1e-3, 0.0], 1.0),
        ([1.0, float("nan")], 0.0),
        ([1.0, 1e-5, 1.0], None),
        ([1.0], None),
    ],
)
def test_where_a_curve_leaves_the_range(ratios, lag):
    assert reach(ratios) == (None if lag is None else pytest.approx(lag))


def test_a_real_search_ends_between_what_fits_and_what_does_not():
    observation = perform("max_length", case_of({"limits": ["memory"]}), ignore_progress)
    assert set(observation.figures) == {"max_length_memory", "bytes_per_time_step", "fixed_memory"}
    figure = observation.figures["max_length_memory"]
    details = figure.details
    assert details["budget"] == 24 * MIB
    assert details["fits"] == figure.values[0]
    assert 0 < details["fails"] - details["fits"] <= max(1, details["fits"] // 64)
    for probe in details["probes"]:
        if probe["peak_bytes"] is not None:
            assert probe["fits"] == (probe["peak_bytes"] <= 24 * MIB)
    # input (8 numbers a step and sequence) and h (64) at the least; a second h, and chunks, at the most
    per_step = observation.figures["bytes_per_time_step"].values[0]
    assert 0.9 * (8 + 64) <= per_step / (4 * 16) <= 4 * (8 + 64)
    assert observation.kernel["name"] == "fused"


def test_gradients_alone_take_no_probe(monkeypatch):
    monkeypatch.setattr(memory_limit.Prober, "run", lambda self, request: pytest.fail("a probe was taken"))
    observation = perform("max_length", case_of({"limits": ["gradient"]}), ignore_progress)
    assert set(observation.figures) == {"max_length_gradient"}
    assert len(observation.figures["max_length_gradient"].values) == 20


def test_a_dense_nn_rnn_has_a_reach_as_well():
    case = case_of({"limits": ["gradient"]}, connectivity="dense", kernel="torch")
    observation = perform("max_length", case, ignore_progress)
    assert observation.kernel["name"] == "torch"
    assert len(observation.figures["max_length_gradient"].values) == 20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit on address space is Linux's")
def test_a_probe_cannot_take_much_more_than_its_budget():
    probe = run_probe(request_of(case_of(batch=512), 1 << 20, budget=8 * MIB))
    assert probe == (1 << 20, False, None, "the allocator got no more memory")


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([{"vmstat": 3}, {"vmstat": 4}], "killed by the system for want of memory"),
        ([{}, {}], "killed, most likely for want of memory: this system does not say why"),
    ],
)
def test_a_probe_that_is_killed_for_memory_fails_and_says_so(counts, reason, killed, monkeypatch):
    monkeypatch.setattr(memory_limit, "oom_kills", lambda: counts.pop(0))
    assert run_probe(request_of(case_of(), 1 << 14)) == (1 << 14, False, None, reason)


def test_the_search_goes_on_where_a_probe_was_killed_for_memory(monkeypatch):
    """The system kills every probe of more than 100 steps."""
    read, run = memory_limit._read, memory_limit.Prober.run
    asked = []

    def kill_long_ones(process):
        if asked[-1] > 100:
            os.kill(process.pid, signal.SIGKILL)
        return read(process)

    def remember(self, request):
        asked.append(request.time_steps)
        return run(self, request)

    monkeypatch.setattr(memory_limit, "_read", kill_long_ones)
    monkeypatch.setattr(memory_limit.Prober, "run", remember)
    kills = iter(range(1000))
    monkeypatch.setattr(memory_limit, "oom_kills", lambda: {"vmstat": next(kills)})
    case = case_of({"limits": ["memory"], "longest": 256}, hidden=8)
    figures = perform("max_length", case, ignore_progress).figures
    details = figures["max_length_memory"].details
    assert details["reason"] == "killed by the system for want of memory"
    assert details["fits"] <= 100 < details["fails"]
    assert details["fails"] - details["fits"] <= 2
    assert asked[-1] == details["fits"]


def test_a_probe_that_somebody_else_killed_is_no_length(killed, monkeypatch):
    monkeypatch.setattr(memory_limit, "oom_kills", lambda: {"vmstat": 3})
    with pytest.raises(CaseFailure, match="was killed, and not for want of memory"):
        run_probe(request_of(case_of(), 1 << 14))


def test_a_probe_that_ends_with_another_error_is_no_length(monkeypatch):
    request = request_of(case_of(connectivity="dense", kernel="scan"), 4)
    with pytest.raises(CaseFailure, match=r"a probe of 4 time steps failed:(.|\n)*a scan needs"):
        run_probe(request)


def test_while_a_probe_runs_the_next_process_starts_and_none_is_left(monkeypatch):
    started = []
    start = memory_limit._start
    monkeypatch.setattr(memory_limit, "_start", lambda: started.append(start()) or started[-1])
    request = request_of(case_of(), 4)
    with memory_limit.Prober() as prober:
        first = prober.run(request)
        spare = started[1].pid
        assert first.fits
        assert prober.run(request).fits
        assert started[1].pid == spare
        assert started[1].returncode == 0
        # One that died while it waited is replaced.
        started[2].kill()
        started[2].wait()
        assert prober.run(request).fits
    assert [process.poll() is not None for process in started] == [True] * len(started)
    assert len(started) == 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the environment where Linux shows it")
def test_a_probe_gives_freed_buffers_back_whatever_its_parent_does(monkeypatch):
    monkeypatch.setenv("MALLOC_MMAP_MAX_", "0")
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1099511627776")
    with memory_limit._start() as process:
        variables, deadline = [""], time.monotonic() + 30
        while variables == [""] and time.monotonic() < deadline:  # empty until the program has begun
            variables = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
        process.kill()
    found = {line for line in variables if line.startswith("MALLOC_")}
    assert found == {f"{name}={value}" for name, value in GIVES_BACK.items()}


def test_a_probe_that_is_asked_nothing_ends_without_a_word():
    command = [sys.executable, "-m", "rnnbench.measure.memory_probe"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_probe_ends_with_its_parent():
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnbench.measure.memory_probe"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    request = request_of(case_of(batch=64, hidden=512, input=512), 1 << 14, budget=16 << 30)
    process.stdin.write(json.dumps(request.__dict__).encode() + b"\n")
    process.stdin.flush()
    time.sleep(2)  # it has begun, and would take much longer
    process.stdin.close()
    assert process.wait(timeout=30) == 1


@pytest.mark.parametrize(
    ("written", "budget"),
    [("1GiB", 1 << 30), ("512 MiB", 1 << 29), ("2GB", 2 * 10**9), (4096, 4096), ("device", "device")],
)
def test_budgets_are_written_as_people_do(written, budget):
    assert case_of({"budget": written}).measure.max_length.budget == budget


def test_device_is_what_is_free():
    assert 0 < memory_limit.free_bytes("cpu") < 1 << 50
