"""The floor of a work is the largest of three quotients, and says which."""

from __future__ import annotations

import pytest

from rnnbench.machine.roofline import Floor, Reach, floor, reach_of
from tests.documents import calibration

REACH = Reach(flops=100.0, bandwidth=10.0, latency=0.5)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ((800.0, 10.0, 4), Floor(8.0, "compute")),
        ((100.0, 90.0, 4), Floor(9.0, "bandwidth")),
        ((100.0, 10.0, 20), Floor(10.0, "latency")),
    ],
)
def test_the_largest_limit_binds(work, expected):
    assert floor(*work, REACH) == expected


@pytest.mark.parametrize(
    ("moved_bytes", "bandwidth"),
    [(16 << 20, 200e9), ((16 << 20) + 1, 100e9), (64 << 20, 100e9), ((64 << 20) + 1, 50e9)],
)
def test_what_fits_into_a_cache_moves_as_fast_as_it_does(moved_bytes, bandwidth):
    assert reach_of(calibration()["devices"]["cpu"], "float32", moved_bytes, False).bandwidth == bandwidth


def test_each_dtype_has_its_peak_and_each_kind_of_step_its_latency():
    device = calibration()["devices"]["cpu"]
    assert reach_of(device, "float32", 1, False) == Reach(100e9, 200e9, 1e-9)
    assert reach_of(device, "float64", 1, True) == Reach(50e9, 200e9, 1e-6)
    assert reach_of(device, "float16", 1, True) is None


def test_what_is_not_known_does_not_raise_the_floor():
    device = calibration()["devices"]["cpu"]
    device["cache_bytes"] = device["dependent_latency"] = None
    assert reach_of(device, "float32", 1 << 40, False) == Reach(100e9, 100e9, 0.0)
    device["last_cache_bandwidth"] = None
    assert reach_of(device, "float32", 1 << 40, False) == Reach(100e9, 200e9, 0.0)


def test_what_was_reached_once_can_be_reached():
    device = calibration()["devices"]["cpu"]
    device["gemm_peak"]["float32"]["repeats"] = [100e9, 130e9, 90e9]
    device["dispatch_latency"]["repeats"] = [2e-6, 1e-6, 3e-6]
    assert reach_of(device, "float32", 1, True) == Reach(130e9, 200e9, 1e-6)
