"""The command line: one file per command; a command is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from rnnbench import __version__
from rnnbench.errors import ExitCode, RnnbenchError

COMPLETE_VARIABLE = "_RNNBENCH_COMPLETE"
"""Set by the scripts of `rnnbench completion` when they ask what may follow."""
_COMMANDS = {
    "run": ("rnnbench.cli.run", "run", "Run suites: train, time and weigh every case, and answer."),
    "validate": ("rnnbench.cli.validate", "validate", "Check suites without running them."),
    "show": ("rnnbench.cli.show", "show", "Print a results document as tables or a plot."),
    "explain": ("rnnbench.cli.explain", "explain", "Tell how the figures of a case came about."),
    "compare": ("rnnbench.cli.compare", "compare", "Put results beside each other, case by case."),
    "history": ("rnnbench.cli.history", "history", "Show each case of a folder of results over time."),
    "report": ("rnnbench.cli.report", "report", "Write results as one HTML page, or as pictures."),
    "export": ("rnnbench.cli.export", "export", "Write results in the format of another program."),
    "gate": ("rnnbench.cli.gate", "gate", "Fail where a run got worse than its limits allow."),
    "profile": ("rnnbench.cli.profile", "profile", "Show where time and memory of a step go."),
    "machine": ("rnnbench.cli.machine", "machine", "Examine this machine: noise, and what it can reach."),
    "ab": ("rnnbench.cli.ab", "ab", "Hold two installations or settings against each other."),
    "init": ("rnnbench.cli.init", "init", "Write a suite to start with."),
    "list": ("rnnbench.cli.list_", "list_", "List what suites can name."),
    "completion": ("rnnbench.cli.completion", "completion", "Print the script with which a shell completes."),
    "schema": ("rnnbench.cli.schema", "schema", "Print the JSON Schema of suites or results."),
}
_SECTIONS = {
    "Measure": ("run", "validate", "ab", "profile", "machine"),
    "Read": ("show", "explain", "compare", "history", "report", "export"),
    "Decide": ("gate",),
    "Start and set up": ("init", "list", "schema", "completion"),
}
_OTHERS = "Other commands"


class _LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = click.utils.make_str(args[0])
        if name not in _COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else f" Commands: {', '.join(_COMMANDS)}."
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        named = {name for names in _SECTIONS.values() for name in names}
        others = tuple(name for name in _COMMANDS if name not in named)
        for title, names in {**_SECTIONS, _OTHERS: others}.items():
            if names:
                with formatter.section(title):
                    formatter.write_dl([(name, _COMMANDS[name][2]) for name in names])


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 success, 1 unexpected crash, 2 wrong command line, suite or file, 3 a regression, "
    "4 inconclusive (with --strict), 5 a case failed or nothing was measured, 6 documents or arms that cannot be put "
    "beside each other, 130 interrupted.",
)
@click.version_option(__version__, prog_name="rnnbench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def app(debug: bool) -> None:
    """Benchmark recurrent neural networks by recurrent connectivity.

    Answers one question with measurements: is full connectivity in W_hh necessary?

    \b
    Example:
      rnnbench run suites/addition.yaml
      rnnbench show results/addition-20260102T030405Z.json
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with one of :class:`rnnbench.errors.ExitCode`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.exit(_run(arguments, debug="--debug" in arguments))


def _run(arguments: list[str], debug: bool) -> int:
    if COMPLETE_VARIABLE in os.environ:
        import rnnbench.cli.shells  # noqa: F401 - registers how shells ask
    try:
        code: Any = app.main(
            args=arguments, prog_name="rnnbench", standalone_mode=False, complete_var=COMPLETE_VARIABLE
        )
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return int(ExitCode.INTERRUPTED)
    except RnnbenchError as error:
        if debug:
            raise
        click.echo(f"Error: {error.message}", err=True)
        return int(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away (`rnnbench show x | head`): nothing is left to tell it.
        sys.stderr.close()
        return int(ExitCode.OK)
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"Error: rnnbench failed unexpectedly: {type(error).__name__}: {error}\n"
            "This is a defect: run again with --debug to see where, and report it.",
            err=True,
        )
        return int(ExitCode.CRASH)
    return int(code or 0)
