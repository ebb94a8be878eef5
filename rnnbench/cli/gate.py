"""``rnnbench gate``: has anything got worse by more than its limit?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import (
    gate_as_json,
    gate_as_junit,
    gate_error_rate,
    gate_limits,
    gate_strictly,
    select_cases,
)

_REPEATS = 20


@click.command(
    cls=Manual,
    arguments={
        "BASE NEW": "two documents of `rnnbench run`: the standard, and what is held against it",
        "AB": "a document of `rnnbench ab`, alone",
        "SUITE": "with --self-check: the suite on which to gate identical arms",
    },
    groups={
        "What to hold to what": ("limits", "alpha", "select", "earlier", "strict"),
        "What to print": ("as_json", "junit"),
        "How often a gate errs": ("self_check", "repeats"),
    },
    examples=(
        "rnnbench gate ab.json",
        "rnnbench gate --self-check suites/kernels.yaml -k tridiagonal --repeats 50",
        "rnnbench gate base.json new.json --earlier results/",
        "rnnbench gate base.json new.json --earlier results/ --limit peak_memory=0.2",
        "rnnbench gate base.json new.json --earlier results/ --strict --junit gate.xml",
    ),
    exits={
        0: "nothing regressed",
        2: "wrong command line or file",
        3: "a regression; with --self-check: more false alarms than promised",
        4: "inconclusive (with --strict)",
        5: "a case is missing, or nothing comparable was measured",
        6: "other machines, or documents that cannot be put beside each other",
    },
)
@click.argument(
    "base", metavar="BASE|AB|SUITE", type=click.Path(path_type=Path), shell_complete=complete.suites_and_documents
)
@click.argument(
    "new", metavar="[NEW]", required=False, type=click.Path(path_type=Path), shell_complete=complete.documents
)
@click.option(
    "--earlier",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="With BASE and NEW: an earlier run on this machine, or a folder of them; may be repeated. They tell how much "
    "sessions of the same code differ. With fewer than 8, verdicts on timings are advice and fail nothing.",
)
@gate_limits("How much worse a metric may get, 0.05 being 5 %; without METRIC, all timings.")
@gate_error_rate
@select_cases
@click.option(
    "--self-check",
    is_flag=True,
    help="Take the argument as a SUITE, gate identical arms on it, and print how often that fails.",
)
@click.option(
    "--repeats",
    metavar="N",
    type=click.IntRange(min=1),
    help="With --self-check: how many gates (default 20); each takes as long as `rnnbench ab SUITE --gate`.",
)
@gate_strictly
@gate_as_json
@gate_as_junit
def gate(base: Path, new: Path | None, **options: Any) -> int:
    """Decide whether NEW is worse than BASE, two runs of one suite on one machine, or head than base in AB.

    AB is what `rnnbench ab` wrote: its rounds decide by an exact signed-rank test, and no earlier runs are needed. Of
    two stored runs, a timing has regressed if a permutation test on launches says so, and it is slower by more than
    its limit and by more than sessions of the same code differ. Counts, bytes and what was learnt are held to their
    limits as they are.
    """
    _check(new, options)
    held = {key: options[key] for key in ("limits", "alpha", "select")}
    told = {key: options[key] for key in ("strict", "as_json", "junit")}
    if options["self_check"]:
        from rnnbench.cli.gate_self_check import gate_self_check

        return gate_self_check(str(base), repeats=options["repeats"] or _REPEATS, **held)
    if new is None:
        from rnnbench.cli.gate_paired import gate_paired
        from rnnbench.results.paired import Paired

        return gate_paired(Paired.read(base), base, **held, **told)
    from rnnbench.cli.gate_stored import gate_stored

    return gate_stored(base, new, earlier=options["earlier"], **held, **told)


def _check(new: Path | None, options: dict[str, Any]) -> None:
    """Refuse what does not go together."""
    if new is None and options["earlier"]:
        raise click.UsageError("--earlier goes with BASE and NEW: paired rounds need no earlier runs.")
    if options["repeats"] and not options["self_check"]:
        raise click.UsageError("--repeats goes with --self-check.")
    told = [f"--{name.removeprefix('as_')}" for name in ("strict", "as_json", "junit") if options[name]]
    alone = told if new is None else ["NEW", *told]
    if options["self_check"] and alone:
        raise click.UsageError(f"--self-check takes one SUITE and gates nothing of yours: leave out {alone[0]}.")
