"""Help that reads like a manual: synopsis, description, arguments, options by purpose, examples, exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

OTHER = "Options"
"""The section of options that stand in no group, such as ``--help``."""


class Manual(click.Command):
    """A command whose ``--help`` has all that a user asks.

    Parameters
    ----------
    arguments
        What each argument is, by its metavar.
    groups
        Names of options (of the function's parameters) by the title of their section.
    examples
        Command lines, each with what it is for, or an empty text.
    exits
        What each exit code means.
    elsewhere
        Options that users look for here and that another command has: what to say of each.
    """

    def __init__(
        self,
        *args: Any,
        arguments: Mapping[str, str] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        examples: Sequence[str] = (),
        exits: Mapping[int, str] | None = None,
        elsewhere: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.arguments = dict(arguments or {})
        self.groups = dict(groups or {})
        self.examples = tuple(examples)
        self.exits = dict(exits or {})
        self.elsewhere = dict(elsewhere or {})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; on an unfinished line, without the option at its end, whose missing value would spoil the rest."""
        if ctx.resilient_parsing and args and self._takes_value(args[-1]):
            args = args[:-1]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in self.elsewhere:
                raise
            said = f"No such option '{error.option_name}': {self.elsewhere[error.option_name]}"
            raise click.UsageError(said, ctx) from error

    def _takes_value(self, word: str) -> bool:
        options = [param for param in self.params if isinstance(param, click.Option) and word in param.opts]
        return any(not (option.is_flag or option.count) for option in options)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write arguments, then the options of each group, then the others."""
        if self.arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(list(self.arguments.items()))
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = {option.name: option.get_help_record(ctx) for option in options}
        grouped = {name for names in self.groups.values() for name in names}
        others = [name for name, record in records.items() if record and name not in grouped]
        for title, names in {**self.groups, OTHER: others}.items():
            shown = [record for name in names if (record := records.get(name))]
            if shown:
                with formatter.section(title):
                    formatter.write_dl(shown)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples and exit codes, then whatever else is said at the end."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        if self.exits:
            with formatter.section("Exit codes"):
                formatter.write_dl([(str(code), meaning) for code, meaning in self.exits.items()])
        super().format_epilog(ctx, formatter)
