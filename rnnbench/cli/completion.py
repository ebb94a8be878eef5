"""``rnnbench completion``: the script with which a shell completes command lines."""

from __future__ import annotations

import click

from rnnbench.cli.manual import Manual


@click.command(
    cls=Manual,
    arguments={"bash|zsh|fish": "the shell: bash from 4.4 on, zsh, fish"},
    examples=(
        'eval "$(rnnbench completion bash)"    # in ~/.bashrc',
        'eval "$(rnnbench completion zsh)"     # in ~/.zshrc, after compinit',
        "rnnbench completion fish > ~/.config/fish/completions/rnnbench.fish",
    ),
    exits={0: "printed", 2: "wrong command line"},
)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, options, suites, documents, and with -k, --set and --by what they take.

    `-k` completes the cases of the suite or document that the line names, `--set` keys, then their values, such as
    connectivities.
    """
    from click.shell_completion import get_completion_class

    import rnnbench.cli.shells  # noqa: F401 - registers
    from rnnbench.cli import COMPLETE_VARIABLE, app

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has the three
    click.echo(found(app, {}, "rnnbench", COMPLETE_VARIABLE).source())
