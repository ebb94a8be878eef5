"""``rnnbench history``: each case of a folder of results over time, and where its figures step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnbench.cli.manual import Manual
from rnnbench.cli.options import choose_metrics, select_case

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rnnbench.analysis.align import Document


@click.command(
    cls=Manual,
    arguments={"FOLDER": "a folder of results, or a document (default: results)"},
    examples=(
        "rnnbench history",
        "rnnbench history results/ ci-results/ --metric training_time -k tridiagonal",
        "rnnbench history --format csv > history.csv",
    ),
    exits={
        0: "shown, whatever steps: `rnnbench gate` decides",
        2: "wrong command line or file",
        5: "nothing to show",
    },
)
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
@choose_metrics("times of passes.")
@select_case
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="csv: a row per figure. csv and json: SI units.",
)
def history(folders: tuple[Path, ...], metrics: tuple[str, ...], select: str | None, output: str) -> None:
    """Show each case over time, from the results in FOLDERs (default: results) or files.

    Sessions are grouped by machine fingerprint, since times of different machines are no series. A step is marked where
    a permutation test on ranks says that the figures are at another level from there on: in a case that does not
    change, with a chance of at most 1 %. It takes 10 sessions or more.
    """
    from rnnbench.analysis.history import history as shown
    from rnnbench.runner.destination import RESULTS

    machines = shown(_documents(folders or (RESULTS,)), metrics, select)
    if output == "json":
        from rnnbench.report.history_json import to_json

        click.echo(to_json(machines), nl=False)
    elif output == "csv":
        from rnnbench.report.history_csv import to_csv

        click.echo(to_csv(machines), nl=False)
    else:
        from rnnbench.report.console import stdout_console
        from rnnbench.report.history_table import render

        render(machines, stdout_console())


def _documents(paths: Sequence[Path]) -> Iterator[Document]:
    """Yield the documents of a store, each run once; files that are none are named and skipped."""
    from rnnbench.analysis.align import Document
    from rnnbench.analysis.integrity import checked
    from rnnbench.errors import RnnbenchError
    from rnnbench.report.printable import printable

    seen: dict[str, Path] = {}
    for path, results in checked(paths):
        if isinstance(results, RnnbenchError):
            click.echo(f"Skipped: {printable(results.message)}", err=True)
        elif results.run["id"] in seen:
            click.echo(f"Skipped: {path}: is the same run as {seen[results.run['id']]}", err=True)
        else:
            seen[results.run["id"]] = path
            yield Document(str(path), results)
