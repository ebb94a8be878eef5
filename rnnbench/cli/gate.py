"""``rnnbench gate``: has anything got worse by more than its limit?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from rnnbench.cli import complete
from rnnbench.cli.gate_output import tell
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import select_cases

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
@click.option(
    "--limit",
    "limits",
    metavar="[METRIC=]FRACTION",
    multiple=True,
    help="How much worse a metric may get, 0.05 being 5 %; without METRIC, all timings. May be repeated; overrules the "
    "suite's `gate` section.",
)
@click.option(
    "--alpha",
    metavar="RATE",
    type=click.FloatRange(min=0, max=0.5, min_open=True),
    help="How often a gate on unchanged code may fail (default: the suite's, or 0.01).",
)
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
@click.option("--strict", is_flag=True, help="Exit with 4 where anything is left open.")
@click.option("--json", "as_json", is_flag=True, help="Print the gate as JSON.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Also write a JUnit test report.")
def gate(
    base: Path,
    new: Path | None,
    earlier: tuple[Path, ...],
    limits: tuple[str, ...],
    alpha: float | None,
    select: str | None,
    self_check: bool,
    repeats: int | None,
    strict: bool,
    as_json: bool,
    junit: Path | None,
) -> int:
    """Decide whether NEW is worse than BASE, two runs of one suite on one machine, or head than base in AB.

    AB is what `rnnbench ab` wrote: its rounds decide by an exact signed-rank test, and no earlier runs are needed. Of
    two stored runs, a timing has regressed if a permutation test on launches says so, and it is slower by more than
    its limit and by more than sessions of the same code differ. Counts, bytes and what was learnt are held to their
    limits as they are.
    """
    _check(click.get_current_context().params)
    if self_check:
        from rnnbench.cli.gate_self_check import gate_self_check

        return gate_self_check(str(base), repeats=repeats or _REPEATS, limits=limits, alpha=alpha, select=select)
    if new is None:
        from rnnbench.cli.gate_paired import gate_paired
        from rnnbench.results.paired import Paired

        return gate_paired(
            Paired.read(base),
            base,
            limits=limits,
            alpha=alpha,
            select=select,
            strict=strict,
            as_json=as_json,
            junit=junit,
        )
    from rnnbench.analysis.align import Document, align, check_documents
    from rnnbench.analysis.arrange import selected
    from rnnbench.analysis.gate import gate as gated
    from rnnbench.analysis.limits import read_limits
    from rnnbench.analysis.sessions import read_sessions
    from rnnbench.report.gate_account import stored_account
    from rnnbench.report.gate_json import to_json
    from rnnbench.results.document import Results

    documents = [Document(str(path), Results.read(path)) for path in (base, new)]
    check_documents(documents)
    pairing = align(*documents)
    if select is not None:
        pairing = selected(pairing, select)
    held = read_limits(documents[1].results.suite["resolved"], limits, alpha, str(new))
    found = gated(pairing, read_sessions(earlier, pairing), held)
    code = found.exit_code(strict)
    context = click.get_current_context()
    replay = [context.command_path.split()[0], "gate", *_words(context.params)]
    tell(stored_account(found), replay, partial(to_json, found, code, replay) if as_json else None, junit)
    return int(code)


def _check(given: dict[str, object]) -> None:
    """Refuse what does not go together."""
    if given["new"] is None and given["earlier"]:
        raise click.UsageError("--earlier goes with BASE and NEW: paired rounds need no earlier runs.")
    if given["repeats"] and not given["self_check"]:
        raise click.UsageError("--repeats goes with --self-check.")
    alone = [name for name in ("new", "strict", "as_json", "junit") if given[name]]
    if given["self_check"] and alone:
        said = "NEW" if alone[0] == "new" else f"--{alone[0].removeprefix('as_')}"
        raise click.UsageError(f"--self-check takes one SUITE and gates nothing of yours: leave out {said}.")


def _words(given: dict[str, object]) -> list[str]:
    """Return the words of the command line that decide what a gate finds."""
    words = [str(given["base"]), str(given["new"])]
    for option, key in (("--earlier", "earlier"), ("--limit", "limits")):
        values = given[key]
        words += [word for value in (values if isinstance(values, tuple) else ()) for word in (option, str(value))]
    for option, key in (("--alpha", "alpha"), ("-k", "select")):
        if given[key] is not None:
            words += [option, str(given[key])]
    return [*words, "--strict"] if given["strict"] else words
