"""The README says what is true: its commands run, its suite is valid, its table came out of a run."""

import re
import shlex
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from rnnbench.analysis.conclusions import read
from rnnbench.cli import app
from rnnbench.machine.fixed_work import Variation
from rnnbench.machine.noise import Noise
from rnnbench.report.table import render
from rnnbench.suite.loader import load_suite
from tests.runner.standin import StandInExecutor

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("rnnbench ")
]


def test_the_two_commands_stand_alone_and_end_in_the_main_job_and_the_tests():
    run, test = (block.strip() for block in BLOCKS if block.startswith("python3 -m venv"))
    assert "\n" not in run + test
    assert run.endswith("&& .venv/bin/rnnbench run suites/addition.yaml")
    assert test.endswith("&& .venv/bin/python -m pytest")
    for command in (run, test):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e ")


@pytest.mark.parametrize("command", [c for c in COMMANDS if "trask.json" not in c], ids=str)
def test_each_command_of_the_readme_runs(command, monkeypatch, tmp_path):
    """Runs of suites are shown as dry runs here; a real one is tests/cli/test_run.py's and the next test's."""
    own_folder = command.startswith(("rnnbench init", "rnnbench history"))
    monkeypatch.chdir(tmp_path if own_folder else ROOT)
    if own_folder:
        (tmp_path / "results").mkdir()
        shutil.copy(ROOT / "docs" / "results" / "addition.json", tmp_path / "results")
    # What takes seconds for its own sake is tests/machine's.
    monkeypatch.setattr("rnnbench.machine.noise.check_noise", lambda: Noise(Variation(20, 1.0, 1.0), ()))
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", StandInExecutor)
    words = shlex.split(command)[1:]
    outcome = CliRunner().invoke(app, [*words, *(["--dry-run"] if words[0] == "run" else [])])
    assert outcome.exit_code == 0, outcome.output


def test_the_picture_shows_the_committed_run(tmp_path):
    """As `rnnbench report docs/results/addition.json --format svg` draws it; outlines of signs may vary."""
    pytest.importorskip("matplotlib")
    picture = ROOT / "docs" / "pictures" / "accuracy-cost.svg"
    assert f"({picture.relative_to(ROOT)})" in README
    call = ["report", str(ROOT / "docs" / "results" / "addition.json"), "--format", "svg", "-o", str(tmp_path)]
    assert CliRunner().invoke(app, call).exit_code == 0
    drawn = [path.read_text() for path in (picture, tmp_path / "addition-accuracy-cost.svg")]
    texts = [re.findall(r"<text.*?>(.*?)</text>", svg, re.DOTALL) for svg in drawn]
    assert texts[0] == texts[1]
    assert "dense" in " ".join(texts[0])


def test_a_document_is_written_and_shown_as_the_readme_says(tmp_path):
    (write,) = [shlex.split(command) for command in COMMANDS if command.startswith("rnnbench run") and "-o" in command]
    reads = [shlex.split(command) for command in COMMANDS if "trask.json" in command and "rnnbench run" not in command]
    assert {words[1] for words in reads} == {"show", "explain", "report", "export"}
    write[write.index("suites/trask.yaml")] = str(ROOT / "suites" / "trask.yaml")
    for command in ([*write, "--quick", "--no-calibration"], *reads):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        written = (tmp_path / command[command.index("-o") + 1]).read_text() if "-o" in command else ""
        assert "accuracy" in done.stdout + written


def test_the_readmes_table_is_what_show_prints_of_the_committed_results():
    """After a new run of the suite, replace both: the document, and the README's block by what `show` prints of it."""
    (printed,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    console = Console(width=112, file=StringIO(), color_system=None)
    render(read(ROOT / "docs" / "results" / "addition.json"), console)
    shown = "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
    assert printed == shown


def test_the_committed_results_answer_the_question_as_measured_elsewhere():
    """The figures of an independent NumPy implementation of the experiment, 20 seeds, all 16,384 pairs."""
    results = read(ROOT / "docs" / "results" / "addition.json")
    accuracy = {case["name"]: case["metrics"]["accuracy"]["value"] for case in results.cases}
    solved = {case["name"]: case["metrics"]["solved_fraction"]["value"] for case in results.cases}
    assert accuracy["dense"] == 1.0
    assert solved["dense"] == 1.0
    assert accuracy["tridiagonal"] == pytest.approx(0.605, abs=0.10)
    assert accuracy["diagonal"] == pytest.approx(0.196, abs=0.06)
    assert accuracy["none"] == pytest.approx(0.133, abs=0.02)
    assert solved["tridiagonal"] == solved["diagonal"] == solved["none"] == 0.0


def test_the_readmes_suite_is_a_suite(tmp_path):
    (written,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(written)
    assert len(load_suite(tmp_path / "mine.yaml").cases) == 4


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "suites").glob("*.yaml")))
def test_shipped_suites_are_valid_and_named_after_their_files(name):
    suite = load_suite(ROOT / "suites" / name)
    assert suite.name == name.removesuffix(".yaml")
    assert suite.description


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CHANGELOG.md",
        "docs/suites.md",
        "docs/gating.md",
        "docs/benchmarks.md",
        "docs/machine.md",
        "docs/report.md",
        "docs/lookback.md",
    ],
)
def test_links_to_files_lead_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target
