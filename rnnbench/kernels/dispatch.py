"""Which kernel serves a recurrence, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from rnnbench.kernels.base import Kernel
from rnnbench.kernels.catalogue import entries
from rnnbench.kernels.recurrence import Recurrence


class KernelUnavailable(Exception):  # noqa: N818 - says what it is
    """The kernel that was asked for cannot serve; the message says why."""


@dataclass(frozen=True)
class Selection:
    """A chosen kernel, and the reasons for which those before it were passed over."""

    kernel: Kernel
    rejected: tuple[tuple[str, str], ...]
    remark: str = ""
    """How the kernel runs the recurrence, and why so, where it has several ways."""

    def to_json(self) -> dict[str, Any]:
        """Return the ``kernel`` section of a case in a results document."""
        said = {
            "name": self.kernel.name,
            "rejected": [{"name": name, "reason": reason} for name, reason in self.rejected],
        }
        return {**said, "remark": self.remark} if self.remark else said


def select(recurrence: Recurrence, asked: str = "auto") -> Selection:
    """Return the kernel to use: the one asked for, or the first of the catalogue that can serve.

    Raises
    ------
    KernelUnavailable
        The kernel asked for cannot serve.
    """
    rejected: list[tuple[str, str]] = []
    for entry in entries():
        if asked not in ("auto", entry.name):
            continue
        kernel = load(entry.name)
        support = kernel.supports(recurrence)
        if support.ok:
            return Selection(_recomputing(kernel, recurrence), tuple(rejected), kernel.remark(recurrence))
        rejected.append((entry.name, support.reason))
    reasons = "; ".join(f"{name}: {reason}" for name, reason in rejected)
    raise KernelUnavailable(f"kernel '{asked}' cannot serve this case ({reasons}): use kernel 'auto' or another one")


def _recomputing(kernel: Kernel, recurrence: Recurrence) -> Kernel:
    """Return ``kernel``, or, where it keeps more than it is asked to, one that runs it in segments."""
    if recurrence.recompute is None or kernel.recomputes(recurrence):
        return kernel
    from rnnbench.kernels.replaying import ReplayingKernel

    return ReplayingKernel(kernel)


@cache
def load(name: str) -> Kernel:
    """Return the kernel of that name, importing its module."""
    entry = next(entry for entry in entries() if entry.name == name)
    kernel: Kernel = getattr(import_module(entry.module), entry.attribute)()
    return kernel
