"""A calibration finds the figures of a machine whose figures are known, within seconds, and says how."""

from __future__ import annotations

import json
from types import SimpleNamespace

import psutil
import pytest
import torch
from known_apparatus import ADDITION, CACHE, DISPATCH, LAST_CACHE, MEMORY, PEAKS, KnownApparatus

from rnnbench.machine.bandwidth import cache_bandwidth, last_cache_bandwidth, memory_bandwidth
from rnnbench.machine.busy import is_busy
from rnnbench.machine.calibration import Identity, calibrate
from rnnbench.machine.gemm_peak import LONG_ENOUGH_SECONDS, gemm_peak
from rnnbench.machine.latency import dependent_latency, dispatch_latency
from rnnbench.machine.repeats import BLOCK_SECONDS, FEWEST_REPEATS, REPEATS, Estimate, Stopwatch, rate, seconds_of
from rnnbench.machine.torch_apparatus import TorchApparatus

MIB = 1 << 20


def test_an_estimate_is_the_median_of_its_repeats_with_their_spread():
    estimate = rate(6.0, "bytes/s", [3.0, 1.0, 2.0], array_bytes=3)
    assert estimate.repeats == (2.0, 6.0, 3.0)
    assert (estimate.value, estimate.spread) == (3.0, 4.0 / 3.0)
    assert estimate.to_json()["details"] == {"array_bytes": 3}


@pytest.mark.parametrize(("seconds", "repeats"), [(1e-6, REPEATS), (0.02, REPEATS), (0.6, FEWEST_REPEATS)])
def test_short_works_fill_a_block_and_long_ones_are_repeated_less(seconds, repeats):
    time, calls = [0.0], [0]

    def work():
        time[0] += seconds
        calls[0] += 1

    taken = seconds_of(work, Stopwatch(lambda: time[0]))
    assert taken == pytest.approx([seconds] * repeats)
    assert (calls[0] - 2) / repeats * seconds >= min(seconds, 0.999 * BLOCK_SECONDS)


def test_the_device_is_waited_for_before_and_after_each_repeat():
    apparatus = KnownApparatus()
    seconds_of(apparatus.copy(MIB), apparatus.stopwatch)
    assert apparatus.waits == 2 * (REPEATS + 2)


def test_a_copy_counts_bytes_read_and_written_in_arrays_of_four_caches():
    apparatus = KnownApparatus(cache_bytes=32 * MIB)
    estimate = memory_bandwidth(apparatus)
    assert estimate.value == pytest.approx(MEMORY)
    assert estimate.details == {"array_bytes": 128 * MIB, "beyond_caches": True}


def test_where_memory_is_short_the_arrays_are_smaller_and_the_figure_says_so():
    estimate = memory_bandwidth(KnownApparatus(free_bytes=160 * MIB, cache_bytes=32 * MIB))
    assert estimate.details == {"array_bytes": 20 * MIB, "beyond_caches": False}
    assert memory_bandwidth(KnownApparatus(cache_bytes=None)).details["beyond_caches"] is False


def test_copies_in_the_cache_stay_in_what_the_threads_have_to_themselves():
    apparatus = KnownApparatus()
    estimate = cache_bandwidth(apparatus)
    assert estimate.value == pytest.approx(CACHE)
    assert 2 * estimate.details["array_bytes"] == apparatus.threads * apparatus.private_cache_bytes / 2


def test_copies_in_the_last_cache_fit_into_it_and_into_no_other():
    apparatus = KnownApparatus(cache_bytes=64 * MIB)
    estimate = last_cache_bandwidth(apparatus)
    assert estimate.value == pytest.approx(LAST_CACHE)
    assert 2 * estimate.details["array_bytes"] == 16 * MIB  # sqrt(4 x 64)


@pytest.mark.parametrize("cache_bytes", [None, 15 * MIB])
def test_a_last_cache_that_is_hardly_larger_than_the_others_or_unknown_has_no_figure(cache_bytes):
    assert last_cache_bandwidth(KnownApparatus(cache_bytes=cache_bytes)) is None


def test_the_peak_is_that_of_the_largest_product_it_takes_to_reach_it():
    apparatus = KnownApparatus()
    estimate = gemm_peak(apparatus, "float32")
    assert estimate.value == pytest.approx(PEAKS["float32"], rel=0.01)
    assert estimate.value < PEAKS["float32"]
    assert apparatus.multiplied == [256, 512, 1024, 2048]
    assert 2 * 2048**3 / PEAKS["float32"] >= LONG_ENOUGH_SECONDS > 2 * 1024**3 / PEAKS["float32"]
    assert gemm_peak(apparatus, "bfloat16") is None


def test_latencies_are_those_of_one_operation():
    assert dispatch_latency(KnownApparatus()).value == pytest.approx(DISPATCH)
    assert dependent_latency(KnownApparatus()).value == pytest.approx(ADDITION)


def test_a_slow_machine_takes_seconds_too():
    apparatus = KnownApparatus(slow=10)
    calibrate(Identity("f", 4, "2"), ["cpu"], lambda *_: None, lambda device: apparatus)
    assert apparatus.time < 15


@pytest.mark.parametrize(("load", "busy"), [(1.9, False), (2.1, True)])
def test_it_says_whether_other_work_was_at_the_machine(monkeypatch, load, busy):
    monkeypatch.setattr(psutil, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    section = calibrate(Identity("f", 4, "2"), ["cpu"], lambda *_: None, lambda device: KnownApparatus())
    assert section["devices"]["cpu"]["busy"] is busy


def test_a_system_without_a_load_is_not_busy(monkeypatch):
    monkeypatch.delattr(psutil, "getloadavg")
    assert not is_busy()


def test_the_section_is_json_that_says_what_it_belongs_to():
    said = []
    section = calibrate(
        Identity("f00d", 4, "2.13.0"),
        ["cpu", "cuda:0"],
        lambda done, total, note: said.append((done, total, note)),
        lambda device: KnownApparatus(),
    )
    assert json.loads(json.dumps(section, allow_nan=False)) == section
    assert (section["fingerprint"], section["threads"], section["torch"]) == ("f00d", 4, "2.13.0")
    assert list(section["devices"]) == ["cpu", "cuda:0"]
    assert set(section["devices"]["cpu"]["gemm_peak"]) == {"float32", "float64"}
    assert section["devices"]["cpu"]["dependent_latency"]["unit"] == "s"
    assert [done for done, _, _ in said] == list(range(16))
    assert said[8] == (8, 16, "cuda:0: copies through memory")


class TestTorch:
    """The works that torch does are those that are asked for."""

    def test_a_copy_multiplication_and_running_sum_are_done(self):
        apparatus = TorchApparatus("cpu")
        assert float(apparatus.copy(4096)().sum()) == 1024
        assert apparatus.multiply("float64", 8)().shape == (8, 8)
        assert apparatus.running_sum(5)().tolist() == [1, 2, 3, 4, 5]
        apparatus.small_operations(3)()
        assert apparatus.free_bytes > 0

    def test_a_dtype_that_cannot_be_multiplied_is_none(self):
        assert TorchApparatus("cpu").multiply("bool", 8) is None

    def test_a_gpu_is_waited_for_and_has_its_own_cache_and_memory(self, monkeypatch):
        waited = []
        monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (5 << 30, 8 << 30))
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(L2_cache_size=50 << 20))
        apparatus = TorchApparatus("cuda:1")
        apparatus.stopwatch.seconds(lambda: None, 1)
        assert waited == ["cuda:1", "cuda:1"]
        assert apparatus.free_bytes == 5 << 30
        assert (apparatus.threads, apparatus.last_level_cache_bytes, apparatus.private_cache_bytes) == (
            1,
            50 << 20,
            50 << 20,
        )
        assert apparatus.running_sum(3) is None

    def test_figures_of_this_machine_are_possible(self):
        apparatus = TorchApparatus("cpu")
        estimate = dispatch_latency(apparatus)
        assert isinstance(estimate, Estimate)
        assert dependent_latency(apparatus).value < estimate.value
