"""What disturbs timings is found in files as Linux writes them, with advice; what a system hides is left out."""

from __future__ import annotations

import json
import os
from itertools import chain, repeat
from pathlib import Path

import pytest

from rnnbench.machine.activity_checks import Counters, counters, gpu_processes, load, steal, swap, throttling
from rnnbench.machine.fixed_work import Variation, fixed_work, variation
from rnnbench.machine.noise import check_noise
from rnnbench.machine.settings_checks import battery, governor, quota, turbo

CPU = "devices/system/cpu"


def tree(root: Path, **files: str) -> Path:
    """Write ``files`` below ``root``; ``__`` in a name stands for a slash."""
    for name, text in files.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return root


class TestSettings:
    @pytest.mark.parametrize(
        ("governors", "found", "advised"),
        [
            (("performance", "performance"), "performance", False),
            (("powersave", "powersave"), "powersave", True),
            (("performance", "schedutil"), "performance (1 of 2 cores), schedutil (1 of 2 cores)", True),
        ],
    )
    def test_any_governor_but_performance_is_advised_against(self, tmp_path, governors, found, advised):
        for core, name in enumerate(governors):
            tree(tmp_path / f"{CPU}/cpu{core}/cpufreq", scaling_governor=name)
        finding = governor(tmp_path)
        assert (finding.found, finding.advice is not None) == (found, advised)

    @pytest.mark.parametrize(
        ("file", "text", "found", "command"),
        [
            ("intel_pstate/no_turbo", "0", "on", "echo 1 | sudo tee"),
            ("intel_pstate/no_turbo", "1", "off", None),
            ("cpufreq/boost", "1", "on", "echo 0 | sudo tee"),
            ("cpufreq/boost", "0", "off", None),
        ],
    )
    def test_turbo_is_read_of_intels_and_of_other_drivers(self, tmp_path, file, text, found, command):
        path = tmp_path / CPU / file
        tree(path.parent, **{path.name: text})
        finding = turbo(tmp_path)
        assert finding.found == found
        assert (command in finding.advice and str(path) in finding.advice) if command else finding.advice is None

    @pytest.mark.parametrize(
        ("limit", "found", "advised"),
        [("max 100000", "none", False), ("200000 100000", "2 cores", False), ("150000 100000", "1.5 cores", True)],
    )
    def test_a_quota_of_part_of_a_core_is_advised_against(self, tmp_path, limit, found, advised):
        (tmp_path / "cpu.max").write_text(limit)
        membership = tmp_path / "membership"
        membership.write_text("0::/\n")
        finding = quota(tmp_path, membership)
        assert finding.found.startswith(found)
        assert (finding.advice is not None) is advised

    def test_a_battery_in_use_is_advised_against_but_not_that_of_a_mouse(self, tmp_path):
        supplies = tmp_path / "class/power_supply"
        tree(supplies / "AC", type="Mains", online="1")
        tree(supplies / "mouse", type="Battery", scope="Device", status="Discharging")
        assert battery(tmp_path) is None
        tree(supplies / "BAT0", type="Battery", status="Full")
        assert battery(tmp_path).advice is None
        tree(supplies / "BAT0", status="Discharging")
        assert "plug it in" in battery(tmp_path).advice


class TestActivity:
    @pytest.mark.parametrize(("average", "advised"), [("0.79", False), ("0.81", True)])
    def test_a_fifth_of_the_cores_at_work_is_a_load(self, tmp_path, average, advised):
        finding = load(4, tree(tmp_path, loadavg=f"{average} 0.5 0.4 1/100 200"))
        assert finding.found == f"{average} on 4 logical cores"
        assert (finding.advice is not None) is advised

    def test_counters_are_read_from_their_files(self, tmp_path):
        proc = tree(
            tmp_path / "proc",
            stat="cpu  10 20 30 400 5 6 7 80 9 9\ncpu0 1 1 1 1 1 1 1 1 0 0",
            vmstat="pgpgin 3\npswpin 5\npswpout 6",
        )
        for core in range(2):
            tree(tmp_path / f"sys/{CPU}/cpu{core}/thermal_throttle", core_throttle_count="4")
        assert counters(proc, tmp_path / "sys") == Counters(558, 80, 8, 11)

    def test_what_a_system_does_not_say_is_none(self, tmp_path):
        none = counters(tmp_path, tmp_path)
        assert none == Counters(None, None, None, None)
        assert steal(none, none) is throttling(none, none) is swap(none, none) is None
        assert load(4, tmp_path) is governor(tmp_path) is turbo(tmp_path) is battery(tmp_path) is None

    @pytest.mark.parametrize(("stolen", "found", "advised"), [(5, "0.5 %", False), (6, "0.6 %", True)])
    def test_time_that_others_took_counts_from_half_a_percent_on(self, stolen, found, advised):
        finding = steal(Counters(1000, 70, None, None), Counters(2000, 70 + stolen, None, None))
        assert finding.found.startswith(found)
        assert (finding.advice is not None) is advised

    def test_only_what_happens_during_the_check_is_advised_on(self):
        before, same = Counters(0, 0, 7, 9), Counters(0, 0, 7, 9)
        assert throttling(before, same).advice is swap(before, same).advice is None
        after = Counters(0, 0, 8, 10)
        assert throttling(before, after).found == "1x during this check, 8x since boot"
        assert "hot" in throttling(before, after).advice
        assert "memory is short" in swap(before, after).advice

    def test_other_processes_on_the_gpus_are_named(self):
        assert gpu_processes(lambda: None) is None
        assert gpu_processes(lambda: f"{os.getpid()}\n").advice is None
        finding = gpu_processes(lambda: f"123\n{os.getpid()}\n456\n")
        assert finding.found == "process 123, 456"
        assert finding.advice


class TestFixedWork:
    @pytest.mark.parametrize(
        ("slow", "verdict"), [(1.0, "quiet"), (1.02, "quiet"), (1.03, "moderate"), (1.1, "moderate"), (1.2, "noisy")]
    )
    def test_the_verdict_is_by_how_far_the_95th_percentile_lies_above_the_median(self, slow, verdict):
        assert Variation(100, 1.0, slow - 1e-12).verdict == verdict

    def test_the_work_is_timed_for_so_many_seconds(self):
        time = [0.0]
        durations = chain([9.0], repeat(0.1, 90), repeat(0.2, 10))

        def work():
            time[0] += next(durations)

        found = variation(10.9, lambda: time[0], work)
        assert found.repeats == 100
        assert found.median_seconds == pytest.approx(0.1)
        assert found.slow_seconds == pytest.approx(0.2)

    def test_the_work_takes_time(self):
        found = variation(0.0, work=fixed_work)
        assert found.repeats == 20
        assert 0 < found.median_seconds <= found.slow_seconds


def test_a_check_says_all_that_it_looked_at(tmp_path):
    sys, proc = tmp_path / "sys", tmp_path / "proc"
    tree(proc, loadavg="3.5 1 1 1/1 1", stat="cpu 1 1 1 1 1 1 1 1 0 0", vmstat="pswpin 0\npswpout 0")
    tree(sys / CPU, **{"cpu0__cpufreq__scaling_governor": "powersave", "cpufreq__boost": "1"})
    tree(sys / CPU / "cpu0/thermal_throttle", core_throttle_count="0")
    tree(sys / "class/power_supply/BAT0", type="Battery", status="Discharging")

    def vary():
        tree(proc, stat="cpu 1 1 1 1 1 1 1 9 0 0", vmstat="pswpin 3\npswpout 0")
        tree(sys / CPU / "cpu0/thermal_throttle", core_throttle_count="2")
        return Variation(100, 1.0, 1.5)

    noise = check_noise(proc, sys, tmp_path, tmp_path / "absent", lambda: "1\n", vary)
    said = noise.to_json()
    assert json.loads(json.dumps(said)) == said
    assert (said["verdict"], said["excess"], said["thresholds"]) == ("noisy", 0.5, {"quiet": 0.02, "moderate": 0.1})
    assert {finding["subject"] for finding in said["findings"] if finding["advice"]} == {
        "load",
        "steal",
        "throttling",
        "frequency governor",
        "turbo",
        "swap",
        "battery",
        "other GPU work",
    }


def test_a_system_that_says_nothing_is_still_measured(tmp_path):
    noise = check_noise(tmp_path, tmp_path, tmp_path, tmp_path, lambda: None, lambda: Variation(20, 1.0, 1.0))
    assert noise.variation.verdict == "quiet"
    assert [finding.subject for finding in noise.findings] == ["quota"]
