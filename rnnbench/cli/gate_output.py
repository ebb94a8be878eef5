"""How commands that gate tell what was found: on standard output, as JUnit, and to GitHub Actions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rnnbench.report.gate_account import Account


def replay_words(
    documents: Sequence[Path],
    *,
    earlier: Sequence[Path] = (),
    limits: Sequence[str],
    alpha: float | None,
    select: str | None,
    strict: bool,
) -> list[str]:
    """Return the words of the command line that finds the same again."""
    words = ["rnnbench", "gate", *map(str, documents)]
    words += [word for path in earlier for word in ("--earlier", str(path))]
    words += [word for limit in limits for word in ("--limit", limit)]
    words += [] if alpha is None else ["--alpha", f"{alpha:g}"]
    words += [] if select is None else ["-k", select]
    return [*words, "--strict"] if strict else words


def tell(account: Account, replay: Sequence[str], as_json: Callable[[], str] | None, junit: Path | None) -> None:
    """Print a gate as tables, or the JSON that ``as_json`` returns; write what CI reads.

    Raises
    ------
    RnnbenchError
        A file cannot be written.
    """
    from rnnbench.report.github import append_summary, in_actions, workflow_commands

    if as_json is not None:
        click.echo(as_json(), nl=False)
    else:
        from rnnbench.report.console import stdout_console
        from rnnbench.report.gate_table import render

        render(account, replay, stdout_console())
    if junit is not None:
        from rnnbench.report.gate_junit import to_junit
        from rnnbench.results.atomic import write_text

        write_text(junit, to_junit(account.lines))
    if in_actions(os.environ):
        from rnnbench.report.gate_markdown import to_markdown

        # To stderr, which a runner reads as well: standard output may be JSON.
        for command in workflow_commands(account.lines):
            click.echo(command, err=True)
        append_summary(os.environ, to_markdown(account, replay))
