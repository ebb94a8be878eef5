"""``rnnbench compare``: results documents beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import Number, choose_metrics, select_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnbench.analysis.arrange import Order
    from rnnbench.analysis.compare import Comparison


@click.command(
    cls=Manual,
    arguments={
        "BASE": "the document that is the standard, as `rnnbench run` wrote it",
        "NEW": "the document that is held against it",
        "MORE": "further ones",
    },
    groups={
        "What to compare": ("metrics", "select", "axis", "margin"),
        "What to print": ("changed", "order", "output"),
    },
    examples=(
        "rnnbench compare before.json after.json",
        "rnnbench compare before.json after.json --metric training_time --changed",
        "rnnbench compare laptop.json server.json",
    ),
    exits={
        0: "compared, whatever the verdicts: `rnnbench gate` decides",
        2: "wrong command line or file",
        5: "nothing to compare",
        6: "documents that cannot be put beside each other",
    },
)
@click.argument("base", type=click.Path(path_type=Path), shell_complete=complete.documents)
@click.argument("new", type=click.Path(path_type=Path), shell_complete=complete.documents)
@click.argument(
    "more", metavar="[MORE]...", nargs=-1, type=click.Path(path_type=Path), shell_complete=complete.documents
)
@choose_metrics("all but rates, first calls and losses.")
@select_cases
@click.option("--changed", is_flag=True, help="Only the cases that got better or worse, or that one document lacks.")
@click.option(
    "--sort",
    "order",
    type=click.Choice(["suite", "name", "change"]),
    default="suite",
    show_default=True,
    help="The order of the cases; 'change' puts the largest ratio first.",
)
@click.option(
    "--by",
    "axis",
    metavar="AXIS",
    shell_complete=complete.axis,
    help="Also a geometric mean for each value of AXIS, such as connectivity.",
)
@click.option(
    "--margin",
    metavar="FRACTION",
    type=Number(min=0, max=10, min_open=True),
    default=0.05,
    show_default=True,
    help="How far from 1 a ratio may be, with its whole interval, to be called the same.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "markdown", "csv", "json"]),
    default="table",
    show_default=True,
    help="csv and json: all figures in SI units.",
)
def compare(
    base: Path,
    new: Path,
    more: tuple[Path, ...],
    metrics: tuple[str, ...],
    select: str | None,
    changed: bool,
    order: Order,
    axis: str | None,
    margin: float,
    output: str,
) -> None:
    """Put results documents beside each other: NEW, and MORE, against BASE, case by case.

    On one machine every case gets a ratio with an interval and a verdict. Documents of different machines get no
    verdict: they are compared by what was measured within each machine.
    """
    from rnnbench.analysis.align import Document, align, check_documents
    from rnnbench.analysis.arrange import arranged, selected
    from rnnbench.analysis.compare import choose_metrics
    from rnnbench.analysis.compare import compare as compared
    from rnnbench.results.document import Results

    documents = [Document(str(path), Results.read(path)) for path in (base, new, *more)]
    check_documents(documents)
    pairings = [align(documents[0], other) for other in documents[1:]]
    if select is not None:
        pairings = [selected(pairing, select) for pairing in pairings]
    keys = choose_metrics(pairings, metrics)
    comparisons = [compared(pairing, keys, margin, axis) for pairing in pairings]
    _print([arranged(comparison, order, changed) for comparison in comparisons], output)


def _print(comparisons: Sequence[Comparison], output: str) -> None:
    if output == "json":
        from rnnbench.report.comparison_json import to_json

        click.echo(to_json(comparisons), nl=False)
    elif output == "csv":
        from rnnbench.report.comparison_csv import to_csv

        click.echo(to_csv(comparisons), nl=False)
    elif output == "markdown":
        from rnnbench.report.comparison_markdown import to_markdown

        click.echo(to_markdown(comparisons), nl=False)
    else:
        from rnnbench.report.comparison_table import render
        from rnnbench.report.console import stdout_console

        render(comparisons, stdout_console())
