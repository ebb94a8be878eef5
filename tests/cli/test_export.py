"""``rnnbench export``: the format asked for, to standard output or a file."""

import json

import pytest
from click.testing import CliRunner

from rnnbench.cli.export import export
from rnnbench.errors import ExitCode, RnnbenchError
from tests.documents import addition, case, document


@pytest.fixture
def path(tmp_path):
    """Return the path of a small document."""
    addition(["dense", "tridiagonal"]).write(tmp_path / "r.json")
    return tmp_path / "r.json"


def invoke(*arguments):
    return CliRunner().invoke(export, list(map(str, arguments)))


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        ("csv", "name,id,"),
        ("markdown", "addition: 2 cases"),
        ("junit", "<?xml"),
        ("bmf", "{"),
        ("github-benchmark", "["),
    ],
)
def test_each_format_goes_to_standard_output_or_to_a_file(path, tmp_path, target, begins):
    shown = invoke(path, "--to", target)
    assert shown.exit_code == 0
    assert shown.output.startswith(begins)
    written = invoke(path, "--to", target, "-o", tmp_path / "out")
    assert (written.exit_code, written.output) == (0, "")
    assert (tmp_path / "out").read_text() == shown.output


def test_better_chooses_the_direction_of_a_github_file(path):
    names = {
        entry["name"] for entry in json.loads(invoke(path, "--to", "github-benchmark", "--better", "bigger").output)
    }
    assert "dense: accuracy" in names
    assert "dense: peak_memory" not in names


def test_better_with_another_format_is_refused(path):
    refused = invoke(path, "--to", "csv", "--better", "bigger")
    assert refused.exit_code == 2
    assert "--better is for --to github-benchmark" in refused.output


@pytest.mark.parametrize("target", ["bmf", "github-benchmark"])
def test_a_document_without_figures_says_so(tmp_path, target):
    document([case("a", status="oom", reason="too large")]).write(tmp_path / "r.json")
    with pytest.raises(RnnbenchError, match=r"has no figures.*nothing to export") as caught:
        CliRunner().invoke(export, [str(tmp_path / "r.json"), "--to", target], catch_exceptions=False)
    assert caught.value.exit_code is ExitCode.CASE_FAILED
