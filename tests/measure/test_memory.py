"""Counts are closed forms; saved bytes are counted, not estimated; the peak follows what is allocated."""

import subprocess
import sys

import pytest
import torch

from rnnbench.measure import high_water
from rnnbench.measure import memory as module
from rnnbench.measure.perform import perform
from tests.cases import ignore_progress, make_case


def figures(**parameters):
    scope = parameters.pop("scope", "layer")
    shape = {"hidden": 8, "input": 3, "time_steps": 6, "batch": 2, **parameters}
    return perform("memory", make_case({"memory": {"scope": scope}}, **shape), ignore_progress).figures


@pytest.mark.parametrize(
    ("connectivity", "recurrent", "stored"),
    [
        ("dense", 64, 64),
        ("diagonal", 8, 8),
        ("tridiagonal", 22, 24),
        ("banded(1,1,true)", 24, 24),
        ("block_diagonal(4)", 16, 16),
        ("random(11)", 11, 11),
        ("upper_triangular", 36, 36),
        ("none", 0, 0),
    ],
)
def test_weights_are_counted_in_closed_form(connectivity, recurrent, stored):
    found = figures(connectivity=connectivity, layers=2)
    others = (8 * 3 + 8) + (8 * 8 + 8) + (8 + 1)
    assert found["recurrent_parameters"].values == (2 * recurrent,)
    assert found["total_parameters"].values == (2 * recurrent + others,)
    assert found["parameter_bytes"].values == ((2 * stored + others) * 4,)


@pytest.mark.parametrize(("cell", "gates", "recurrent_biases"), [("lstm", 4, 0), ("gru", 3, 8)])
@pytest.mark.parametrize(("connectivity", "recurrent"), [("dense", 64), ("tridiagonal", 22), ("none", 0)])
@pytest.mark.parametrize("bias", [True, False])
def test_the_weights_of_every_gate_are_counted(cell, gates, recurrent_biases, connectivity, recurrent, bias):
    found = figures(cell=cell, connectivity=connectivity, layers=2, bias=bias)
    inputs = gates * (8 * 3 + 8 * 8) + 8
    biases = 2 * (gates * 8 + recurrent_biases) + 1 if bias else 0
    assert found["recurrent_parameters"].values == (2 * gates * recurrent,)
    assert found["total_parameters"].values == (2 * gates * recurrent + inputs + biases,)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kernel", "kept"), [("eager", 6 + 1), ("fused", 6)])
def test_a_dense_layer_saves_its_states_once(kernel, kept, dtype):
    size = {"float32": 4, "float64": 8}[dtype]
    found = figures(connectivity="dense", activation="sigmoid", dtype=dtype, kernel=kernel)
    # Each h_t of B H numbers is kept once (eager: h_0 as well); weights and input are not new.
    assert found["saved_activation_bytes"].values == (kept * 2 * 8 * size,)


def test_saved_bytes_count_a_storage_once_and_leave_out_what_was_given():
    weight, x = torch.randn(5, 5, requires_grad=True), torch.randn(4, 5)

    def forward():
        y = torch.mm(x, weight).tanh()  # saves y
        return (y * y[:, :1]).sum()  # saves views of y: nothing new

    assert module.saved_bytes(forward, [weight, x]) == 4 * 5 * 4
    assert module.saved_bytes(forward, [weight]) == 2 * 4 * 5 * 4


def test_the_high_water_mark_follows_allocations_and_can_be_reset():
    code = """
import numpy as np
from rnnbench.measure import high_water
size = 96 << 20
peaks = []
for touched in (size, 0, size // 2):
    resettable = high_water.reset()
    before = high_water.current_bytes()
    block = np.ones(touched, dtype=np.uint8)
    peaks.append(high_water.peak_bytes() - before)
    del block
print(resettable, *peaks)
"""
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    resettable, full, nothing, half = out[0], *map(int, out[1:])
    assert full == pytest.approx(96 << 20, rel=0.05)
    if sys.platform.startswith("linux"):
        assert resettable == "True"
        assert half == pytest.approx(48 << 20, rel=0.05)
        assert nothing < 2 << 20


def test_the_peak_of_a_training_step_covers_what_autograd_keeps():
    found = figures(connectivity="dense", activation="sigmoid", hidden=256, time_steps=256, batch=32, kernel="eager")
    saved, peak = found["saved_activation_bytes"].values[0], found["peak_memory"].values[0]
    assert saved == 257 * 32 * 256 * 4
    assert saved < peak < 12 * saved
    assert len(found["peak_memory"].details["steps"]) == module.STEPS


def test_the_peak_is_flagged_where_the_mark_cannot_be_reset(monkeypatch):
    monkeypatch.setattr(high_water, "reset", lambda: False)
    assert figures()["peak_memory"].flags == ("peak_since_process_start",)


def test_the_mark_cannot_be_reset_without_the_kernels_file(monkeypatch, tmp_path):
    monkeypatch.setattr(high_water, "_CLEAR_REFS", tmp_path / "absent" / "clear_refs")
    assert high_water.reset() is False


def test_elsewhere_psutil_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(high_water, "_STATUS", tmp_path / "absent")
    assert high_water.current_bytes() > 1 << 20
    assert high_water.peak_bytes() >= high_water.current_bytes() * 0.9


def test_the_model_scope_weighs_readout_and_loss_too():
    layer = figures(task="binary_addition(8)", input=2, scope="layer")["saved_activation_bytes"].values[0]
    model = figures(task="binary_addition(8)", input=2, scope="model", layers=2)["saved_activation_bytes"].values[0]
    assert model > 2 * layer


def test_on_cuda_the_peak_is_the_allocators(monkeypatch):
    log = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: log.append(f"wait for {device}"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: log.append(f"reset {device}"))
    monkeypatch.setattr(torch.cuda, "memory_allocated", {"cuda:1": 1000}.__getitem__)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", {"cuda:1": 5000}.__getitem__)

    figure = module._peak(lambda: log.append("step"), "cuda:1", "layer")
    assert figure.values == (4000,)
    wait = "wait for cuda:1"
    assert log[:6] == ["step", wait, "reset cuda:1", "step", wait, wait]
