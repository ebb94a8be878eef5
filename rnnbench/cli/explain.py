"""``rnnbench explain``: how the figures of a case came about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import results_argument
from rnnbench.errors import RnnbenchError

if TYPE_CHECKING:
    from rnnbench.results.document import Results


@click.command(
    cls=Manual,
    arguments={
        "RESULTS": "a document that `rnnbench run` wrote",
        "CASE": "the name of a case, its id, or words that select one, as after -k",
    },
    examples=(
        "rnnbench explain results/addition-20260102T030405Z.json tridiagonal",
        'rnnbench explain run.json "dense and hidden=512"',
    ),
    exits={0: "explained", 2: "wrong command line or file, or no such case", 6: "a document of a newer major version"},
)
@results_argument
@click.argument("case", shell_complete=complete.case)
def explain(results: Path, case: str) -> None:
    """Tell in sentences how each figure of CASE came about.

    Which kernel ran and why others were passed over, how far it was from the float64 loop, launches, samples and why
    sampling ended, how intervals were made, floor and bound, what every flag means, and the conditions of the run.
    """
    from rnnbench.report.console import stdout_console
    from rnnbench.report.explanation import render_explanation
    from rnnbench.results.document import Results

    document = Results.read(results)
    render_explanation(document, _found(document, case, str(results)), stdout_console())


def _found(document: Results, wanted: str, source: str) -> Mapping[str, Any]:
    """Return the case that is called so, or the only one that the words select."""
    from rnnbench.suite.select import select_names
    from rnnbench.words import did_you_mean, printable, quoted

    for key in ("name", "id"):
        exact = [case for case in document.cases if case[key] == wanted]
        if exact:
            return exact[0]
    names = [case["name"] for case in document.cases]
    try:
        selected = select_names(wanted, names, source)
    except RnnbenchError as error:
        shown = [printable(name, 200) for name in names]
        raise RnnbenchError(f"{source}: has no case {quoted(wanted)}{did_you_mean(wanted, shown)}") from error
    if len(selected) > 1:
        listed = ", ".join(printable(name, 200) for name in names if name in selected)
        raise RnnbenchError(f"{source}: {quoted(wanted)} selects {len(selected)} cases: name one of {listed}")
    return next(case for case in document.cases if case["name"] in selected)
