"""What glibc does with buffers that are freed: by variables that a process must have when it starts."""

from __future__ import annotations

from collections.abc import Mapping

GIVES_BACK = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""It gives freed buffers back to the system at once, so that a peak is this step's and not an earlier one's.

The smallest step tensor of the suites about memory has 64 KiB (B = 32, H = 512, float32), and must be mapped, too. From
the heap, where freed ones leave holes that others do not fit, the peak of nn.RNN over 5,000 such steps was 3.5 to 4.0
units of T B H, by threshold and padding; mapped it is 3.14 units, always, and takes no longer."""
KEEPS = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}
"""It keeps freed buffers. Otherwise each buffer above 32 MB is mapped anew: the system clears its pages at first touch,
which takes several times as long as a sweep that reads and writes them, and the figure is the system's."""


def with_allocator(environment: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with :data:`GIVES_BACK` or :data:`KEEPS`, and nothing left of the other."""
    others = {**GIVES_BACK, **KEEPS}
    return {**{name: value for name, value in environment.items() if name not in others}, **settings}
