"""A machine of known speed, on a clock of its own: calibrating it takes no time and can only give its figures."""

from __future__ import annotations

from rnnbench.machine.repeats import Stopwatch, Work

MEMORY, LAST_CACHE, CACHE = 50e9, 100e9, 200e9
PEAKS = {"float32": 100e9, "float64": 50e9}
DISPATCH, ADDITION = 1e-6, 1e-9
OVERHEAD = 1e-5
"""What each product takes beside its arithmetic: small ones do not reach the peak."""


class KnownApparatus:
    """Copies, multiplies and adds at the speeds above; ``slow`` lets everything take so many times as long."""

    def __init__(self, free_bytes: int = 64 << 30, cache_bytes: int | None = 32 << 20, slow: float = 1.0) -> None:
        self.time = 0.0
        self.slow = slow
        self.waits = 0
        self.stopwatch = Stopwatch(lambda: self.time, self._wait)
        self.threads = 4
        self.last_level_cache_bytes = cache_bytes
        self.private_cache_bytes = 1 << 20 if cache_bytes else None
        self.free_bytes = free_bytes
        self.copied: list[int] = []
        self.multiplied: list[int] = []

    def copy(self, array_bytes: int) -> Work:
        self.copied.append(array_bytes)
        speed = MEMORY
        if self.last_level_cache_bytes is not None and 2 * array_bytes <= self.last_level_cache_bytes:
            speed = LAST_CACHE
        if 2 * array_bytes <= self.threads * (1 << 20):
            speed = CACHE
        return lambda: self._take(2 * array_bytes / speed)

    def multiply(self, dtype: str, size: int) -> Work | None:
        if dtype not in PEAKS:
            return None
        self.multiplied.append(size)
        return lambda: self._take(2 * size**3 / PEAKS[dtype] + OVERHEAD)

    def small_operations(self, count: int) -> Work:
        return lambda: self._take(count * DISPATCH)

    def running_sum(self, length: int) -> Work | None:
        return lambda: self._take(length * ADDITION)

    def _take(self, seconds: float) -> None:
        self.time += seconds * self.slow

    def _wait(self) -> None:
        self.waits += 1
