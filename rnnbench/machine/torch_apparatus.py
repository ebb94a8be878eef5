"""The works of a calibration by torch, on the CPU or a CUDA device. Importing this file imports no torch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import psutil

from rnnbench.machine.cgroup import memory_headroom
from rnnbench.machine.processor import caches, last_level_cache
from rnnbench.machine.repeats import Stopwatch, Work

if TYPE_CHECKING:
    import torch


class TorchApparatus:
    """Works on ``device`` (``cpu``, ``cuda:0``) with as many threads as torch is set to use."""

    def __init__(self, device: str) -> None:
        import torch

        self._device = device
        self._cuda = device.startswith("cuda")
        self.stopwatch = Stopwatch(synchronise=partial(torch.cuda.synchronize, device)) if self._cuda else Stopwatch()
        self.threads = 1 if self._cuda else torch.get_num_threads()
        if self._cuda:
            cache = getattr(torch.cuda.get_device_properties(device), "L2_cache_size", None)
            self.last_level_cache_bytes: int | None = cache
            self.private_cache_bytes: int | None = cache
        else:
            self.last_level_cache_bytes = last_level_cache()
            self.private_cache_bytes = caches().get("L2")

    @property
    def free_bytes(self) -> int:
        """What the device has free."""
        if self._cuda:
            import torch

            return int(torch.cuda.mem_get_info(self._device)[0])
        available, headroom = int(psutil.virtual_memory().available), memory_headroom()
        return available if headroom is None else min(available, headroom)

    def copy(self, array_bytes: int) -> Work:
        """Return a copy between arrays of float32, written beforehand so that their pages are there."""
        import torch

        source = torch.ones(array_bytes // 4, dtype=torch.float32, device=self._device)
        target = torch.zeros_like(source)
        return lambda: target.copy_(source)

    def multiply(self, dtype: str, size: int) -> Work | None:
        """Return ``torch.mm`` into a given matrix, on numbers of modulus about 1."""
        import torch

        try:
            left, right = (self._random(dtype, size) for _ in range(2))
            product = torch.mm(left, right)
        except RuntimeError:
            return None  # torch says so where it has no product of this dtype on this device
        return lambda: torch.mm(left, right, out=product)

    def small_operations(self, count: int) -> Work:
        """Return ``count`` additions in place to one number, without autograd."""
        import torch

        number, one = torch.zeros(1, device=self._device), torch.ones(1, device=self._device)

        def work() -> None:
            with torch.no_grad():
                for _ in range(count):
                    number.add_(one)

        return work

    def running_sum(self, length: int) -> Work | None:
        """Return ``torch.cumsum`` on the CPU, which adds one number after the other; a GPU adds in a tree."""
        import torch

        if self._cuda:
            return None
        numbers, sums = torch.ones(length), torch.empty(length)
        return lambda: torch.cumsum(numbers, 0, out=sums)

    def _random(self, dtype: str, size: int) -> torch.Tensor:
        import torch

        generator = torch.Generator().manual_seed(0)
        return torch.randn(size, size, generator=generator).to(self._device, getattr(torch, dtype))
