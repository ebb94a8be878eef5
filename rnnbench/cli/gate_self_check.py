"""``rnnbench gate --self-check SUITE``: how often the gate fails on this machine where nothing has changed."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence

import click

from rnnbench.errors import ExitCode

_SEEDS = 1 << 31


def gate_self_check(
    suite: str, *, repeats: int, limits: Sequence[str], alpha: float | None, select: str | None
) -> ExitCode:
    """Gate identical arms ``repeats`` times, print how many gates failed, and return the exit code."""
    from rich.console import Console

    from rnnbench.analysis.limits import read_limits
    from rnnbench.report.gate_words import line_text, percent
    from rnnbench.report.progress import display
    from rnnbench.runner.ab import AbInterrupted, AbSettings
    from rnnbench.runner.ab_request import AbRequest
    from rnnbench.runner.self_check import self_check

    arms = AbRequest(suite=suite, select=select).arms()
    held = read_limits(arms[0].suite.resolved, limits, alpha, suite)
    settings = AbSettings(path=None, seed=secrets.randbelow(_SEEDS), limits=held, argv=("rnnbench", *sys.argv[1:]))

    def ended(done: int, failed: int) -> None:
        click.echo(f"Gate {done} of {repeats} on identical arms: {failed} failed so far", err=True)

    try:
        with display(Console(stderr=True)) as listener:
            found = self_check(arms, settings, repeats, listener, ended)
    except AbInterrupted:
        click.echo("Interrupted: a rate over the gates until then would be no rate of gates.", err=True)
        return ExitCode.INTERRUPTED
    for number, lines in found.alarms.items():
        for line in lines:
            click.echo(f"Gate {number + 1}, seed {settings.seed + number}: {line_text(line)}")
    low, high = found.interval
    cases = len(arms[0].suite.cases)
    click.echo(
        f"{suite}: {len(found.alarms)} of {found.gates} gates on identical arms failed ({cases} "
        f"{'case' if cases == 1 else 'cases'}): {percent(found.rate)} % [{percent(low)}, {percent(high)}], "
        f"promised at most {percent(found.alpha)} %."
    )
    if found.kept:
        return ExitCode.OK
    click.echo("More than promised: something on this machine tells the arms apart. Report it with the lines above.")
    return ExitCode.REGRESSION
