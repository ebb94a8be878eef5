"""``--plugin``: connectivities, kernels and tasks of one's own, loaded before the suite that names them is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _load(context: click.Context, _parameter: click.Parameter, asked: tuple[str, ...]) -> tuple[str, ...]:
    if not context.resilient_parsing:  # completing a line runs no code that it names
        from rnnbench.plugins.load import load_plugins

        load_plugins(asked)
    return asked


def plugin_option(command: F) -> F:
    """Give a command the option; plug-ins that are installed are loaded in any case."""
    return click.option(
        "--plugin",
        "plugins",
        metavar="MODULE",
        multiple=True,
        callback=_load,
        expose_value=False,
        help="Load connectivities, kernels and tasks from a module or a file (./mine.py), which runs its code; may be "
        "repeated.",
    )(command)
