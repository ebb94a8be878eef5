"""Completion, as click's classes answer, as bash is told, and in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from rnnbench.cli import COMPLETE_VARIABLE, app
from rnnbench.cli.shells import last_word_start, reply
from rnnbench.connectivity import CONNECTIVITIES
from rnnbench.suite.setting import known_keys
from tests.documents import addition

SUITE = """\
version: 1
name: mine
matrix: {connectivity: [dense, tridiagonal, "banded(2,2)"], hidden: [16, 32]}
measure: [throughput]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(SUITE)
    Path("broken.yaml").write_text("matrix: [")
    Path("notes.txt").write_text("")
    Path("suites").mkdir()
    Path("suites/one.yaml").write_text(SUITE)
    Path("results").mkdir()
    addition(["dense", "tridiagonal", "diagonal"]).write(Path("results/run.json"))
    return tmp_path


def offered(*words):
    """Return what may stand in the place of the last of ``words``."""
    items = ShellComplete(app, {}, "rnnbench", COMPLETE_VARIABLE).get_completions(list(words[:-1]), words[-1])
    return [item.value for item in items]


def kinds(*words):
    return [
        item.type
        for item in ShellComplete(app, {}, "rnnbench", COMPLETE_VARIABLE).get_completions(list(words[:-1]), words[-1])
    ]


def test_commands_and_options():
    assert offered("comp") == ["compare", "completion"]
    assert "--group-by" in offered("show", "--")


def test_suites_here_and_one_folder_down(folder):
    assert offered("run", "") == ["broken.yaml", "mine.yaml", "suites/one.yaml"]
    assert offered("validate", "sui") == ["suites/one.yaml"]
    assert offered("run", "suites/") == ["suites/one.yaml"]
    assert offered("run", "mine.yaml", "sui") == ["suites/one.yaml"]


def test_where_there_is_none_the_shell_offers_its_files(folder):
    assert kinds("run", "notes") == ["file"]
    assert kinds("run", "nowhere/at/all") == ["file"]


def test_documents_for_commands_that_read_them(folder):
    for command in ("show", "explain", "compare"):
        assert offered(command, "") == ["results/run.json"]
    assert offered("gate", "") == ["broken.yaml", "mine.yaml", "results/run.json", "suites/one.yaml"]
    assert offered("run", "--resume", "res") == ["results/run.json"]


def test_the_cases_of_the_suite_on_the_line(folder):
    assert offered("run", "mine.yaml", "-k", "tri") == ["tridiagonal/hidden=16", "tridiagonal/hidden=32"]
    assert offered("run", "mine.yaml", "-k", "dense or (ban") == [
        "dense or (banded(2,2)/hidden=16",
        "dense or (banded(2,2)/hidden=32",
    ]
    assert offered("run", "mine.yaml", "--set", "hidden=8", "-k", "tri") == ["tridiagonal"]
    assert offered("run", "-k", "tri") == []
    assert offered("run", "broken.yaml", "-k", "tri") == []
    assert offered("run", "missing.yaml", "-k", "tri") == []


def test_the_cases_of_the_document_on_the_line(folder):
    assert offered("show", "results/run.json", "-k", "d") == ["dense", "diagonal"]
    assert offered("explain", "results/run.json", "tri") == ["tridiagonal"]


def test_keys_and_what_they_take():
    assert offered("run", "--set", "") == [f"{key}=" for key in known_keys()]
    assert offered("run", "--set", "training.it") == ["training.iterations="]
    assert offered("run", "--set", "cell=") == ["cell=rnn", "cell=lstm", "cell=gru"]
    assert offered("run", "--set", "bias=t") == ["bias=true"]
    assert offered("run", "--set", "hidden=") == []
    assert offered("run", "--set", "no_such_key=") == []
    assert offered("run", "--set", "throughput.passes=") == []
    assert offered("ab", "--head-set", "kernel=fu") == ["kernel=fused"]


def test_every_connectivity():
    found = [value.removeprefix("connectivity=") for value in offered("run", "--set", "connectivity=")]
    assert {word.rstrip("(") for word in found} == {name for one in CONNECTIVITIES for name in (one.kind, *one.aliases)}
    assert "banded(" in found
    assert offered("run", "--set", "connectivity=dense,trid") == ["connectivity=dense,tridiagonal"]
    assert offered("run", "--set", "connectivity=banded(1,") == []


def test_completing_runs_no_plugin(folder):
    Path("mine.py").write_text("raise SystemExit('ran')")
    assert offered("run", "--plugin", "./mine.py", "mi") == ["mine.yaml"]


def test_metrics_and_axes():
    assert "training_time" in offered("show", "x.json", "--plot", "tr")
    assert offered("show", "x.json", "--columns", "accuracy,recurrent") == ["accuracy,recurrent_parameters"]
    assert offered("show", "x.json", "--by", "conn") == ["connectivity"]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("rnnbench run ", ""),
        ("rnnbench run a.y", "a.y"),
        ('rnnbench run a.yaml -k "dense or ban', '"dense or ban'),
        ("rnnbench run 'my suite.yaml' -k d", "d"),
        (r"rnnbench run my\ su", r"my\ su"),
        ('rnnbench -k "a \\" b', '"a \\" b'),
    ],
)
def test_the_last_word_of_a_line(typed, word):
    assert typed[last_word_start(typed) :] == word


@pytest.mark.parametrize(
    ("value", "written", "current", "said"),
    [
        ("connectivity=tridiagonal", "connectivity=tri", "tri", "tridiagonal"),
        ("connectivity=dense", "connectivity=", "=", "dense"),
        ("connectivity=dense", "connectivity=", "", "dense"),
        ("banded(1,1)", "ban", "ban", r"banded\(1,1\)"),
        ("dense or banded(1,1)", '"dense or ban', '"dense or ban', "dense or banded(1,1)"),
        ("hidden=", "--set=hid", "hid", "hidden="),
        ("suites/a b.yaml", "suites/", "suites/", r"suites/a\ b.yaml"),
    ],
)
def test_what_bash_puts_in_the_place_of_its_word(value, written, current, said):
    assert reply(value, written, current) == said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell):
    done = CliRunner().invoke(app, ["completion", shell])
    assert done.exit_code == 0
    assert f"{COMPLETE_VARIABLE}={shell}_complete" in done.stdout
    program = shutil.which(shell)
    if program is not None:
        assert subprocess.run([program, "-n"], input=done.stdout, text=True, timeout=60, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_real_bash_completes(folder):
    program = folder / "rnnbench"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnnbench "$@"\n')
    program.chmod(0o755)
    script = """
        source <("$PROGRAM" completion bash)
        ask() {
            COMP_LINE=$1 COMP_POINT=${#1}; shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            compopt() { :; }
            _rnnbench_completion "$PROGRAM"
            printf '%s|' "${COMPREPLY[@]}"; echo
        }
        ask 'rnnbench run mi' rnnbench run mi
        ask 'rnnbench run mine.yaml -k ban' rnnbench run mine.yaml -k ban
        ask 'rnnbench run mine.yaml --set connectivity=tri' rnnbench run mine.yaml --set connectivity = tri
    """
    environment = {**os.environ, "PROGRAM": str(program), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.stdout.splitlines() == [
        "mine.yaml|",
        r"banded\(2,2\)/hidden=16|banded\(2,2\)/hidden=32|",
        "tridiagonal|",
    ], done.stderr
