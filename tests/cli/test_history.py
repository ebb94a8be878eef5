"""``rnnbench history``: a folder of results as a store; tables, data, and what is wrong with files."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rnnbench.cli.history import history
from tests.cli.test_show import rnnbench
from tests.documents import session

LABELS = ["dense", "tridiagonal"]


@pytest.fixture
def store(tmp_path):
    """Return a folder of 14 sessions, from the ninth on with a slower case, commits and a newer torch."""
    folder = tmp_path / "results"
    folder.mkdir()
    for number in range(14):
        results = session(number, LABELS, slower={"tridiagonal": 1.2} if number >= 8 else {})
        results.provenance["git"] = {"commit": f"{number:02}" * 20, "branch": "main", "dirty": False}
        results.provenance["packages"] = {"torch": "2.12.0" if number < 8 else "2.13.0"}
        results.write(folder / f"{number:02}.json")
    return folder


def test_the_table_has_a_line_per_case_and_its_step(store):
    done = rnnbench("history", store, "--metric", "training_time")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("tridiagonal ")]
    assert "│" in row
    assert row.split()[1] == "14"
    assert "2026-01-09 +" in row
    assert "14 sessions, 2026-01-01 to 2026-01-14" in done.stdout
    said = " ".join(done.stdout.split())
    assert "commit 0707070707 -> 0808080808, torch 2.12.0 -> 2.13.0; first in" in said
    assert "with a chance of at most 1 %" in said
    (dense,) = [line for line in done.stdout.splitlines() if line.startswith("dense ")]
    assert "│" not in dense


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_fits_the_terminal(store, width):
    text = rnnbench("history", store, COLUMNS=str(width)).stdout
    assert max(map(len, text.splitlines())) <= width


def test_a_terminal_without_unicode_gets_other_signs(store):
    done = rnnbench("history", store, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0
    assert "?" not in done.stdout


def test_data_is_complete(store):
    result = CliRunner().invoke(history, [str(store), "--metric", "training_time", "--format", "json"])
    (machine,) = json.loads(result.stdout)["machines"]
    assert [len(machine["sessions"]), len(machine["series"])] == [14, 2]
    (step,) = machine["series"][1]["steps"]
    assert step["point"] == 8
    rows = list(csv.DictReader(io.StringIO(rnnbench("history", store, "--format", "csv").stdout)))
    assert len(rows) == 14 * 2 * 2
    steps = [row for row in rows if row["step_ratio"] and row["metric"] == "training_time.layer"]
    assert [(row["case"], row["started"]) for row in steps] == [("tridiagonal", "2026-01-09T03:04:05Z")]
    assert float(steps[0]["step_ratio"]) == pytest.approx(1.2, abs=0.05)


def test_broken_files_of_a_folder_are_named_and_skipped(store):
    (store / "cut.json").write_text((store / "00.json").read_text()[:500])
    (store / "notes.json").write_text('{"mine": 1}')
    (store / "copy.json").write_text((store / "00.json").read_text())
    tampered = json.loads((store / "01.json").read_text())
    tampered["run"]["id"] = "other"
    tampered["cases"][0]["metrics"]["training_time.layer"]["value"] *= 2
    (store / "tampered.json").write_text(json.dumps(tampered))
    newer = {**tampered, "schema": {"name": "rnnbench.results", "version": "2.0"}}
    (store / "newer.json").write_text(json.dumps(newer))
    done = rnnbench("history", store)
    assert done.returncode == 0
    skipped = [line for line in done.stderr.splitlines() if line.startswith("Skipped: ")]
    reasons = dict(zip(["copy", "cut", "newer", "notes", "tampered"], skipped, strict=True))
    assert all(f"{name}.json" in line for name, line in reasons.items())
    assert "cut off" in reasons["cut"]
    assert "is the same run as" in reasons["copy"]
    assert "schema version 2.0" in reasons["newer"]
    assert "the median over launches" in reasons["tampered"]
    assert "13 sessions" in done.stdout or "14 sessions" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 2, "no such file"),
        (["empty"], 5, "no results document"),
        (["results", "--metric", "training_tim"], 2, "did you mean"),
        (["results", "--case", "absent"], 2, "selects none"),
        (["results/cut.json"], 2, "cut off"),
        (["results", "--format", "yaml"], 2, "yaml"),
    ],
)
def test_mistakes_have_one_message_and_the_right_code(store, arguments, code, said):
    (store.parent / "empty").mkdir()
    (store / "cut.json").write_text((store / "00.json").read_text()[:500])
    done = subprocess.run(
        [sys.executable, "-m", "rnnbench", "history", *arguments],
        cwd=store.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_it_starts_without_torch_numba_and_scipy(store):
    code = (
        "import sys; from rnnbench.cli import app\n"
        f"app(['history', {str(store)!r}], standalone_mode=False)\n"
        "print({'torch', 'numba', 'scipy', 'pydantic', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "set()\n"
