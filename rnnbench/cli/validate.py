"""``rnnbench validate``: check suites without running them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnbench.cli.plugin_option import plugin_option

if TYPE_CHECKING:
    from rnnbench.suite.suite import Suite


@click.command()
@click.argument("suites", metavar="SUITE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@plugin_option
def validate(suites: tuple[Path, ...]) -> None:
    """Check suites without running them.

    Prints for each suite how many cases it makes and what it measures. Where anything is wrong, prints all problems
    of all suites, each with file, line and column, and exits with code 2.

    \b
    Example:
      rnnbench validate suites/addition.yaml
    """
    from rnnbench.suite.loader import load_suites

    for suite in load_suites(suites):
        click.echo(_description(suite))


def _description(suite: Suite) -> str:
    """Return a line on the suite, and one on each of its axes."""
    from rnnbench.words import printable

    count = len(suite.cases)
    measured = dict.fromkeys(name for case in suite.cases for name in case.measure.names())
    lines = [
        f"{printable(suite.path, 300)}: {count} case{'s' if count > 1 else ''}, measures {', '.join(measured)}; ok",
        *(f"  {axis} {len(labels)}: {', '.join(labels)}" for axis, labels in suite.axes.items()),
    ]
    return "\n".join(lines)
