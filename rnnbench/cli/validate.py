"""``rnnbench validate``: check suites without running them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.plugin_option import plugin_option

if TYPE_CHECKING:
    from rnnbench.suite.suite import Suite


@click.command(
    cls=Manual,
    arguments={"SUITE": "a suite file"},
    examples=("rnnbench validate suites/addition.yaml", "rnnbench validate suites/*.yaml"),
    exits={0: "all are right", 2: "something is wrong, or a file is not there"},
)
@click.argument(
    "suites",
    metavar="SUITE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    shell_complete=complete.suites,
)
@plugin_option
def validate(suites: tuple[Path, ...]) -> None:
    """Check suites without running them.

    Prints for each suite how many cases it makes and what it measures. Where anything is wrong, prints all problems
    of all suites instead, each with file, line and column. `rnnbench run --dry-run` lists the cases.
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
