"""Settings of the process that change speed: set explicitly, and recorded."""

from __future__ import annotations

from typing import Any

import torch


def prepare(threads: int) -> dict[str, Any]:
    """Set torch's threads and flush denormals to zero; return what holds now.

    Denormal operands slow arithmetic by an order of magnitude on many CPUs: without flushing, the time of a
    decaying recurrence would depend on its values.
    """
    torch.set_num_threads(threads)
    return {"threads": torch.get_num_threads(), "flush_denormal": torch.set_flush_denormal(True)}
