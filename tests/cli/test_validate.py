import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnbench.cli import main
from rnnbench.cli.validate import validate

SUITES = Path(__file__).parents[2] / "suites"
GOOD = """\
version: 1
name: good
matrix: {connectivity: [dense, tridiagonal], hidden: [16, 32]}
measure: [throughput, memory]
"""


@pytest.fixture
def suites(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(GOOD)
    Path("bad.yaml").write_text(GOOD.replace("hidden", "hiden").replace("tridiagonal", "tridiagnal"))
    return tmp_path


def test_what_a_suite_makes(suites):
    result = CliRunner().invoke(validate, ["good.yaml"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "good.yaml: 4 cases, measures throughput, memory; ok",
        "  connectivity 2: dense, tridiagonal",
        "  hidden 2: 16, 32",
    ]


def test_the_suites_that_ship():
    paths = sorted(map(str, SUITES.glob("*.yaml")))
    result = CliRunner().invoke(validate, paths)
    assert result.exit_code == 0
    assert result.stdout.count("; ok\n") == len(paths) > 0


def test_all_problems_of_all_suites_and_exit_code_2(suites, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["validate", "good.yaml", "bad.yaml", "god.yaml"])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "Error", "bad.yaml:3:45 matrix.hiden", "god.yaml", "3 problems in bad.yaml, god.yaml",
    ]  # fmt: skip
    assert lines[2] == "god.yaml: there is no such file: did you mean good.yaml?"


def test_in_a_process_of_its_own(suites):
    command = [sys.executable, "-m", "rnnbench", "validate"]
    right = subprocess.run([*command, "good.yaml"], capture_output=True, text=True, check=False)
    assert (right.returncode, right.stderr) == (0, "")
    wrong = subprocess.run([*command, "bad.yaml"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert "Traceback" not in wrong.stderr


def test_without_a_suite(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["validate"])
    assert caught.value.code == 2
    assert "Missing argument 'SUITE...'" in capsys.readouterr().err


def test_validating_imports_no_torch(suites):
    code = "import sys; from rnnbench.cli import main\ntry: main(['validate', 'good.yaml'])\nexcept SystemExit: pass\n"
    code += "sys.exit(sorted({'torch', 'numba', 'scipy'} & set(sys.modules)) or 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL).returncode == 0
