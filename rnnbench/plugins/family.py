"""What a plug-in can bring, and how each kind of it becomes something that suites can name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnbench.catalogue import NameTaken
from rnnbench.connectivity import CONNECTIVITIES, Connectivity
from rnnbench.kernels import catalogue as kernels
from rnnbench.kernels.base import Kernel
from rnnbench.kernels.catalogue import KernelEntry
from rnnbench.tasks import TASKS, Task

_NAME = re.compile(r"[A-Za-z_]\w*")
"""What can be written in a suite, and in compact notation."""


class Unfit(Exception):  # noqa: N818 - says what it is
    """A class that cannot be offered; the message says why."""


@dataclass(frozen=True)
class Family:
    """One kind of things that suites name.

    Attributes
    ----------
    name, group
        ``connectivity``; the group of entry points, ``rnnbench.connectivities``.
    base
        What they derive from.
    needs
        The class attributes that each must have, its name in suites first.
    add, remove
        Offer one, and undo that.
    """

    name: str
    group: str
    base: type
    needs: tuple[str, ...]
    add: Callable[[type], None]
    remove: Callable[[type], None]

    def name_of(self, offered: type) -> str:
        """Return what suites call a class."""
        return str(getattr(offered, self.needs[0]))

    def offer(self, offered: type) -> None:
        """Let suites name a class.

        Raises
        ------
        Unfit
            It lacks something, or its name is taken.
        """
        lacking = [need for need in self.needs if not hasattr(offered, need)]
        lacking += sorted(getattr(offered, "__abstractmethods__", ()))
        if lacking:
            raise Unfit(f"{self.name} class {offered.__name__} lacks {', '.join(lacking)}")
        if not _NAME.fullmatch(self.name_of(offered)):
            raise Unfit(f"{self.name} class {offered.__name__} has the name '{self.name_of(offered)}', which is none")
        try:
            self.add(offered)
        except NameTaken as error:
            raise Unfit(f"{error}: give the class {offered.__name__} another name") from error


def _kernel_entry(kernel: Any) -> KernelEntry:
    summary = (inspect.getdoc(kernel) or "").partition("\n")[0] or "a plug-in's"
    return KernelEntry(str(kernel.name), kernel.__module__, kernel.__name__, summary)


FAMILIES = (
    Family(
        "connectivity",
        "rnnbench.connectivities",
        Connectivity,
        ("kind", "summary", "count"),
        CONNECTIVITIES.add,
        CONNECTIVITIES.remove,
    ),
    Family(
        "kernel",
        "rnnbench.kernels",
        Kernel,
        ("name",),
        lambda kernel: kernels.add(_kernel_entry(kernel)),
        lambda kernel: kernels.remove(_kernel_entry(kernel)),
    ),
    Family(
        "task",
        "rnnbench.tasks",
        Task,
        ("kind", "summary", "sizes", "length_option", "loss_meaning", "accuracy_meaning", "success_rule"),
        TASKS.add,
        TASKS.remove,
    ),
)
"""All that plug-ins can bring."""


def family_of(offered: type) -> Family | None:
    """Return the family that a class belongs to, or None."""
    return next((family for family in FAMILIES if issubclass(offered, family.base)), None)
