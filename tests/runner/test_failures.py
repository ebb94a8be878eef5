"""What exceptions and deaths mean."""

from __future__ import annotations

import pytest

from rnnbench.runner.failures import death, describe, status_of
from rnnbench.runner.job import Failure


class OutOfMemoryError(RuntimeError):
    """Named as torch's."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes"),
    ],
)
def test_errors_of_allocators_are_oom(error):
    assert status_of(error) == "oom"


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("out of memory of what was said")])
def test_other_errors_are_errors(error):
    assert status_of(error) == "error"


def test_an_error_is_described_by_type_and_message():
    assert describe(ValueError("no")) == "ValueError: no"
    assert describe(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert len(describe(ValueError("x" * 100_000))) < 3000


BEFORE = {"/sys/fs/cgroup/memory.events": 3, "/proc/vmstat": 7}


def test_killed_while_the_systems_count_rose_is_oom():
    after = {**BEFORE, "/proc/vmstat": 8}
    assert death(-9, BEFORE, after, "").status == "oom"


@pytest.mark.parametrize("after", [BEFORE, {}, {**BEFORE, "/a/counter/that/was/not/there": 5}])
def test_killed_otherwise_is_an_error(after):
    assert death(-9, BEFORE, after, "") == Failure("error", "worker was killed by signal 9 (SIGKILL)")


def test_another_signal_is_no_oom_whatever_the_count():
    assert death(-11, BEFORE, {**BEFORE, "/proc/vmstat": 8}, "").reason == "worker was killed by signal 11 (SIGSEGV)"


def test_an_unknown_signal_and_a_living_worker_have_words_too():
    assert death(-200, {}, {}, "").reason == "worker was killed by signal 200 (unknown)"
    assert death(None, {}, {}, "").reason == "worker closed its connection without a result"
