"""``rnnbench schema``: the JSON Schema of what rnnbench reads."""

from __future__ import annotations

import json

import click

from rnnbench.cli.manual import Manual


@click.command(
    cls=Manual,
    arguments={"suite|results": "the schema of suite files, or of the documents that runs write"},
    examples=(
        "rnnbench schema suite > suite.schema.json",
        "rnnbench schema results | check-jsonschema --schemafile /dev/stdin run.json",
    ),
    exits={0: "printed", 2: "wrong command line"},
)
@click.argument("what", metavar="suite|results", type=click.Choice(["suite", "results"]))
def schema(what: str) -> None:
    """Print a JSON Schema (draft 7).

    That of suites lets an editor complete keys, say what they mean, and mark mistakes while you type: editors with the
    YAML language server read the line `# yaml-language-server: $schema=suite.schema.json` at the top of a suite.
    `rnnbench validate` also checks what a schema cannot say.
    """
    if what == "suite":
        from rnnbench.suite.json_schema import suite_schema

        made = suite_schema()
    else:
        from rnnbench.results.json_schema import results_schema

        made = results_schema()
    click.echo(json.dumps(made, indent=1, ensure_ascii=False))
