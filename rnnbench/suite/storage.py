"""Which devices take numbers stored in 16 bits, and what is made of them."""

from __future__ import annotations

from rnnbench.suite.schema import Measure, Parameters

HALVES = ("bfloat16", "float16")
"""Storage for CUDA devices: a CPU's kernels compute in what they store, and 8 or 11 bits are too few for that."""


def refused_by_device(parameters: Parameters, device: str) -> str | None:
    """Return why nothing of a case's dtype runs on ``device`` (``cpu``, ``cuda:0``, ...), None if it does."""
    if parameters.dtype not in HALVES or device.startswith("cuda"):
        return None
    return (
        f"{parameters.dtype} is for CUDA devices, the kernels for {device} compute in what they store: "
        f"use float32 on {device}, or a CUDA device"
    )


def refused_by_use(parameters: Parameters, measure: Measure) -> tuple[str, str] | None:
    """Return (the key that is at odds with a case's dtype, why); None if there is none."""
    if parameters.dtype not in HALVES:
        return None
    if measure.training is not None:
        message = (
            f"training would hold the weights themselves in {parameters.dtype}, where small updates round away: "
            "train in float32 or float64"
        )
        return "training", message
    if parameters.gradient == "rtrl":
        message = (
            f"rtrl adds up over all time steps what it carries along, and {parameters.dtype} would round it away: "
            "use float32 or float64"
        )
        return "gradient", message
    return None
