"""Every command's help is a page of a manual: all options in groups, examples, exit codes, 80 columns, in a blink."""

import inspect
import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from rnnbench.cli import app
from rnnbench.cli.manual import Manual
from rnnbench.errors import ExitCode

CONTEXT = click.Context(app, info_name="rnnbench")
COMMANDS = {name: app.get_command(CONTEXT, name) for name in app.list_commands(CONTEXT)}


def help_of(*words):
    done = CliRunner().invoke(app, [*words, "--help"], prog_name="rnnbench", terminal_width=80)
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("name", COMMANDS)
def test_it_has_every_part_of_a_manual(name):
    command = COMMANDS[name]
    assert isinstance(command, Manual)
    text = help_of(name)
    assert text.startswith(f"Usage: rnnbench {name} ")
    parts = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert parts[-2:] == ["Examples", "Exit codes"]
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    assert ("Arguments" in parts) is bool(arguments)
    assert text.index("Examples:") < text.index("Exit codes:")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_once_and_groups_name_no_other(name):
    command = COMMANDS[name]
    options = [param for param in command.params if isinstance(param, click.Option)]
    text = help_of(name)
    for option in options:
        assert option.help
        assert len(re.findall(rf"^  .*{re.escape(option.opts[-1])}\b", text, re.MULTILINE)) >= 1
    grouped = [one for names in command.groups.values() for one in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= {option.name for option in options} | {"help"}


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_it_fits_80_columns(name):
    assert max(map(len, help_of(*name.split()).splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_its_examples_are_commands_with_options_that_exist(name):
    command = COMMANDS[name]
    known = {word for param in command.params for word in (*param.opts, *param.secondary_opts)} | {"--help"}
    said = " ".join(command.examples).replace("\\", " ")
    assert f"rnnbench {name}" in said
    for example in re.split(r"(?=rnnbench )", said):
        words = example.partition("#")[0].partition(" | ")[0].partition("&&")[0].split()
        if words[:2] == ["rnnbench", name]:
            used = {word.partition("=")[0] for word in words[2:] if word.startswith("-") and len(word) > 1}
            assert used <= known, example


@pytest.mark.parametrize("name", COMMANDS)
def test_its_exit_codes_are_those_of_the_tool(name):
    exits = COMMANDS[name].exits
    assert list(exits) == sorted(exits)
    assert {0, 2} <= set(exits) <= set(map(int, ExitCode))


def test_the_list_of_commands_has_them_all_with_one_line_each():
    text = help_of()
    for name in COMMANDS:
        assert re.search(rf"^  {name} {{2,}}\S.*\.$", text, re.MULTILINE), name


def test_commands_stand_under_what_they_are_for():
    titles = re.findall(r"^(\w.*):$", help_of(), re.MULTILINE)
    assert titles[1:5] == ["Measure", "Read", "Decide", "Start and set up"]
    assert "Other commands" not in titles


def test_a_command_says_one_thing_on_its_page():
    for name, command in COMMANDS.items():
        assert command.help, name
        assert inspect.cleandoc(command.help).split("\n\n")[0].endswith("."), name


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys\n"
        "from rnnbench.cli import app\n"
        f"app.main({words!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'numba', 'scipy', 'numpy', 'pydantic', 'rich'} & set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)\n"
    )
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
