"""Options that several commands have."""

from __future__ import annotations

import click

from rnnbench.cli import complete

select_cases = click.option(
    "-k",
    "select",
    metavar="EXPR",
    shell_complete=complete.expression,
    help="Only the cases whose names match: words with 'and', 'or', 'not' and parentheses.",
)
"""``-k``: an expression for :func:`rnnbench.suite.select.select_names`."""
