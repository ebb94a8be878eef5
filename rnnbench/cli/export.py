"""``rnnbench export``: a results document in the format of another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from rnnbench.cli.manual import Manual
from rnnbench.cli.options import results_argument

if TYPE_CHECKING:
    from rnnbench.results.document import Results


@click.command(
    cls=Manual,
    arguments={"RESULTS": "a document that `rnnbench run` wrote"},
    examples=(
        "rnnbench export run.json --to csv -o results.csv",
        "rnnbench export run.json --to bmf -o bmf.json",
        "rnnbench export run.json --to github-benchmark --better bigger -o rates.json",
    ),
    exits={
        0: "exported",
        2: "wrong command line or file",
        5: "the document has no figure to export",
        6: "a document of a newer major version",
    },
)
@results_argument
@click.option(
    "--to",
    "target",
    type=click.Choice(["csv", "markdown", "junit", "bmf", "github-benchmark"]),
    required=True,
    help="csv: one row per case. markdown: a table with findings. junit: a test per case, which passes where the case "
    "was measured in full. bmf: Bencher Metric Format. github-benchmark: for benchmark-action/github-action-benchmark.",
)
@click.option(
    "--better",
    type=click.Choice(["smaller", "bigger"]),
    help="With github-benchmark, whose files hold figures of one direction: smaller (the default) for tool "
    "customSmallerIsBetter, bigger for customBiggerIsBetter.",
)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Default: standard output.")
def export(results: Path, target: str, better: Literal["smaller", "bigger"] | None, output: Path | None) -> None:
    """Write RESULTS, a document that `rnnbench run` wrote, in the format of another program.

    Figures are in SI units and full precision, but for markdown, which is `rnnbench show` for a README. bmf and
    github-benchmark leave out figures that are null.
    """
    from rnnbench.analysis.conclusions import read
    from rnnbench.results.atomic import write_text
    from rnnbench.results.document import Results

    if better is not None and target != "github-benchmark":
        raise click.UsageError(f"--better is for --to github-benchmark: {target} has figures of both directions")
    # Only markdown has findings, which take their time.
    document = read(results) if target == "markdown" else Results.read(results)
    text = _text(document, target, better)
    if text in ("{}\n", "[]\n"):
        from rnnbench.errors import ExitCode, RnnbenchError

        which = f" of which {better or 'smaller'} ones are better" if target == "github-benchmark" else ""
        raise RnnbenchError(
            f"{results}: has no figures{which}, so there is nothing to export: see `rnnbench show {results}`",
            ExitCode.CASE_FAILED,
        )
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)


def _text(document: Results, target: str, better: Literal["smaller", "bigger"] | None) -> str:
    if target == "csv":
        from rnnbench.report.csv import to_csv

        return to_csv(document)
    if target == "markdown":
        from rnnbench.report.markdown import to_markdown

        return to_markdown(document)
    if target == "junit":
        from rnnbench.report.results_junit import to_junit

        return to_junit(document)
    if target == "bmf":
        from rnnbench.report.bmf import to_bmf

        return to_bmf(document)
    from rnnbench.report.github_benchmark import to_github_benchmark

    return to_github_benchmark(document, better or "smaller")
