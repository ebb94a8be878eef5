"""A calibration is kept for one machine, number of threads and torch; what is damaged or another's is none."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from known_apparatus import KnownApparatus

from rnnbench.machine import calibration, calibration_cache
from rnnbench.machine.calibration import Identity, calibrate
from rnnbench.machine.calibration_cache import cached_calibration, calibration_file, keep_calibration

IDENTITY = Identity("f00d", 2, "2.13.0+cpu")
CPU = ("cpu",)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """Return the folder that the cache is in."""
    monkeypatch.setattr(calibration_cache, "cache_folder", lambda: tmp_path / "caches")
    return tmp_path / "caches"


@pytest.fixture
def section(monkeypatch):
    """Return a calibration of a known machine."""
    monkeypatch.setattr(calibration, "is_busy", lambda: False)
    return calibrate(IDENTITY, CPU, lambda *_: None, lambda device: KnownApparatus())


def test_what_is_kept_is_found_again(section, folder):
    assert cached_calibration(IDENTITY, CPU) is None
    keep_calibration(section)
    assert cached_calibration(IDENTITY, CPU) == section
    assert [file.name for file in folder.iterdir()] == ["calibration-f00d-2-2.13.0+cpu.json"]


@pytest.mark.parametrize("other", [{"fingerprint": "cafe"}, {"threads": 1}, {"torch": "2.14.0"}], ids=str)
def test_another_machine_has_another_calibration(section, other):
    keep_calibration(section)
    assert cached_calibration(replace(IDENTITY, **other), CPU) is None
    # A file that was copied or renamed is not taken for what its name says.
    calibration_file(IDENTITY).rename(calibration_file(replace(IDENTITY, **other)))
    assert cached_calibration(replace(IDENTITY, **other), CPU) is None


def test_a_device_that_was_not_measured_is_missing(section):
    keep_calibration(section)
    assert cached_calibration(IDENTITY, ("cpu", "cuda:0")) is None


def test_what_was_measured_on_a_busy_machine_counts_until_it_is_quiet(section, monkeypatch):
    section["devices"]["cpu"]["busy"] = True
    keep_calibration(section)
    for busy in (True, False):
        monkeypatch.setattr(calibration_cache, "is_busy", lambda busy=busy: busy)
        assert cached_calibration(IDENTITY, CPU) == (section if busy else None)


def test_figures_of_other_devices_are_kept_beside_new_ones(section):
    keep_calibration(section)
    other = calibrate(IDENTITY, ["cuda:0"], lambda *_: None, lambda device: KnownApparatus(slow=2))
    keep_calibration(other)
    assert cached_calibration(IDENTITY, ("cpu", "cuda:0")) == {
        **section,
        "devices": {**section["devices"], **other["devices"]},
    }


def test_a_version_of_torch_cannot_lead_out_of_the_folder(folder):
    assert calibration_file(replace(IDENTITY, torch="../../x y")).parent == folder


def _damages(section):
    yield {}
    for key in section:
        yield {name: value for name, value in section.items() if name != key}
    for change in (
        {"format": 99},
        {"devices": []},
        {"devices": {"cpu": None}},
    ):
        yield {**section, **change}
    for name, value in (
        ("memory_bandwidth", None),
        ("gemm_peak", [1]),
        ("gemm_peak", {"float32": 3.0}),
        ("dependent_latency", {"value": 1.0}),
        ("cache_bytes", "much"),
        ("last_cache_bandwidth", {"value": 1.0}),
        ("private_cache_bytes", None),
    ):
        damaged = copy.deepcopy(section)
        damaged["devices"]["cpu"][name] = value
        yield damaged
    for value in (0, -1.0, True, "fast", float("nan"), float("inf")):
        damaged = copy.deepcopy(section)
        damaged["devices"]["cpu"]["cache_bandwidth"]["value"] = value
        yield damaged


def test_what_is_damaged_is_none(section):
    file = calibration_file(IDENTITY)
    file.parent.mkdir()
    for damaged in _damages(section):
        file.write_text(json.dumps(damaged))
        assert cached_calibration(IDENTITY, CPU) is None, damaged
    for content in (b"", b"{", b"[1]", b"\xff\xfe"):
        file.write_bytes(content)
        assert cached_calibration(IDENTITY, CPU) is None, content
    keep_calibration(section)
    assert cached_calibration(IDENTITY, CPU) == section


def test_without_a_folder_to_write_to_nothing_is_kept(section, folder):
    folder.write_text("a file is in the way")
    keep_calibration(section)
    assert cached_calibration(IDENTITY, CPU) is None


def test_without_a_home_nothing_is_kept(section, monkeypatch):
    def homeless():
        raise RuntimeError("no home")

    monkeypatch.setattr(calibration_cache, "cache_folder", homeless)
    keep_calibration(section)
    assert cached_calibration(IDENTITY, CPU) is None
