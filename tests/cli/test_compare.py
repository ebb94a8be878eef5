"""``rnnbench compare``: data on standard output, errors in one message with the right exit code, a quick start."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnbench.cli.compare import compare
from tests.cli.test_show import rnnbench
from tests.documents import session


@pytest.fixture
def paths(tmp_path):
    """Return the paths of two sessions, the second with a slower and a faster case."""
    made = [session(1), session(2, slower={"tridiagonal": 1.25, "diagonal": 0.5})]
    for results, name in zip(made, ("base.json", "new.json"), strict=True):
        results.write(tmp_path / name)
    return tmp_path / "base.json", tmp_path / "new.json"


def invoke(*arguments):
    result = CliRunner().invoke(compare, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.output


def test_a_pipe_gets_the_whole_tables_without_colours(paths):
    done = rnnbench("compare", *paths)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "1 faster, 1 slower, 6 same" in done.stdout


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"COLUMNS": "80"}])
def test_the_environment_is_respected(paths, environment):
    done = rnnbench("compare", *paths, **environment)
    assert "\x1b" not in done.stdout
    if "COLUMNS" in environment:
        assert max(map(len, done.stdout.splitlines()[4:])) <= 80


def test_a_terminal_without_unicode_gets_other_signs(paths):
    done = rnnbench("compare", *paths, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0
    assert "?" not in done.stdout.partition("forward, layer: ")[2].partition("Identical")[0]


def test_options_select_sort_and_filter(paths):
    text = invoke(*paths, "--metric", "training_time", "--sort", "change", "--changed", "-k", "diagonal")
    names = [line.split()[0] for line in text.splitlines() if line.endswith(("slower", "faster"))]
    assert names == ["tridiagonal", "diagonal"]
    assert "forward, layer" not in text
    assert "by connectivity" in invoke(*paths, "--by", "connectivity")


def test_a_margin_is_a_number(paths):
    done = rnnbench("compare", *paths, "--margin", "nan")
    assert done.returncode == 2
    assert "nan is not a number" in done.stderr


def test_every_format_is_offered(paths):
    assert json.loads(invoke(*paths, "--format", "json"))["schema"]["name"] == "rnnbench.comparison"
    assert invoke(*paths, "--format", "csv").startswith("new_document,metric,unit,case,id,")
    assert "| **faster** |" in invoke(*paths, "--format", "markdown")


def spoilt(path, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda data: data["schema"].update(version="2.0"), 6, "update rnnbench"),
        (lambda data: data["cases"].clear(), 5, "holds no case"),
        (lambda data: data["run"].update(id="session-1"), 2, "is the same run as"),
        (lambda data: data["cases"][0]["parameters"].update(hidden=3), 6, "but another hidden"),
        (lambda data: data["cases"].append(data["cases"][0]), 2, "is there twice"),
        (
            lambda data: data["cases"][0]["metrics"]["training_time.layer"].update(value=1e-9),
            2,
            "changed after the run",
        ),
        (lambda data: [case.update(id=case["id"][::-1]) for case in data["cases"]], 6, "no case in common"),
        (
            lambda data: (
                data["suite"]["resolved"].update(defaults={"hidden": 99}),
                [case.update(id=case["id"][::-1]) for case in data["cases"]],
            ),
            6,
            "both are of a suite named addition, but the suites differ (defaults)",
        ),
    ],
    ids=["schema", "empty", "same run", "another meaning", "twice", "tampered", "nothing common", "same name"],
)
def test_what_cannot_be_compared_is_one_message_and_an_exit_code(paths, change, code, said):
    spoilt(paths[1], change)
    done = rnnbench("compare", *paths)
    assert done.returncode == code
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_newer_minor_version_is_read_and_said(paths):
    spoilt(paths[1], lambda data: data["schema"].update(version="1.7"))
    assert "run's schema: 1.0 -> 1.7" in invoke(*paths)


def test_a_truncated_document_is_called_that(paths):
    paths[1].write_text(paths[1].read_text()[:-500])
    done = rnnbench("compare", *paths)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the document ends in the middle" in done.stderr


def test_one_document_given_twice_is_refused(paths):
    done = rnnbench("compare", paths[0], paths[0])
    assert done.returncode == 2
    assert "give documents of separate runs" in done.stderr


def test_comparing_imports_nothing_heavy(paths):
    code = (
        "import sys\n"
        "from rnnbench.cli.compare import compare\n"
        f"compare([{str(paths[0])!r}, {str(paths[1])!r}], standalone_mode=False)\n"
        "heavy = {'torch', 'numba', 'scipy', 'pydantic', 'yaml'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
