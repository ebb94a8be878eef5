"""``rnnbench run``: measure the cases of suites, and answer."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import choose_device, give_up_after, override_suite, select_cases
from rnnbench.cli.plugin_option import plugin_option
from rnnbench.errors import ExitCode, RnnbenchError

if TYPE_CHECKING:
    from rnnbench.results.document import Results
    from rnnbench.runner.plan import Batch
    from rnnbench.runner.request import Request
    from rnnbench.suite.suite import Suite

_STDOUT = "-"


@click.command(
    cls=Manual,
    arguments={"SUITE": "a suite file; several run one after the other, each with a document of its own"},
    groups={
        "What to measure": ("select", "overrides", "device", "launches", "quick", "seed", "force", "plugins"),
        "How to run": ("timeout", "no_calibration", "dry_run", "resume"),
        "Where to write": ("output",),
    },
    examples=(
        "rnnbench run suites/addition.yaml",
        "rnnbench run suites/addition.yaml --dry-run",
        'rnnbench run suites/addition.yaml --quick -k "dense or diagonal" -o q.json',
        "rnnbench run suites/addition.yaml --set hidden=16,32",
        "rnnbench run --resume results/addition-20260102T030405Z.json",
    ),
    exits={
        0: "all cases measured",
        2: "wrong command line, suite or file",
        5: "a case failed, or nothing was measured",
        6: "the document of --resume is of another suite, machine or version",
        130: "interrupted; what was measured is kept",
    },
)
@click.argument("suites", metavar="SUITE...", nargs=-1, shell_complete=complete.suites)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the results here; '-' writes the JSON to stdout, a folder ('out/') gets a file with a name of its own. "
    "Default: results/<suite>-<UTC time>.json.",
)
@select_cases
@override_suite
@choose_device
@click.option(
    "--launches",
    metavar="N",
    type=click.IntRange(min=1),
    help="Time each case in N fresh processes, whatever the suite says.",
)
@click.option("--quick", is_flag=True, help="Take a preview: 3 launches, a tenth of the training, shorter timings.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help="Decide the order of the cases in each launch (default 0); weights and data have the suite's own seed.",
)
@give_up_after(3600.0, "Give up on one measurement of a case after this long; the others go on.")
@click.option(
    "--resume",
    metavar="FILE",
    type=click.Path(path_type=Path),
    shell_complete=complete.documents,
    help="Finish the results in FILE: what was interrupted or failed is measured, the rest is kept. Suite and options "
    "are those of FILE and need not be given again. Writes to FILE unless -o says otherwise.",
)
@click.option(
    "--no-calibration",
    is_flag=True,
    help="Leave out what the machine can reach (see rnnbench machine), which the first run takes about ten seconds to "
    "measure; the results then say no share of it.",
)
@plugin_option
@click.option("--force", is_flag=True, help="Try memory budgets (max_length.budget) above what this machine has.")
@click.option("--dry-run", is_flag=True, help="Print the cases and a rough estimate of the time, and run nothing.")
def run(suites: tuple[str, ...], resume: Path | None, **options: Any) -> int:
    """Measure every case of each SUITE; write results as JSON and print them as a table with findings.

    Progress goes to stderr, the table to stdout. Results are written after every case: Ctrl-C keeps what is measured.
    """
    if resume is not None:
        return _resume(suites, resume, options)
    if not suites:
        raise click.UsageError("Name at least one SUITE, for instance: rnnbench run suites/addition.yaml")
    from rnnbench.runner.destination import is_folder
    from rnnbench.runner.request import Request
    from rnnbench.runner.resume import batches_left
    from rnnbench.suite.problem import gather

    given = _given(options)
    requests = [Request(suite=suite).changed(given) for suite in suites]
    # All suites are read before anything is measured: a mistake in the last one costs no time of the first.
    loaded = list(zip(requests, gather(request.load for request in requests), strict=True))
    if options["dry_run"]:
        for request, suite in loaded:
            _dry_run(suite, batches_left(suite, request.seed, None))
        return ExitCode.OK
    _check_budgets([suite for _, suite in loaded], options["force"])
    output = options["output"]
    if len(loaded) > 1 and output is not None and not is_folder(output):
        raise RnnbenchError(
            f"-o {output}: {len(loaded)} suites give as many results documents: give a folder, as in -o out/"
        )
    worst = ExitCode.OK
    for request, suite in loaded:
        worst = max(worst, _run(suite, request, _destination(suite, output), options))
        if worst is ExitCode.INTERRUPTED:
            break
    return worst


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Return those options that say what to measure."""
    return {name: options[name] for name in ("overrides", "select", "device", "launches", "quick", "seed")}


def _resume(suites: tuple[str, ...], file: Path, options: dict[str, Any]) -> int:
    from rnnbench.results.document import Results
    from rnnbench.runner.request import Request
    from rnnbench.runner.resume import batches_left, check_plugins, check_suite, reopen

    if len(suites) > 1:
        raise click.UsageError("--resume finishes one document: name its SUITE only, or none.")
    results = Results.read(file)
    check_plugins(results, str(file))
    given = _given(options) | {"suite": suites[0] if suites else None}
    request = Request.of_document(results.run, str(file)).changed(given)
    suite = request.load()
    check_suite(results, suite, str(file))
    reopen(results, suite)
    left = batches_left(suite, request.seed, results)
    if options["dry_run"]:
        _dry_run(suite, left)
        return ExitCode.OK
    if not left:
        click.echo(f"{file}: nothing to resume, all {len(results.cases)} cases are complete.", err=True)
        return _exit_code(results)
    _check_budgets([suite], options["force"])
    output = options["output"] if options["output"] is not None else str(file)
    return _run(suite, request, _destination(suite, output), options, results)


def _check_budgets(suites: Sequence[Suite], force: bool) -> None:
    from rnnbench.runner.budgets import check_budgets

    for suite in suites if not force else ():
        check_budgets(suite)


def _destination(suite: Suite, output: str | None) -> Path | None:
    """Return where a suite's results go, ready to be written; None stands for stdout."""
    from rnnbench.runner.destination import RESULTS, is_folder, prepare, unused_path

    if output == _STDOUT:
        return None
    if output is None or is_folder(output):
        path = unused_path(RESULTS if output is None else Path(output), suite.name)
    else:
        path = Path(output)
    prepare(path)
    return path


def _run(
    suite: Suite, request: Request, path: Path | None, options: dict[str, Any], resumed: Results | None = None
) -> ExitCode:
    """Run one suite, show what came out, and return the exit code."""
    from rich.console import Console

    from rnnbench.report.progress import display
    from rnnbench.runner.local_executor import LocalExecutor
    from rnnbench.runner.run import Interrupted, Settings, run

    errors = Console(stderr=True)
    argv = ("rnnbench", *sys.argv[1:])
    settings = Settings(path, options["timeout"], argv, calibrate=not options["no_calibration"])
    try:
        with display(errors) as listener:
            results = run(suite, request, LocalExecutor(), settings, listener, resumed)
    except Interrupted as interrupted:
        if path is None:
            click.echo(interrupted.results.to_text(), nl=False)
        _say_interrupted(interrupted.results, path)
        return ExitCode.INTERRUPTED
    if path is None:
        click.echo(results.to_text(), nl=False)
    else:
        from rnnbench.report.console import stdout_console
        from rnnbench.report.table import render

        render(results, stdout_console())
        click.echo(f"Results: {path}", err=True)
    return _exit_code(results)


def _say_interrupted(results: Results, path: Path | None) -> None:
    complete = sum(case["status"] != "interrupted" for case in results.cases)
    remedy = f"; finish with: rnnbench run --resume {shlex.quote(str(path))}" if path is not None else ""
    click.echo(f"Interrupted: {complete} of {len(results.cases)} cases complete{remedy}", err=True)


def _exit_code(results: Results) -> ExitCode:
    return ExitCode.CASE_FAILED if results.failed or not results.cases else ExitCode.OK


def _dry_run(suite: Suite, batches: Sequence[Batch]) -> None:
    """Print the cases with what is left to measure of each, and about how long it will take."""
    from rnnbench.report.duration import minutes
    from rnnbench.runner.agenda import batch_seconds
    from rnnbench.runner.plan import measurements

    seconds: dict[str, float] = {}
    for batch in batches:
        seconds[batch.measurement] = seconds.get(batch.measurement, 0.0) + sum(batch_seconds(batch))
    counts = Counter((job.case.name, job.measurement) for batch in batches for job in batch.jobs)
    width = max(len(case.name) for case in suite.cases)
    click.echo(f"{suite.path}: {len(suite.cases)} cases, about {minutes(sum(seconds.values()))} (m:ss, rough)")
    for case in suite.cases:
        jobs = [(name, counts[case.name, name]) for name in measurements(case) if counts[case.name, name]]
        left = ", ".join(name if count == 1 else f"{name} x {count}" for name, count in jobs) or "complete"
        sized = "" if case.scaled_from is None else f"; hidden {case.scaled_from} -> {case.parameters.hidden}"
        click.echo(f"  {case.name:<{width}}  {case.id}  {left}{sized}")
    for name, total in seconds.items():
        click.echo(f"  {name}: about {minutes(total)}")
