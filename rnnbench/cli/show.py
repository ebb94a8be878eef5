"""``rnnbench show``: print a results document."""

from __future__ import annotations

from pathlib import Path

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual
from rnnbench.cli.options import results_argument, select_cases


@click.command(
    cls=Manual,
    arguments={"RESULTS": "a document that `rnnbench run` wrote"},
    groups={
        "Which cases, in which order": ("select", "sort", "group_by"),
        "What to print": ("columns", "plot", "axis"),
    },
    examples=(
        "rnnbench show results/addition-20260102T030405Z.json",
        "rnnbench show run.json --sort training_time --columns accuracy,training_time",
        "rnnbench show run.json --group-by hidden",
        "rnnbench show run.json --plot training_time --by hidden",
    ),
    elsewhere={"--format": "`rnnbench export --to` writes other formats, and `rnnbench report` a page."},
    exits={0: "printed", 2: "wrong command line or file", 6: "a document of a newer major version"},
)
@results_argument
@select_cases
@click.option(
    "--sort",
    metavar="KEY",
    shell_complete=complete.metrics,
    help="By a metric, the best first; by an axis, such as hidden; or by name. A '-' in front turns it round.",
)
@click.option(
    "--group-by",
    metavar="AXIS",
    shell_complete=complete.axis,
    help="The cases with one value of AXIS together, the best marked within each group.",
)
@click.option(
    "--columns",
    metavar="A,B,...",
    shell_complete=complete.metrics,
    help="These metrics alone, in this order; also 'roofline' and 'learning curve'.",
)
@click.option(
    "--plot",
    metavar="METRIC",
    shell_complete=complete.metrics,
    help="In place of tables, METRIC with its intervals over the values of an axis.",
)
@click.option(
    "--by",
    "axis",
    metavar="AXIS",
    shell_complete=complete.axis,
    help="The axis of --plot. Default: the one that the suite contrasts, or else the first in which cases differ.",
)
def show(
    results: Path,
    select: str | None,
    sort: str | None,
    group_by: str | None,
    columns: str | None,
    plot: str | None,
    axis: str | None,
) -> None:
    """Print RESULTS as a table with its findings, or plot a metric.

    Where there is room, shares have bars and training has learning curves. A table that is wider than the terminal
    folds into several; a pipe gets it in full width, without colours. NO_COLOR and COLUMNS are respected. `rnnbench
    export` writes CSV, Markdown and more; `rnnbench report` a page.
    """
    _check(click.get_current_context().params)
    from rnnbench.analysis.conclusions import read
    from rnnbench.analysis.listing import listing
    from rnnbench.report.console import stdout_console
    from rnnbench.results.document import Results

    # A plot is without findings, which take their time.
    listed = listing(Results.read(results) if plot is not None else read(results), select, sort, group_by)
    if plot is not None:
        from rnnbench.analysis.series import series_of
        from rnnbench.report.plot import render_plot

        render_plot(series_of(listed.results, plot, axis), stdout_console())
        return
    from rnnbench.report.table import render_listing

    chosen = [name for part in (columns or "").split(",") if (name := part.strip())]
    if columns is not None and not chosen:
        raise click.UsageError("--columns names nothing: give metrics, such as accuracy,training_time.")
    render_listing(listed, stdout_console(), chosen)


def _check(given: dict[str, object]) -> None:
    """Refuse what does not go together."""
    if given["plot"] is None and given["axis"] is not None:
        raise click.UsageError("--by goes with --plot METRIC.")
    if given["plot"] is not None:
        for name in ("sort", "group_by", "columns"):
            if given[name] is not None:
                raise click.UsageError(f"--{name.replace('_', '-')} is for tables, not for --plot.")
