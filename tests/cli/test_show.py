"""``rnnbench show``: data on standard output, errors in one message, and a start in a blink."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnbench.analysis.conclusions import concluded
from rnnbench.cli import main
from rnnbench.cli.show import show
from tests.documents import addition


@pytest.fixture
def path(tmp_path):
    """Return the path of a small document."""
    concluded(addition(["dense", "tridiagonal"])).write(tmp_path / "r.json")
    return tmp_path / "r.json"


def rnnbench(*arguments, **environment):
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "rnnbench", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        env={key: value for key, value in os.environ.items() if key != "COLUMNS"} | environment,
        timeout=60,
    )


def invoke(*arguments):
    result = CliRunner().invoke(show, list(map(str, arguments)))
    assert result.exit_code == 0
    return result.output


def test_a_pipe_gets_the_whole_table_without_colours(path):
    done = rnnbench("show", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("tridiagonal ")]
    assert "0.585  ████▋    [0.508, 0.661]" in row
    assert "6.44 [6.18, 6.69]" in row


def test_columns_set_the_width(path):
    assert max(map(len, rnnbench("show", path, COLUMNS="80").stdout.splitlines())) <= 80


def test_a_terminal_without_unicode_is_no_reason_to_fail(path):
    text = path.read_text().replace("Example CPU", "Ex\\u00e4mple CPU")
    path.write_text(text)
    done = rnnbench("show", path, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Ex?mple CPU" in done.stdout


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (None, 2, "no such file"),
        (b"\x00\xff", 2, "is no text"),
        (b'{"schema": {"name": "rnnbench.results", "ver', 2, "ends in the middle"),
        (b'{"schema": {"name": "rnnbench.results", "version": "2.0"}}', 6, "update rnnbench"),
    ],
)
def test_a_bad_document_is_one_message_and_no_traceback(tmp_path, content, code, said):
    path = tmp_path / "r.json"
    if content is not None:
        path.write_bytes(content)
    done = rnnbench("show", path)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {path}")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_has_an_example():
    assert "rnnbench show results/addition-20260102T030405Z.json" in invoke("--help")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", "connectivity"], "--by goes with --plot METRIC."),
        (["--plot", "accuracy", "--sort", "accuracy"], "--sort is for tables, not for --plot."),
        (["--plot", "accuracy", "--columns", "accuracy"], "--columns is for tables, not for --plot."),
        (["--columns", " , "], "--columns names nothing"),
        (["--columns", "acuracy"], "--columns: no case has 'acuracy': did you mean 'accuracy'?"),
        (["--plot", "accuracy", "--by", "hiden"], "--by: no case has 'hiden': did you mean 'hidden'?"),
        (["--plot", "speed"], "--plot: no case has 'speed'"),
        (["--sort", "spede"], "--sort: no case has 'spede'"),
        (["-k", "lstm"], "selects none of the 2 cases"),
    ],
)
def test_what_does_not_go_together_or_does_not_exist_is_said(path, options, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["show", str(path), *options])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_cases_are_selected_sorted_and_grouped_and_columns_chosen(path):
    text = invoke(path, "--sort", "-accuracy", "--columns", "recurrent_parameters,accuracy", "-k", "dense or tri")
    assert [line.split()[0] for line in text.splitlines() if "[" in line][:2] == ["tridiagonal", "dense"]
    assert text.index("recurrent") < text.index("accuracy")
    assert "\ndense\ndense " in invoke(path, "--group-by", "connectivity")


def test_a_metric_is_plotted_in_place_of_the_table(path):
    text = invoke(path, "--plot", "accuracy")
    assert text.startswith("accuracy by connectivity\n")
    assert "Findings" not in text


HEAVY = {"torch", "numba", "scipy", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["show"], HEAVY | {"numpy", "pydantic", "yaml"}),
        (["show", "--sort", "accuracy", "--columns", "accuracy"], HEAVY | {"numpy", "pydantic", "yaml"}),
        (["show", "--group-by", "connectivity"], HEAVY),
        (["show", "--plot", "accuracy"], HEAVY),
        (["export", "--to", "csv"], HEAVY | {"numpy", "pydantic", "yaml"}),
        (["export", "--to", "markdown"], HEAVY | {"numpy", "pydantic", "yaml"}),
    ],
)
def test_showing_imports_nothing_heavy(path, words, heavy):
    code = (
        "import sys\n"
        "from rnnbench.cli import app\n"
        f"app.main([{words[0]!r}, {str(path)!r}, *{words[1:]!r}], standalone_mode=False)\n"
        f"sys.exit(' '.join({heavy!r} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_500_cases_have_500_rows(tmp_path, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)  # a narrow terminal folds the table
    results = addition(["none"])
    results.data["cases"] = [{**results.cases[0], "name": f"case{index}"} for index in range(500)]
    results.write(tmp_path / "r.json")
    rows = [
        line.split()[0] for line in invoke(tmp_path / "r.json").splitlines() if line.startswith("case") and "[" in line
    ]
    assert rows == [f"case{index}" for index in range(500)]


def test_other_formats_are_said_to_be_those_of_export(path):
    done = rnnbench("show", path, "--format", "csv")
    assert done.returncode == 2
    assert "No such option '--format': `rnnbench export --to` writes other formats" in done.stderr
