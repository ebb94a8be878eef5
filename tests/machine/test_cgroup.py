"""Limits and events of control groups, read from trees as version 1 and version 2 lay them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnbench.machine.cgroup import control_files, cpu_quota, held_back_seconds, memory_headroom, oom_kills


@pytest.fixture
def tree(tmp_path: Path):
    """Return a function that writes files below a mount, and the membership of the process."""

    def write(membership: str, **files: str) -> tuple[Path, Path]:
        mount = tmp_path / "cgroup"
        mount.mkdir(exist_ok=True)
        for name, text in files.items():
            file = mount / name.replace("__", "/").replace("_dot_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        listed = tmp_path / "membership"
        listed.write_text(membership)
        return mount, listed

    return write


def test_the_tightest_quota_of_all_levels_counts(tree):
    mount, membership = tree(
        "0::/user/job\n",
        **{"user__job__cpu_dot_max": "max 100000\n", "user__cpu_dot_max": "250000 100000\n"},
    )
    assert cpu_quota(mount, membership) == 2.5


def test_version_1_says_quota_and_period_apart(tree):
    mount, membership = tree(
        "8:cpu,cpuacct:/job\n3:memory:/\n",
        **{"cpu__job__cpu_dot_cfs_quota_us": "150000\n", "cpu__job__cpu_dot_cfs_period_us": "100000\n"},
    )
    assert cpu_quota(mount, membership) == 1.5


@pytest.mark.parametrize("files", [{}, {"cpu__cpu_dot_cfs_quota_us": "-1\n", "cpu_dot_max": "max 100000\n"}])
def test_no_limit_is_none(tree, files):
    assert cpu_quota(*tree("1:cpu:/\n0::/\n", **files)) is None


def test_a_container_whose_path_is_the_hosts_finds_its_own_group_at_the_root(tree):
    mount, membership = tree("0::/docker/4f2a\n", cpu_dot_max="400000 100000\n")
    assert cpu_quota(mount, membership) == 4.0


def test_without_control_groups_there_is_nothing(tmp_path: Path):
    assert list(control_files("", "cpu.max", tmp_path, tmp_path / "absent")) == []
    assert cpu_quota(tmp_path, tmp_path / "absent") is None
    assert oom_kills(tmp_path, tmp_path / "absent", tmp_path / "absent") == {}


def test_memory_left_is_that_of_the_tightest_group(tree):
    mount, membership = tree(
        "0::/user/job\n4:memory:/job\n",
        **{
            "user__job__memory_dot_max": "max\n",
            "user__job__memory_dot_current": "10\n",
            "user__memory_dot_max": "1000\n",
            "user__memory_dot_current": "400\n",
            "memory__job__memory_dot_limit_in_bytes": "5000\n",
            "memory__job__memory_dot_usage_in_bytes": "100\n",
        },
    )
    assert memory_headroom(mount, membership) == 600


def test_memory_without_a_limit_is_none(tree):
    assert memory_headroom(*tree("0::/job\n", job__memory_dot_max="max\n", job__memory_dot_current="9\n")) is None


def test_kills_for_want_of_memory_are_counted_by_source(tree, tmp_path: Path):
    mount, membership = tree(
        "0::/job\n4:memory:/job\n",
        **{
            "job__memory_dot_events": "low 0\noom 3\noom_kill 2\n",
            "memory__job__memory_dot_oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n",
        },
    )
    statistics = tmp_path / "vmstat"
    statistics.write_text("nr_free_pages 1\noom_kill 7\n")
    assert sorted(oom_kills(mount, membership, statistics).values()) == [2, 5, 7]


def test_time_held_back_is_summed_over_the_groups_of_both_versions(tree):
    both = {
        "job__cpu_dot_stat": "usage_usec 9\nnr_throttled 4\nthrottled_usec 250000\n",
        "cpu__job__cpu_dot_stat": "nr_periods 9\nnr_throttled 1\nthrottled_time 500000000\n",
        "cpu__cpu_dot_stat": "nr_periods 0\nthrottled_time 0\n",
    }
    assert held_back_seconds(*tree("0::/job\n8:cpu:/job\n", **both)) == pytest.approx(0.75)
    assert held_back_seconds(*tree("0::/elsewhere\n")) is None
