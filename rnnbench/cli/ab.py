"""``rnnbench ab``: two installations, or two settings, side by side on this machine."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import (
    choose_device,
    gate_as_json,
    gate_as_junit,
    gate_error_rate,
    gate_limits,
    gate_strictly,
    give_up_after,
    override_suite,
    select_cases,
)
from rnnbench.cli.plugin_option import plugin_option
from rnnbench.errors import ExitCode
from rnnbench.results.paired import MOST_ROUNDS

if TYPE_CHECKING:
    from rnnbench.results.paired import Paired

_STDOUT = "-"
_SEEDS = 1 << 31


@click.command(
    cls=Manual,
    arguments={"SUITE": "a suite file that measures throughput"},
    groups={
        "The two arms": ("base", "head", "base_set", "head_set"),
        "What to measure": ("overrides", "select", "device", "plugins"),
        "How to run": ("rounds", "seed", "timeout"),
        "Whether head may pass": ("gate", "limits", "alpha", "strict"),
        "What to write": ("output", "as_json", "junit"),
    },
    examples=(
        "rnnbench ab suites/kernels.yaml --base old/.venv/bin/python \\",
        "    --head .venv/bin/python --gate",
        "rnnbench ab suites/addition.yaml -k tridiagonal \\",
        "    --base-set kernel=eager --head-set kernel=fused",
        "rnnbench gate results/ab/kernels-20260102T030405Z.json",
    ),
    exits={
        0: "done; with --gate: nothing regressed",
        2: "wrong command line, suite or interpreter",
        3: "a regression (with --gate)",
        4: "inconclusive (with --gate --strict)",
        5: "a case failed, or an arm ended half-way; its rounds are kept",
        6: "arms that cannot be compared",
        130: "interrupted; complete rounds are kept",
    },
)
@click.argument("suite", metavar="SUITE", shell_complete=complete.suites)
@click.option("--base", metavar="PYTHON", help="The Python of the installation that is the standard.")
@click.option("--head", metavar="PYTHON", help="The Python of the installation that is held against it.")
@click.option(
    "--base-set",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=complete.setting,
    help="A setting of base alone; may be repeated.",
)
@click.option(
    "--head-set",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=complete.setting,
    help="A setting of head alone; may be repeated.",
)
@override_suite
@select_cases
@choose_device
@plugin_option
@click.option(
    "--rounds",
    metavar="N",
    type=click.IntRange(min=1, max=MOST_ROUNDS),
    help="How many rounds decide. Default: as many as a gate's error rate and noise take, at least 10.",
)
@click.option(
    "--seed", metavar="N", type=click.IntRange(min=0), help="Of the coin that orders rounds (default: drawn)."
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the document here; '-' writes it to stdout. Default: results/ab/<suite>-<UTC time>.json.",
)
@click.option(
    "--gate",
    is_flag=True,
    help="Screen all cases with 6 rounds, decide what they point at with fresh ones, and fail where head is slower.",
)
@gate_limits("How much slower head may be, 0.05 being 5 %.")
@gate_error_rate
@gate_strictly
@gate_as_json
@gate_as_junit
@give_up_after(600.0, "Give up on a case whose preparation and one timing take longer.")
def ab(**options: Any) -> int:
    """Compare two arms on SUITE: --base and --head, or --base-set and --head-set, or both.

    Rounds run both arms in the order ABBA or BAAB, as a coin says, each in fresh processes of which only one works at
    a time. The ratio of a round is the datum; the document has them all, and `rnnbench gate FILE` decides by them.
    Only times are compared: counts and bytes are the same in every run, which `rnnbench run` and `compare` show.
    """
    from rnnbench.runner.ab import AbInterrupted

    _check(options)
    path = _destination(options)
    try:
        document = _run(options, path)
    except AbInterrupted as interrupted:
        rounds = len(interrupted.document.rounds)
        kept = f", kept in {path}" if path is not None else ""
        click.echo(f"Interrupted: {rounds} rounds complete{kept}", err=True)
        return ExitCode.INTERRUPTED
    if path is None:
        click.echo(document.to_text(), nl=False)
        return _exit_code(document)
    click.echo(f"Rounds: {path}", err=True)
    if options["gate"]:
        from rnnbench.cli.gate_paired import gate_paired

        given = {key: options[key] for key in ("strict", "as_json", "junit")}
        return gate_paired(document, path, limits=(), alpha=None, select=None, **given)
    from rnnbench.report.console import stdout_console
    from rnnbench.report.paired_table import render

    render(document, str(path), stdout_console())
    return _exit_code(document)


def _check(options: dict[str, Any]) -> None:
    """Refuse what does not go together."""
    if (options["base"] is None) != (options["head"] is None):
        raise click.UsageError("--base and --head go together: an installation is held against another.")
    if options["base"] is None and not (options["base_set"] or options["head_set"]):
        raise click.UsageError(
            "Name two arms: --base PYTHON --head PYTHON, or --base-set KEY=VALUE and --head-set KEY=VALUE."
        )
    gated = [name for name in ("strict", "as_json", "junit") if options[name]]
    if gated and not options["gate"]:
        raise click.UsageError(f"--{gated[0].removeprefix('as_')} goes with --gate.")
    if options["gate"] and options["output"] == _STDOUT:
        raise click.UsageError("--gate prints what it found: give a file with -o, not '-'.")


def _destination(options: dict[str, Any]) -> Path | None:
    """Return where the document goes, ready to be written; None stands for stdout."""
    from rnnbench.results.paired import Paired
    from rnnbench.runner.destination import AB_RESULTS, is_folder, prepare, unused_path

    output = options["output"]
    if output == _STDOUT:
        return None
    if output is None or is_folder(output):
        path = unused_path(AB_RESULTS if output is None else Path(output), Path(options["suite"]).stem)
    else:
        path = Path(output)
    prepare(path, Paired.read)
    return path


def _run(options: dict[str, Any], path: Path | None) -> Paired:
    from rich.console import Console

    from rnnbench.analysis.limits import read_limits
    from rnnbench.report.progress import display
    from rnnbench.runner.ab import AbSettings
    from rnnbench.runner.ab import ab as compare
    from rnnbench.runner.ab_request import AbRequest

    request = AbRequest(
        suite=options["suite"],
        interpreters=(options["base"], options["head"]),
        settings=(options["base_set"], options["head_set"]),
        overrides=options["overrides"],
        select=options["select"],
        device=options["device"],
    )
    arms = request.arms()
    settings = AbSettings(
        path=path,
        seed=secrets.randbelow(_SEEDS) if options["seed"] is None else options["seed"],
        limits=read_limits(arms[0].suite.resolved, options["limits"], options["alpha"], options["suite"]),
        limit_options=options["limits"],
        rounds=options["rounds"],
        screening=options["gate"],
        timeout_seconds=options["timeout"],
        argv=("rnnbench", *sys.argv[1:]),
        request=asdict(request),
    )
    with display(Console(stderr=True)) as listener:
        return compare(arms, settings, listener)


def _exit_code(document: Paired) -> ExitCode:
    failed = any(case["status"] != "ok" for case in document.cases)
    return ExitCode.CASE_FAILED if failed else ExitCode.OK
