"""``rnnbench report``: one page, or one picture per plot; nothing heavy is imported for the page."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnbench.cli.report import report
from rnnbench.errors import RnnbenchError
from tests.documents import addition


@pytest.fixture
def path(tmp_path):
    """Return the path of a small document."""
    addition(["dense", "tridiagonal", "diagonal"]).write(tmp_path / "r.json")
    return tmp_path / "r.json"


def test_the_page_is_one_file_and_its_place_is_said(path, tmp_path):
    done = CliRunner().invoke(report, [str(path), str(path), "-o", str(tmp_path / "new" / "page.html")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"Report: {tmp_path / 'new' / 'page.html'}" in done.stderr
    assert (tmp_path / "new" / "page.html").read_text().startswith("<!doctype html>")


def test_pictures_go_to_a_folder_and_are_listed(path, tmp_path):
    done = CliRunner().invoke(report, [str(path), "--format", "svg", "-o", str(tmp_path / "plots")])
    assert done.exit_code == 0
    assert sorted(done.stdout.split()) == sorted(map(str, (tmp_path / "plots").iterdir()))


def test_a_document_is_needed():
    assert CliRunner().invoke(report, []).exit_code == 2


def test_a_file_that_is_none_is_named(tmp_path):
    with pytest.raises(RnnbenchError, match="no such file"):
        CliRunner().invoke(report, [str(tmp_path / "missing.json")], catch_exceptions=False)


def test_the_page_needs_neither_torch_nor_matplotlib(path, tmp_path):
    code = (
        "import sys; from rnnbench.cli import main\n"
        f"try: main(['report', {str(path)!r}, '-o', {str(tmp_path / 'p.html')!r}])\n"
        "finally: print(*{'torch', 'numba', 'matplotlib', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
