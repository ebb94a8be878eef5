"""Sharing a sweep among threads: a fixed partition of its rows (or units), and the threads that take the parts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch

ALONE_UP_TO = 1 << 18
"""Elements that one thread sweeps in about 0.1 ms: waking another one would cost what it saves."""

_ABANDONED = 1 << 62
"""Arrivals that let everyone pass."""
_NUMBERS = 16
"""64-bit numbers from one count to the next: two lines of the caches, as they are fetched in pairs."""


class Block(NamedTuple):
    """The rows ``row .. last_row`` and units ``unit .. last_unit`` of a sweep."""

    row: int
    last_row: int
    unit: int
    last_unit: int


def partition(steps: int, rows: int, units: int, *, threads: int, by_units: bool, align: int) -> list[Block]:
    """Return one block per thread: contiguous rows, or, with fewer rows than threads, units.

    The partition depends on the shape and the number of threads only, so that sums over blocks are reproducible.

    Parameters
    ----------
    by_units
        Whether units may be parted (no unit of the sweep feeds another).
    align
        Parts of units begin at multiples of this.
    """
    if threads == 1 or steps * rows * units <= ALONE_UP_TO:
        return [Block(0, rows, 0, units)]
    if rows < threads and by_units:
        edges = _edges(-(-units // align), threads)
        return [Block(0, rows, a * align, min(b * align, units)) for a, b in edges]
    return [Block(a, b, 0, units) for a, b in _edges(rows, threads)]


def grid(work: int, rows: int, units: int, *, threads: int) -> list[Block]:
    """Return one block per thread, contiguous rows of contiguous units, so that the largest is as small as can be.

    The units may be anything that is swept by itself. Of two grids with equal shares the one with more parts of units
    is taken: parts of rows read all weights each. The grid depends on the shape and the number of threads only.

    Parameters
    ----------
    work
        Elements that are swept for one row and unit.
    """
    if threads == 1 or work * rows * units <= ALONE_UP_TO:
        return [Block(0, rows, 0, units)]

    def largest(parts: int) -> int:
        return -(-units // parts) * -(-rows // min(rows, threads // parts))

    parts = min(range(min(threads, units), 0, -1), key=largest)
    across = _edges(units, parts)
    return [Block(*part, *units_) for part in _edges(rows, threads // parts) for units_ in across]


def _edges(count: int, parts: int) -> list[tuple[int, int]]:
    """Return ``parts`` contiguous, nearly equal, non-empty ranges of ``count`` things (fewer if there are fewer)."""
    parts = min(parts, count)
    return [(count * part // parts, count * (part + 1) // parts) for part in range(parts)]


class Meeting:
    """The counts on which those shares of a sweep that have the same rows wait for each other, in compiled code (see
    :func:`rnnbench.kernels.meeting.meet`).

    A share that meets nobody has no one to wait for.
    """

    def __init__(self, shares: list[Block]) -> None:
        self._parties = Counter(share.row for share in shares)
        self._places = {row: index for index, row in enumerate(self._parties)}
        self._counts = torch.zeros(len(self._places), _NUMBERS, dtype=torch.int64)
        waiting = max(self._parties.values()) > 1
        self.release: Callable[[], object] | None = self._let_all_pass if waiting else None
        """What lets all pass; None where nobody waits."""

    def of(self, share: Block) -> tuple[int, int]:
        """Return (address of the count, how many meet there) of a share."""
        return self._counts[self._places[share.row]].data_ptr(), self._parties[share.row]

    def _let_all_pass(self) -> None:
        self._counts.fill_(_ABANDONED)


def run(work: Callable[[int, Block], None], blocks: list[Block], release: Callable[[], object] | None = None) -> None:
    """Call ``work(index, block)`` for every block, the first in this thread; return when all are done.

    Parameters
    ----------
    release
        Where parts wait for each other: what lets all pass when one of them is not there to come. Such a run has the
        threads for itself: parts of two that waited for a thread each would wait for ever.
    """
    if len(blocks) == 1:
        work(0, blocks[0])
    elif release is None:
        _share(work, blocks)
    else:
        with _together():
            _share(work, blocks, release)


def _share(
    work: Callable[[int, Block], None], blocks: list[Block], release: Callable[[], object] = lambda: None
) -> None:
    flushed = _denormals_are_flushed()

    def there(index: int) -> None:
        # Flushing is a setting of a thread: the helpers take the caller's.
        torch.set_flush_denormal(flushed)
        try:
            work(index, blocks[index])
        except BaseException:
            release()
            raise

    others: list[Future[None]] = []
    try:
        for index in range(1, len(blocks)):
            others.append(_pool(len(blocks) - 1).submit(there, index))  # noqa: PERF401 - kept one by one, should one fail
        work(0, blocks[0])
    except BaseException:
        release()
        raise
    finally:
        for other in others:
            other.result()


def _denormals_are_flushed() -> bool:
    return bool(np.float32(1e-38) * np.float32(0.5) == 0)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="rnnbench-sweep")


@cache
def _together() -> Lock:
    return Lock()


if hasattr(os, "register_at_fork"):
    # Threads do not survive a fork: the child starts its own, and nobody is left to open a lock.
    os.register_at_fork(after_in_child=_pool.cache_clear)
    os.register_at_fork(after_in_child=_together.cache_clear)
