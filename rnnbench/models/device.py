"""Which device a suite's ``device`` means on this machine."""

from __future__ import annotations

import torch

from rnnbench.errors import RnnbenchError


def available() -> list[str]:
    """Return the devices torch can use here: ``cpu``, each ``cuda:N``, ``mps``."""
    devices = ["cpu"]
    devices += [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    devices += ["mps"] if torch.backends.mps.is_available() else []
    return devices


def resolve(asked: str) -> str:
    """Return the device that ``asked`` (``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``) means here.

    Raises
    ------
    RnnbenchError
        It is not there; the message names what is.
    """
    devices = available()
    if asked == "auto":
        return next((name for name in ("cuda:0", "mps") if name in devices), "cpu")
    wanted = "cuda:0" if asked == "cuda" else asked
    if wanted not in devices:
        raise RnnbenchError(
            f"device '{asked}' is not available: this machine offers {', '.join(devices)} to torch "
            f"{torch.__version__}. Use --device {devices[-1]}, or install a torch build for that device"
        )
    return wanted


def describe_gpus() -> list[dict[str, object]]:
    """Return name, memory and compute capability of each CUDA device."""
    if not torch.cuda.is_available():
        return []
    found = (torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count()))
    return [
        {"name": gpu.name, "memory_bytes": gpu.total_memory, "capability": f"{gpu.major}.{gpu.minor}"} for gpu in found
    ]
