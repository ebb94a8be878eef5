"""``rnnbench run``: what it writes where, what it answers, and real runs that are interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from rnnbench.cli import app

SUITE = """\
version: 1
name: tiny
defaults: {task: {binary_addition: {bits: 3}}, hidden: 4, time_steps: 8, batch: 2, activation: sigmoid}
matrix:
  connectivity: [dense, diagonal]
measure:
  training: {iterations: 20, replicas: 2}
  throughput: {launches: 1, max_seconds: 0.01, passes: [forward]}
"""
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with the suite ``tiny.yaml``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(SUITE)
    return tmp_path


def command(*arguments: str) -> list[str]:
    """Return the command without calibration: where none was made before, it takes seconds (tests/machine has it)."""
    return [sys.executable, "-m", "rnnbench", "run", "--no-calibration", *arguments]


def rnnbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=ENVIRONMENT, timeout=120)


def invoke(*arguments: str) -> Result:
    """Run the command in this process, for what is refused before a worker starts."""
    return CliRunner().invoke(app, ["run", *arguments], standalone_mode=False)


def refused(*arguments: str) -> str:
    """Return the message with which the command refuses."""
    result = invoke(*arguments)
    assert result.exception is not None
    assert getattr(result.exception, "exit_code", None) == 2
    assert not Path("results").exists()
    return str(result.exception.message)


def without_timings(cases: list[dict]) -> list[dict]:
    """Return cases without times and without what their launches were taken under."""
    kept = []
    for case in cases:
        metrics = {key: metric for key, metric in case["metrics"].items() if metric["unit"] not in ("s", "steps/s")}
        kept.append({**case, "metrics": metrics, "launches": []})
    return kept


def test_results_table_and_progress_go_to_their_places(folder: Path):
    done = rnnbench("tiny.yaml")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    (file,) = (folder / "results").iterdir()
    assert done.stderr.splitlines()[-1] == f"Results: {Path('results') / file.name}"
    assert file.name.startswith("tiny-")
    assert "case complete" in done.stderr
    document = json.loads(file.read_text())
    assert [case["status"] for case in document["cases"]] == ["ok", "ok"]
    assert document["run"]["argv"][1:] == ["run", "--no-calibration", "tiny.yaml"]
    for case in ("dense", "diagonal"):
        assert case in done.stdout
    assert "case complete" not in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_a_dash_writes_only_json_to_stdout(folder: Path):
    done = rnnbench("tiny.yaml", "-o", "-", "-k", "dense", "--quick", "--launches", "1", "--seed", "5")
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert [case["name"] for case in document["cases"]] == ["dense"]
    assert document["cases"][0]["parameters"]["measure"]["training"]["iterations"] == 2
    assert document["calibration"] is None
    assert (document["run"]["launches"], document["run"]["seed"], document["run"]["tags"]) == (1, 5, ["quick"])
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.yaml"]


def test_a_case_that_fails_is_exit_5_and_the_others_are_measured(folder: Path):
    text = SUITE.replace("  training: {iterations: 20, replicas: 2}\n", "").replace("sigmoid", "tanh, kernel: torch")
    (folder / "torch.yaml").write_text(text)
    done = rnnbench("torch.yaml", "-o", "out.json")
    assert done.returncode == 5
    dense, diagonal = json.loads(Path("out.json").read_text())["cases"]
    assert dense["status"] == "ok"
    assert diagonal["status"] == "error"
    assert diagonal["reason"].startswith("throughput: kernel 'torch' cannot serve this case")
    assert "diagonal" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_absent_device_is_exit_2_and_nothing_is_written(folder: Path):
    done = rnnbench("tiny.yaml", "--device", "cuda:999", "-o", "out.json")
    assert done.returncode == 2
    assert "this machine offers cpu" in done.stderr
    assert not Path("out.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_message(folder: Path):
    done = rnnbench("tiny.yaml", "-o", "/dev/full")
    assert done.returncode == 2
    assert "/dev/full: no room to write" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_an_interrupted_run_is_finished_by_its_file_alone(folder: Path):
    whole = rnnbench("tiny.yaml", "-o", "whole.json", "--launches", "2")
    assert whole.returncode == 0
    process = subprocess.Popen(
        command("tiny.yaml", "-o", "part.json", "--launches", "2"), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    deadline = time.monotonic() + 60
    while not Path("part.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    part = json.loads(Path("part.json").read_text())
    assert process.returncode == 130
    assert "Interrupted: 0 of 2 cases complete; finish with: rnnbench run --resume part.json" in errors
    assert "Traceback" not in errors
    assert {case["status"] for case in part["cases"]} == {"interrupted"}

    resumed = rnnbench("--resume", "part.json")
    assert resumed.returncode == 0, resumed.stderr
    finished = json.loads(Path("part.json").read_text())
    assert without_timings(finished["cases"]) == without_timings(json.loads(Path("whole.json").read_text())["cases"])
    assert all(len(case["metrics"]["forward_time.layer"]["samples"]) == 2 for case in finished["cases"])

    again = rnnbench("--resume", "part.json", "tiny.yaml")
    assert again.returncode == 0
    assert "nothing to resume, all 2 cases are complete" in again.stderr
    assert again.stdout == ""

    (folder / "tiny.yaml").write_text(SUITE.replace("hidden: 4", "hidden: 8"))
    refusal = rnnbench("--resume", "part.json")
    assert refusal.returncode == 6
    assert "suite defaults hidden: 4, now 8" in refusal.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="sends POSIX signals, and moves the cache as Linux does")
def test_a_run_that_is_interrupted_while_it_calibrates_leaves_nothing(folder: Path):
    arguments = [part for part in command("tiny.yaml", "-o", "out.json") if part != "--no-calibration"]
    environment = {**ENVIRONMENT, "XDG_CACHE_HOME": str(folder / "caches")}
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("measuring what this machine can reach, once")
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "Interrupted."
    assert not Path("out.json").exists()
    assert not list((folder / "caches").rglob("calibration*"))
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def test_a_dry_run_lists_cases_and_times_and_runs_nothing(folder: Path):
    result = invoke("tiny.yaml", "--dry-run", "--launches", "3")
    assert result.exit_code == 0
    header, dense, diagonal, *totals = result.stdout.splitlines()
    assert header.startswith("tiny.yaml: 2 cases, about 0:")
    assert dense.split()[0] == "dense"
    assert diagonal.endswith("training, throughput x 3")
    assert [line.split(":")[0].strip() for line in totals] == ["training", "throughput"]
    assert not Path("results").exists()


def test_problems_of_all_suites_are_shown_at_once(folder: Path):
    for name in ("one", "two"):
        (folder / f"{name}.yaml").write_text(f"version: 1\nname: {name}\ndefaults: {{hiden: 3}}\nmeasure: [memory]\n")
    said = refused("one.yaml", "two.yaml")
    assert "one.yaml:3:12" in said
    assert "two.yaml:3:12" in said
    assert "2 problems in one.yaml, two.yaml" in said


def test_several_suites_need_a_folder(folder: Path):
    assert "give a folder" in refused("tiny.yaml", "tiny.yaml", "-o", "out.json")
    assert "give a folder" in refused("tiny.yaml", "tiny.yaml", "-o", "-")


def test_a_mistake_in_the_last_suite_is_found_before_the_first_runs(folder: Path):
    (folder / "wrong.yaml").write_text(SUITE.replace("hidden", "hiden"))
    assert "hiden" in refused("tiny.yaml", "wrong.yaml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name at least one SUITE"),
        (["absent.yaml"], "absent.yaml"),
        (["tiny.yaml", "-o", "tiny.yaml"], "not overwritten"),
        (["tiny.yaml", "-o", "tiny.yaml/out.json"], "cannot be written"),
        (["tiny.yaml", "--resume", "absent.json"], "absent.json: no such file"),
        (["tiny.yaml", "--resume", "tiny.yaml"], "this is a suite, not a results document"),
        (["tiny.yaml", "tiny.yaml", "--resume", "x.json"], "--resume finishes one document"),
        (["tiny.yaml", "--timeout", "nan"], "nan is not a number."),
        (["tiny.yaml", "--timeout", "0"], "not in the range"),
        (["tiny.yaml", "--launches", "0"], "not in the range"),
        (["tiny.yaml", "--device", "tpu"], "tpu"),
        (["tiny.yaml", "-k", "absent"], "absent"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(folder: Path, arguments: list[str], said: str):
    assert said in refused(*arguments)


def test_help_explains_every_option_with_examples():
    result = invoke("--help")
    assert result.exit_code == 0
    for option in (
        "-o",
        "-k",
        "--set",
        "--device",
        "--launches",
        "--quick",
        "--seed",
        "--timeout",
        "--resume",
        "--no-calibration",
        "--dry-run",
    ):
        assert option in result.stdout
    assert "rnnbench run suites/addition.yaml --dry-run" in result.stdout


def test_neither_help_nor_a_dry_run_imports_torch(folder: Path):
    code = (
        "import sys; from rnnbench.cli import app; app.main(sys.argv[1:], standalone_mode=False);"
        "print({'torch', 'numba', 'scipy'} & set(sys.modules))"
    )
    for arguments in (["run", "--help"], ["run", "tiny.yaml", "--dry-run"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "set()", done.stderr
