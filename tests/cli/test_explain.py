"""``rnnbench explain``: finds the case, prints sentences, imports nothing heavy."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnbench.cli import app, main
from tests.documents import addition


@pytest.fixture
def path(tmp_path):
    addition(["dense", "tridiagonal", "diagonal"]).write(tmp_path / "r.json")
    return str(tmp_path / "r.json")


@pytest.mark.parametrize("wanted", ["tridiagonal", "tri", "not dense and tri"])
def test_a_case_is_found_by_name_or_by_words_that_select_one(path, wanted):
    done = CliRunner().invoke(app, ["explain", path, wanted])
    assert done.exit_code == 0
    assert "\nCase\n- tridiagonal, id " in done.stdout
    for title in ("Kernel", "Agreement check", "What is learnt", "Times", "Weights and memory"):
        assert f"\n{title}\n- " in done.stdout


def test_the_exact_name_or_id_comes_before_words(path):
    assert "\n- diagonal, id" in CliRunner().invoke(app, ["explain", path, "diagonal"]).stdout
    wanted = addition(["diagonal"]).cases[0]["id"]
    assert "\n- diagonal, id" in CliRunner().invoke(app, ["explain", path, wanted]).stdout


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("diagnal", "has no case 'diagnal': did you mean 'diagonal'? (known: dense, tridiagonal, diagonal)"),
        ("iagonal", "'iagonal' selects 2 cases: name one of tridiagonal, diagonal"),
        ("(", "has no case '('"),
    ],
)
def test_no_case_or_several_are_said(path, wanted, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["explain", path, wanted])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_explaining_imports_nothing_heavy(path):
    code = (
        "import sys\n"
        "from rnnbench.cli.explain import explain\n"
        f"explain([{path!r}, 'dense'], standalone_mode=False)\n"
        "heavy = {'torch', 'numba', 'scipy', 'numpy', 'pydantic', 'yaml'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
