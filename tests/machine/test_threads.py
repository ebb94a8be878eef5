"""Threads = min(physical cores, affinity, quota)."""

from __future__ import annotations

import psutil
import pytest

from rnnbench.machine import threads


@pytest.mark.parametrize(
    ("physical", "affinity", "quota", "expected"),
    [
        (8, 16, None, 8),
        (8, 3, None, 3),
        (8, 16, 2.5, 2),
        (8, 16, 0.5, 1),
        (8, 16, 64.0, 8),
        (None, 4, None, 4),
    ],
)
def test_the_tightest_limit_decides(monkeypatch: pytest.MonkeyPatch, physical, affinity, quota, expected):
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 16 if logical else physical)
    monkeypatch.setattr(threads, "affinity", lambda: affinity)
    monkeypatch.setattr(threads, "cpu_quota", lambda: quota)
    assert threads.thread_count() == expected
