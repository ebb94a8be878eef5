"""``rnnbench init``: a suite to start with."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from rnnbench.cli.manual import Manual
from rnnbench.errors import RnnbenchError

_NAME = "suite.yaml"


@click.command(
    cls=Manual,
    arguments={"PATH": f"the file to write, or a folder that gets a {_NAME} (default: {_NAME})"},
    examples=("rnnbench init", "rnnbench init mine.yaml && rnnbench run mine.yaml --quick"),
    exits={0: "written", 2: "wrong command line, or the file cannot be written or is there already"},
)
@click.argument("path", metavar="[PATH]", default=_NAME, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
def init(path: Path, force: bool) -> None:
    """Write a small suite that runs as it is, with a comment on every section.

    It trains four connectivities on a task and takes their speed and memory: half a minute with `--quick`.
    """
    from rnnbench.results.atomic import write_text
    from rnnbench.suite.starter import starter

    if path.is_dir():
        path /= _NAME
    if path.exists() and not force:
        raise RnnbenchError(f"{path}: is there already: give another name, or overwrite it with --force")
    write_text(path, starter(path.name))
    name = shlex.quote(str(path))
    click.echo(f"Wrote {path}. Next: rnnbench validate {name}, then rnnbench run {name} --quick", err=True)
