"""``rnnbench report``: results documents as a page to read and share, or as single pictures."""

from __future__ import annotations

from pathlib import Path

import click

from rnnbench.cli import complete
from rnnbench.cli.manual import Manual


@click.command(
    cls=Manual,
    arguments={"RESULTS...": "documents that `rnnbench run` wrote; those of one suite stand side by side"},
    examples=(
        "rnnbench report results.json -o report.html",
        "rnnbench report addition.json lookback.json kernels.json -o report.html",
        "rnnbench report laptop.json server.json -o machines.html",
        "rnnbench report results.json --format svg -o pictures/",
    ),
    exits={
        0: "written",
        2: "wrong command line or file",
        5: "nothing to draw",
        6: "a document of a newer major version",
    },
)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path), shell_complete=complete.documents)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["html", "png", "svg"]),
    default="html",
    show_default=True,
    help="html: one page with findings, tables and plots. png, svg: a file for each plot.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The page's file, or the folder of the pictures. Default: report.html, or plots.",
)
def report(results: tuple[Path, ...], kind: str, output: Path | None) -> None:
    """Write RESULTS, documents that `rnnbench run` wrote, as a page or as pictures.

    The page is one file that needs no network. Pictures need matplotlib: pip install 'rnnbench[plot]'.
    """
    from rnnbench.analysis.conclusions import read

    documents = [read(path) for path in results]
    if kind == "html":
        from rnnbench.report.html.page import to_html
        from rnnbench.results.atomic import write_text

        page = output or Path("report.html")
        write_text(page, to_html(documents))
        click.echo(f"Report: {page}", err=True)
    else:
        from rnnbench.report.plots.pictures import write_pictures

        written = write_pictures(documents, output or Path("plots"), kind)
        click.echo("\n".join(map(str, written)))
