"""``rnnbench machine``: what this machine is, how quiet it is, and what it can reach."""

from __future__ import annotations

import json

import click

from rnnbench.cli.manual import Manual


@click.command(
    cls=Manual,
    examples=("rnnbench machine", "rnnbench machine --json > machine.json", "rnnbench machine --calibrate"),
    exits={
        0: "examined",
        2: "wrong command line",
        5: "the machine could not be calibrated",
        130: "interrupted",
    },
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to standard output, in SI units.")
@click.option(
    "--calibrate",
    is_flag=True,
    help="Measure again what the machine can reach, in place of what was measured before with as many threads and the "
    "same torch.",
)
def machine(as_json: bool, calibrate: bool) -> None:
    """Examine this machine: its fingerprint, its noise with advice, and the bandwidths, peaks and latencies it reaches.

    The noise check takes 10 s. What the machine can reach is measured once, in about ten seconds, and kept in the
    user's cache; runs hold their times against it.
    """
    from rnnbench.machine.noise import check_noise
    from rnnbench.runner.examine import examine
    from rnnbench.runner.local_executor import LocalExecutor

    document = examine(LocalExecutor(), check_noise, calibrate, lambda text: click.echo(text, err=True))
    if as_json:
        click.echo(json.dumps(document, indent=2, allow_nan=False))
        return
    from rnnbench.report.console import stdout_console
    from rnnbench.report.machine_table import render_machine

    render_machine(document, stdout_console())
