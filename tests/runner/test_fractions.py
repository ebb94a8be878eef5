"""Beside every time stands what share of the machine's reach it is, from the closed forms of work and roofline."""

from __future__ import annotations

import copy

import pytest

from rnnbench.runner.fractions import fractions
from rnnbench.suite.case import Case
from rnnbench.suite.schema import Measure, Parameters
from tests.documents import calibration, throughput
from tests.documents import case as entry

T, B, H = 1000, 10, 100
SHAPE = {"time_steps": T, "batch": B, "hidden": H, "input": H, "bias": False}
FLOPS = 2 * T * B * (H * H + H * H)
BYTES = 4 * (2 * T * B * H + 2 * H * H)
FORWARD, TRAINING = 0.01, 0.03
CPU = calibration()["devices"]["cpu"]


def timed(**given):
    """Return a case and its metrics, timed forward and in training."""
    made = Case("a", Parameters.model_validate({**SHAPE, **given}), Measure(throughput={}))
    return made, entry("a", launches=throughput(FORWARD, TRAINING, noise=0.01), **{**SHAPE, **given})["metrics"]


def test_fractions_are_least_work_over_time_over_reach():
    case, metrics = timed()
    time = metrics["forward_time.layer"]["value"]
    found = fractions(case, metrics, "fused", CPU)
    assert set(found) == {
        f"{name}.{run}.layer" for name in ("flops_fraction", "bandwidth_fraction") for run in ("forward", "training")
    }
    flops, moved = found["flops_fraction.forward.layer"], found["bandwidth_fraction.forward.layer"]
    assert flops["value"] == pytest.approx(FLOPS / 100e9 / time)
    assert moved["value"] == pytest.approx(BYTES / 200e9 / time)
    assert (flops["unit"], flops["better"]) == ("1", "higher")
    low, high = metrics["forward_time.layer"]["ci95"]
    assert flops["ci95"] == pytest.approx([FLOPS / 100e9 / high, FLOPS / 100e9 / low])


def test_details_have_the_floor_and_what_sets_it():
    case, metrics = timed()
    details = fractions(case, metrics, "fused", CPU)["flops_fraction.forward.layer"]["details"]
    assert details["floor_time"] == pytest.approx(FLOPS / 100e9)
    assert details["bound"] == "compute"
    assert details["floor_fraction"] == pytest.approx(details["floor_time"] / metrics["forward_time.layer"]["value"])
    assert (details["flops"], details["bytes"], details["steps"]) == (FLOPS, BYTES, T)


def test_a_loop_over_operations_waits_for_each_of_them_and_a_compiled_one_does_not():
    case, metrics = timed(connectivity="diagonal", input=1)
    for kernel, bound, seconds in (("eager", "latency", 2 * T * 1e-6), ("fused", "compute", None)):
        details = fractions(case, metrics, kernel, CPU)["flops_fraction.training.layer"]["details"]
        assert details["bound"] == bound
        assert seconds is None or details["floor_time"] == pytest.approx(seconds)


def test_times_without_an_interval_give_shares_without_one():
    case, _ = timed()
    metrics = entry("a", launches=throughput(FORWARD, TRAINING)[:1], **SHAPE)["metrics"]
    found = fractions(case, metrics, "fused", CPU)["flops_fraction.forward.layer"]
    assert found["ci95"] is None
    assert "few_launches" in found["flags"]


def test_a_device_or_dtype_that_was_not_measured_gives_none():
    case, metrics = timed()
    assert fractions(case, metrics, "fused", None) == {}
    device = copy.deepcopy(CPU)
    del device["gemm_peak"]["float32"]
    assert fractions(case, metrics, "fused", device) == {}
