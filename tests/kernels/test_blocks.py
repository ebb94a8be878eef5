"""How a sweep is shared among threads."""

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.kernels import blocks
from rnnbench.kernels.blocks import ALONE_UP_TO, Block, Meeting, grid, partition, run
from rnnbench.kernels.meeting import meet
from rnnbench.kernels.numba_setup import compiled
from rnnbench.kernels.vector import INT64, pointer


@compiled
def arrive(address, count):
    meet(pointer(address, INT64), count)


@given(
    rows=st.integers(1, 40),
    units=st.integers(1, 200),
    threads=st.integers(1, 9),
    by_units=st.booleans(),
    align=st.sampled_from([1, 8, 16]),
)
def test_every_row_and_unit_is_in_exactly_one_block(rows, units, threads, by_units, align):
    blocks = partition(ALONE_UP_TO, rows, units, threads=threads, by_units=by_units, align=align)
    assert 1 <= len(blocks) <= threads
    met = [
        (row, unit)
        for block in blocks
        for row in range(block.row, block.last_row)
        for unit in range(block.unit, block.last_unit)
    ]
    assert sorted(met) == [(row, unit) for row in range(rows) for unit in range(units)]
    assert all(block.unit % align == 0 for block in blocks)


@given(rows=st.integers(1, 40), units=st.integers(1, 40), threads=st.integers(1, 9))
def test_a_grid_has_every_row_of_every_unit_once(rows, units, threads):
    blocks = grid(ALONE_UP_TO + 1, rows, units, threads=threads)
    assert 1 <= len(blocks) <= threads
    met = [
        (row, unit)
        for block in blocks
        for row in range(block.row, block.last_row)
        for unit in range(block.unit, block.last_unit)
    ]
    assert sorted(met) == [(row, unit) for row in range(rows) for unit in range(units)]


@pytest.mark.parametrize(
    ("rows", "units", "threads", "expected"),
    [
        (32, 8, 2, [Block(0, 32, 0, 4), Block(0, 32, 4, 8)]),
        (32, 3, 2, [Block(0, 16, 0, 3), Block(16, 32, 0, 3)]),
        (8, 2, 4, [Block(0, 4, 0, 1), Block(0, 4, 1, 2), Block(4, 8, 0, 1), Block(4, 8, 1, 2)]),
        (1, 3, 2, [Block(0, 1, 0, 1), Block(0, 1, 1, 3)]),
    ],
)
def test_a_grid_makes_the_largest_part_as_small_as_can_be_and_parts_units_first(rows, units, threads, expected):
    assert grid(ALONE_UP_TO, rows, units, threads=threads) == expected


def test_little_work_makes_a_grid_of_one():
    assert grid(8, 20, 16, threads=8) == [Block(0, 20, 0, 16)]


def test_one_row_is_parted_by_units_where_units_do_not_meet():
    assert partition(4096, 1, 512, threads=2, by_units=True, align=16) == [Block(0, 1, 0, 256), Block(0, 1, 256, 512)]
    assert partition(4096, 1, 512, threads=2, by_units=False, align=16) == [Block(0, 1, 0, 512)]


def test_little_work_stays_in_one_thread():
    assert partition(8, 20, 16, threads=8, by_units=True, align=16) == [Block(0, 20, 0, 16)]


def test_each_block_is_worked_once_the_first_by_the_caller():
    blocks = partition(ALONE_UP_TO, 4, 16, threads=4, by_units=False, align=16)
    worked = {}
    run(lambda index, block: worked.update({index: (block, threading.current_thread())}), blocks)
    assert [worked[index][0] for index in range(4)] == blocks
    assert worked[0][1] is threading.current_thread()
    assert all(worked[index][1] is not threading.current_thread() for index in range(1, 4))


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_in_a_block_is_raised_after_all_have_ended(failing):
    blocks = partition(ALONE_UP_TO, 2, 16, threads=2, by_units=False, align=16)
    worked = []

    def work(index, block):
        worked.append(index)
        if index == failing:
            raise MemoryError(f"block {index}")

    with pytest.raises(MemoryError, match=f"block {failing}"):
        run(work, blocks)
    assert sorted(worked) == [0, 1]


WAITING = [Block(0, 1, 0, 1), Block(0, 1, 1, 2)]


def met(times):
    """Let two parts meet so often, and return in which order they wrote."""
    meeting, wrote = Meeting(WAITING), []

    def work(index, block):
        address, parties = meeting.of(block)
        for turn in range(times):
            wrote.append(turn)
            arrive(address, (turn + 1) * parties)

    run(work, WAITING, meeting.release)
    return wrote


def test_parts_with_the_same_rows_wait_for_each_other_after_every_step():
    assert met(50) == sorted([*range(50), *range(50)])


def test_parts_without_common_rows_wait_for_nobody():
    meeting = Meeting([Block(0, 1, 0, 2), Block(1, 2, 0, 2)])
    assert meeting.release is None
    assert meeting.of(Block(1, 2, 0, 2))[1] == 1


def meet_all(parts):
    meeting = Meeting(parts)
    run(lambda _, block: arrive(meeting.of(block)[0], len(parts)), parts, meeting.release)


def test_sweeps_of_several_callers_do_not_wait_for_threads_of_each_other():
    """Three parts of each: with two threads for helpers, one of every caller could hold them."""
    three = [Block(0, 1, unit, unit + 1) for unit in range(3)]
    done = []

    def call():
        for _ in range(20):
            meet_all(three)
        done.append(True)

    callers = [threading.Thread(target=call, daemon=True) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert len(done) == 4


@pytest.mark.parametrize("failing", [0, 1])
def test_nobody_waits_for_a_part_that_failed(failing):
    meeting = Meeting(WAITING)

    def work(index, block):
        if index == failing:
            raise KeyboardInterrupt if index == 0 else MemoryError
        arrive(meeting.of(block)[0], 2)

    with pytest.raises(KeyboardInterrupt if failing == 0 else MemoryError):
        run(work, WAITING, meeting.release)


def test_nobody_waits_for_a_thread_that_could_not_be_started(monkeypatch):
    """The first helper waits already when there is no second one."""
    three = [Block(0, 1, unit, unit + 1) for unit in range(3)]
    meeting, pool = Meeting(three), blocks._pool(1)

    class Exhausted:
        left = 1

        def submit(self, *given):
            if not self.left:
                raise RuntimeError("can't start new thread")
            self.left -= 1
            return pool.submit(*given)

    exhausted = Exhausted()
    monkeypatch.setattr(blocks, "_pool", lambda threads: exhausted)
    with pytest.raises(RuntimeError, match="new thread"):
        run(lambda _, block: arrive(meeting.of(block)[0], 3), three, meeting.release)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_threads_of_its_own():
    code = """
import os
from rnnbench.kernels.blocks import Block, run
blocks = [Block(0, 1, 0, 1), Block(1, 2, 0, 1)]
done = []
run(lambda index, block: done.append(index), blocks)
child = os.fork()
if child == 0:
    run(lambda index, block: done.append(index), blocks)
    os._exit(len(done))
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
