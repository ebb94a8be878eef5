"""What a calibration works with, as an interface: torch ships; tests bring a stand-in that takes no time."""

from __future__ import annotations

from typing import Protocol

from rnnbench.machine.repeats import Stopwatch, Work


class Apparatus(Protocol):
    """The works that a calibration times on one device.

    Each returned work is a call that may return before the device is done; the stopwatch waits for it.
    """

    @property
    def stopwatch(self) -> Stopwatch:
        """The clock, which waits for the device."""

    @property
    def threads(self) -> int:
        """How many threads compute at once; 1 for a device that shares its work out by itself."""

    @property
    def last_level_cache_bytes(self) -> int | None:
        """Bytes of the cache before memory, all parts of it; None if unknown."""

    @property
    def private_cache_bytes(self) -> int | None:
        """Bytes of the largest cache that each thread has to itself; None if unknown."""

    @property
    def free_bytes(self) -> int:
        """Memory that may be taken."""

    def copy(self, array_bytes: int) -> Work:
        """Return the copy of one array of ``array_bytes`` into another."""

    def multiply(self, dtype: str, size: int) -> Work | None:
        """Return the product of two ``size`` x ``size`` matrices, or None where the device has no such product."""

    def small_operations(self, count: int) -> Work:
        """Return ``count`` operations on one number, one after the other, each waiting for the one before."""

    def running_sum(self, length: int) -> Work | None:
        """Return a running sum over ``length`` numbers, added one by one; None where the device adds otherwise."""
