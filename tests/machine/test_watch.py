"""What went on meanwhile: counters after less counters before, and what of it counts as a disturbance."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rnnbench.machine.disturbance import disturbances
from rnnbench.machine.watch import Watch, own_counters, waiting_seconds

QUIET = {
    "seconds": 2.0,
    "steal_seconds": 0.01,
    "throttled_seconds": 0.0,
    "throttle_count": 0,
    "involuntary_switches": 40,
    "waiting_seconds": 0.02,
    "others_seconds": 0.02,
}


def machine(load, steal, throttled=None, heat=7, busy=0.0):
    return {
        "busy_seconds": busy,
        "load": load,
        "frequency_hz": 2e9,
        "temperature_celsius": 60.0,
        "steal_seconds": steal,
        "throttled_seconds": throttled,
        "throttle_count": heat,
        "available_memory_bytes": 5,
    }


def test_counters_rise_and_states_are_those_of_the_end():
    machines = iter([machine([1.0, 0, 0], 3.0, busy=100.0), machine([2.5, 0, 0], 3.25, heat=9, busy=107.5)])
    processes = iter(
        [
            {"own_seconds": 1.0, "involuntary_switches": 5, "waiting_seconds": 1.0},
            {"own_seconds": 8.0, "involuntary_switches": 8, "waiting_seconds": 0.9},
        ]
    )
    clock = iter([10.0, 14.0])
    watch = Watch(lambda: next(machines), lambda: next(processes), lambda: 0.002, lambda: next(clock))
    assert watch.conditions() == {
        "fixed_work_seconds": 0.002,
        "seconds": 4.0,
        "steal_seconds": 0.25,
        "throttled_seconds": None,
        "throttle_count": 2,
        "involuntary_switches": 3,
        "others_seconds": 0.5,
        "waiting_seconds": 0,  # a thread ended and took its count along
        "load": 2.5,
        "frequency_hz": 2e9,
        "temperature_celsius": 60.0,
    }


def test_here_and_now_it_is_json():
    said = Watch().conditions()
    assert json.loads(json.dumps(said)) == said
    assert 0 < said["fixed_work_seconds"] < 1


def test_waiting_is_summed_over_threads(tmp_path: Path):
    assert waiting_seconds(tmp_path) is None
    for thread, nanoseconds in enumerate((1_500_000_000, 250_000_000)):
        (tmp_path / str(100 + thread)).mkdir()
        (tmp_path / str(100 + thread) / "schedstat").write_text(f"77 {nanoseconds} 9\n")
    assert waiting_seconds(tmp_path) == 1.75


@pytest.mark.skipif(not hasattr(os, "fork"), reason="counts switches as POSIX does")
def test_this_process_counts_its_switches():
    switches = own_counters()["involuntary_switches"]
    assert isinstance(switches, int)
    assert switches >= 0


def test_nothing_disturbs_a_quiet_machine_or_one_that_says_nothing():
    assert disturbances(QUIET) == []
    assert disturbances({**dict.fromkeys(QUIET), "seconds": 2.0}) == []


@pytest.mark.parametrize(
    ("key", "phrase"),
    [
        ("steal_seconds", "other guests of this machine's host took 0.05 s of 2 s"),
        ("throttled_seconds", "its quota of processor time held it back for 0.05 s of 2 s"),
    ],
)
def test_two_percent_of_the_time_lost_disturb(key, phrase):
    assert disturbances({**QUIET, key: 0.04}) == []
    assert disturbances({**QUIET, key: 0.05}) == [phrase]


def test_waiting_for_a_core_disturbs_where_other_processes_had_it():
    assert disturbances({**QUIET, "waiting_seconds": 1.5}) == [], "threads of one process wait for each other"
    assert disturbances({**QUIET, "others_seconds": 1.5}) == [], "there are cores enough"
    assert disturbances({**QUIET, "waiting_seconds": 1.5, "others_seconds": 0.1}) == []
    said = "it waited for a core for 1.5 s of 2 s, in which other processes worked for 0.11 s"
    assert disturbances({**QUIET, "waiting_seconds": 1.5, "others_seconds": 0.11}) == [said]


def test_heat_disturbs_whenever_it_slowed_a_core():
    assert disturbances({**QUIET, "throttle_count": 1}) == ["heat slowed the processor 1 times"]
