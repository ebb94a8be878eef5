"""Conditions say what the platform says, and null where it is silent."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import psutil
import pytest

from rnnbench.machine.conditions import conditions, throttle_count

KEYS = {
    "time",
    "load",
    "frequency_hz",
    "temperature_celsius",
    "throttle_count",
    "throttled_seconds",
    "busy_seconds",
    "steal_seconds",
    "available_memory_bytes",
}


def test_conditions_are_json_with_a_time_in_utc():
    now = conditions()
    assert set(now) == KEYS
    assert json.loads(json.dumps(now)) == now
    assert abs((datetime.now(timezone.utc) - datetime.fromisoformat(now["time"])).total_seconds()) < 60
    assert 0 < now["available_memory_bytes"] <= psutil.virtual_memory().total


def test_a_platform_that_says_nothing_gives_nulls(monkeypatch: pytest.MonkeyPatch):
    def silent(*_: object, **__: object) -> None:
        raise NotImplementedError

    for name in ("getloadavg", "cpu_freq", "cpu_times", "virtual_memory"):
        monkeypatch.setattr(psutil, name, silent)
    monkeypatch.delattr(psutil, "getloadavg")
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    said = conditions()
    asked = KEYS - {"time", "throttle_count", "throttled_seconds"}
    assert {key: said[key] for key in asked} == dict.fromkeys(asked)


def test_the_temperature_is_that_of_the_processors_hottest_sensor(monkeypatch: pytest.MonkeyPatch):
    class Sensor:
        def __init__(self, current: float) -> None:
            self.current = current

    sensors = {"nvme": [Sensor(90.0)], "coretemp": [Sensor(51.0), Sensor(55.5)]}
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: sensors, raising=False)
    assert conditions()["temperature_celsius"] == 55.5
    del sensors["coretemp"]
    assert conditions()["temperature_celsius"] is None


def test_throttling_is_summed_over_cores(tmp_path: Path):
    assert throttle_count(tmp_path) is None
    for core, count in enumerate((3, 4)):
        folder = tmp_path / f"cpu{core}" / "thermal_throttle"
        folder.mkdir(parents=True)
        (folder / "core_throttle_count").write_text(f"{count}\n")
    assert throttle_count(tmp_path) == 7
