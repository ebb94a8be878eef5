"""How fast a device moves bytes: copies of arrays far larger than its caches, of arrays that only the last cache holds,
and of arrays that fit into those which each thread has to itself.

A copy of N bytes counts 2 N, N read and N written, as STREAM counts (McCalpin, 1995: memory bandwidth and machine
balance in current high performance computers). What a cache reads before it overwrites a line is not counted.
"""

from __future__ import annotations

import math

from rnnbench.machine.apparatus import Apparatus
from rnnbench.machine.repeats import Estimate, rate, seconds_of

CACHES = 4
"""Each array is so many times the last-level cache, the rule of STREAM."""
SMALLEST_LARGE_BYTES = 64 << 20
FREE_SHARE = 8
"""Neither array takes more than one part in so many of the free memory, whatever the cache."""
UNKNOWN_CACHE_BYTES = 512 << 10
"""Taken for the cache of a thread where the system does not say; processors have had as much for fifteen years."""
_LINE = 1 << 12


def memory_bandwidth(apparatus: Apparatus) -> Estimate:
    """Return bytes per second of a copy through memory; the details say whether the arrays are as large as the rule."""
    cache = apparatus.last_level_cache_bytes
    wanted = max(SMALLEST_LARGE_BYTES, CACHES * (cache or 0))
    array_bytes = _whole(min(wanted, apparatus.free_bytes // FREE_SHARE))
    beyond = cache is not None and array_bytes >= CACHES * cache
    return _copy(apparatus, array_bytes, beyond_caches=beyond)


def cache_bandwidth(apparatus: Apparatus) -> Estimate:
    """Return bytes per second of a copy within the caches that threads have to themselves, half filled."""
    return _copy(apparatus, _whole(private_caches_bytes(apparatus) // 4))


def last_cache_bandwidth(apparatus: Apparatus) -> Estimate | None:
    """Return bytes per second of a copy whose arrays only the last cache holds; None where it is no larger than the
    others by a factor of four, or not known.

    Both arrays together are the geometric mean of the caches before it and of it: far from either's end, whose hits
    and misses would be mixed in.
    """
    inner, last = private_caches_bytes(apparatus), apparatus.last_level_cache_bytes
    if last is None or apparatus.private_cache_bytes is None or last < 4 * inner:
        return None
    return _copy(apparatus, _whole(math.isqrt(inner * last) // 2))


def private_caches_bytes(apparatus: Apparatus) -> int:
    """Return the bytes of the caches that the threads have to themselves, together."""
    return apparatus.threads * (apparatus.private_cache_bytes or UNKNOWN_CACHE_BYTES)


def _copy(apparatus: Apparatus, array_bytes: int, **details: bool) -> Estimate:
    seconds = seconds_of(apparatus.copy(array_bytes), apparatus.stopwatch)
    return rate(2 * array_bytes, "bytes/s", seconds, array_bytes=array_bytes, **details)


def _whole(count: int) -> int:
    """Return ``count`` bytes cut to whole pages, at least one."""
    return max(_LINE, count // _LINE * _LINE)
