"""``rnnbench profile``: where the time and memory of a training step go."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import choose_device, give_up_after, override_suite
from rnnbench.cli.plugin_option import plugin_option
from rnnbench.errors import ExitCode, RnnbenchError

if TYPE_CHECKING:
    from rnnbench.runner.profile import Profile
    from rnnbench.suite.suite import Suite

MOST_CASES = 2
_NAMED = 8


@click.command(
    cls=Manual,
    arguments={"SUITE": "a suite file"},
    groups={
        "What to profile": ("select", "overrides", "device", "plugins"),
        "How to run": ("timeout", "no_calibration"),
        "What to write": ("output", "output_format"),
    },
    examples=(
        "rnnbench profile suites/addition.yaml -k diagonal",
        'rnnbench profile suites/kernels.yaml -k "rnn/diagonal and (fused or eager)"',
        "rnnbench profile suites/kernels.yaml -k lstm/dense/kernel=torch -o profiles/",
    ),
    exits={
        0: "profiled",
        2: "wrong command line, suite or file",
        5: "a case failed",
        130: "interrupted",
    },
)
@click.argument("suite", metavar="SUITE", shell_complete=complete.suites)
@click.option(
    "-k",
    "select",
    metavar="CASE",
    shell_complete=complete.expression,
    help="The case to profile, by its name; or words with 'and', 'or', 'not' and parentheses, which select one, or two "
    "to compare.",
)
@override_suite
@choose_device
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write into this folder, for each case: the profile (.json), a trace for ui.perfetto.dev and chrome://tracing "
    "(.trace.json), and the memory timeline (.memory.csv).",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="table: for people. json: one document, in SI units.",
)
@give_up_after(600.0, "Give up on a case after this long.")
@click.option(
    "--no-calibration",
    is_flag=True,
    help="Leave out what the machine can reach, where that was never measured; there are then no shares of it.",
)
@plugin_option
def profile(suite: str, output_format: str, output: Path | None, **options: Any) -> int:
    """Take one training step of a case of SUITE apart: time by phase and operator, rates, memory.

    Phases are W x, the recurrence forward and backward, the gradients of weights, readout and loss, and the optimizer.
    A case with a task is profiled as a model, one without as a layer. Two cases are also held against each other. What
    the profiler itself costs is measured beside it and said. Progress goes to stderr.
    """
    from rich.console import Console

    from rnnbench.report.progress import display
    from rnnbench.runner.local_executor import LocalExecutor
    from rnnbench.runner.profile import profile as profile_cases

    chosen = _chosen(suite, options)
    if output is not None:
        _prepare(output)
    try:
        with display(Console(stderr=True)) as listener:
            profiles = profile_cases(
                chosen, LocalExecutor(), options["timeout"], listener, calibrate=not options["no_calibration"]
            )
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    if output is not None:
        for one in profiles:
            _write(one, output)
    _show([one.document for one in profiles], output_format)
    return ExitCode.OK


def _chosen(path: str, options: dict[str, Any]) -> Suite:
    """Return the suite with the one or two cases to profile."""
    from rnnbench.runner.request import Request
    from rnnbench.words import printable

    select = options["select"]
    suite = Request(suite=path, overrides=options["overrides"], device=options["device"]).load()
    if any(case.name == select for case in suite.cases):
        return replace(suite, cases=tuple(case for case in suite.cases if case.name == select))
    suite = suite if select is None else suite.select(select)
    if len(suite.cases) > MOST_CASES:
        names = [printable(case.name) for case in suite.cases]
        more = [f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
        raise RnnbenchError(
            f"{printable(path, 300)}: {len(names)} cases: choose one with -k, or two to compare: "
            + ", ".join([*names[:_NAMED], *more])
        )
    return suite


def _prepare(folder: Path) -> None:
    """Make the folder, before anything is measured."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RnnbenchError(f"{folder}: cannot be made ({error.strerror}): give another folder with -o") from error


def _write(profile: Profile, folder: Path) -> None:
    from rnnbench.results.atomic import write_text

    document = profile.document
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", document["case"]["name"]).strip(".-")[:80]
    stem = f"{name or 'case'}-{document['case']['id'][:8]}"
    trace = gzip.decompress(base64.b64decode(profile.trace)).decode()
    for ending, text in (
        ("json", json.dumps(document, indent=1, allow_nan=False) + "\n"),
        ("trace.json", trace),
        ("memory.csv", _timeline(document["memory"]["points"])),
    ):
        write_text(folder / f"{stem}.{ending}", text)
        click.echo(f"Wrote {folder / f'{stem}.{ending}'}", err=True)


def _timeline(points: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seconds", "bytes_above_start", "phase"])
    writer.writerows(points)
    return text.getvalue()


def _show(documents: Sequence[dict[str, Any]], output_format: str) -> None:
    if output_format == "json":
        from rnnbench.analysis.profile_difference import operator_rows, phase_rows

        said: dict[str, Any] = {"profiles": list(documents)}
        if len(documents) == MOST_CASES:
            said["difference"] = {
                "phases": [row.to_json() for row in phase_rows(*documents)],
                "operators": [row.to_json() for row in operator_rows(*documents)],
            }
        click.echo(json.dumps(said, indent=1, allow_nan=False))
        return
    from rnnbench.report.console import stdout_console
    from rnnbench.report.profile_table import render_difference, render_profile

    console = stdout_console()
    for number, document in enumerate(documents):
        if number:
            console.print()
        render_profile(document, console)
    if len(documents) == MOST_CASES:
        render_difference(documents[0], documents[1], console)
