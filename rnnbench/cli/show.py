"""``rnnbench show``: print a results document."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Data goes to standard output; a pipe gets the table in full width, and no colours.")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    show_default=True,
    help="table: for people. json: the document itself. csv: one row per case, SI units. markdown: for a README.",
)
def show(results: Path, output: str) -> None:
    """Print RESULTS, a document that `rnnbench run` wrote, as a table with its findings.

    \b
    Example:
      rnnbench show results/addition-20260102T030405Z.json
      rnnbench show results/addition-20260102T030405Z.json --format csv > addition.csv
    """
    from rnnbench.results.document import Results

    document = Results.read(results)
    if output == "json":
        click.echo(document.to_text(), nl=False)
    elif output == "csv":
        from rnnbench.report.csv import to_csv

        click.echo(to_csv(document), nl=False)
    elif output == "markdown":
        from rnnbench.report.markdown import to_markdown

        click.echo(to_markdown(document), nl=False)
    else:
        from rnnbench.report.console import stdout_console
        from rnnbench.report.table import render

        render(document, stdout_console())
