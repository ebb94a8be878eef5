"""``rnnbench ab``: real processes of other installations (which time nothing), exit codes, and mistakes."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.cli.test_show import rnnbench

SUITE = """\
version: 1
name: small
defaults: {hidden: 4, time_steps: 4, batch: 2}
matrix: {connectivity: [dense, tridiagonal]}
measure: {throughput: {passes: [training]}}
"""
WORKER = Path(__file__).with_name("fake_worker.py")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins for interpreters are shell scripts")


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "small.yaml").write_text(SUITE)
    return tmp_path / "small.yaml"


def interpreter(folder, name, **fake):
    """Return a Python whose rnnbench is the stand-in."""
    package = folder / name / "rnnbench" / "runner"
    package.mkdir(parents=True)
    for place in (package.parent, package):
        (place / "__init__.py").touch()
    (package / "worker.py").write_text(WORKER.read_text())
    there = {"version": "0.1", "path": str(package.parent), "results_version": "1.0"}
    said = {"installation": there, "counter": str(folder / f"{name}.count"), **fake}
    said = {key: value for key, value in said.items() if value is not None}
    return script(
        folder / f"{name}-python",
        f"PYTHONPATH={shlex.quote(str(folder / name))} FAKE={shlex.quote(json.dumps(said))} "
        f'exec {shlex.quote(sys.executable)} "$@"',
    )


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def compare(suite, base, head, *options, **environment):
    return rnnbench("ab", suite, "--base", base, "--head", head, "--seed", 3, *options, **environment)


def test_two_installations_are_compared_and_the_document_is_gated(suite, tmp_path):
    base, head = interpreter(tmp_path, "old"), interpreter(tmp_path, "new", factor=1.3)
    done = compare(suite, base, head, "--rounds", 8, "-o", tmp_path / "ab.json")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("tridiagonal"))
    base_time, head_time, ratio = (float(cell.rstrip("x")) for cell in row.split()[1:4])
    assert (base_time, head_time, ratio) == pytest.approx((10.0, 13.0, 1.3), rel=0.02)
    assert row.split()[-1] == "8"
    gated = rnnbench("gate", tmp_path / "ab.json")
    assert gated.returncode == 3
    assert "2 REGRESSED of 2" in gated.stdout


def test_with_gate_both_stages_run_and_the_exit_code_is_the_gates(suite, tmp_path):
    base = interpreter(tmp_path, "old")
    slower, same = interpreter(tmp_path, "new", factor=1.3), interpreter(tmp_path, "other")
    failed = compare(suite, base, slower, "--gate", "--json", "-o", tmp_path / "ab.json")
    assert failed.returncode == 3, failed.stderr
    data = json.loads(failed.stdout)
    assert data["paired"]["plan"] == {"screening": 6, "deciding": 11, "alpha": 0.01, "limits": []}
    assert {line["verdict"] for line in data["lines"]} == {"REGRESSED"}
    passed = compare(suite, base, same, "--gate", "--strict", "-o", tmp_path / "same.json")
    assert passed.returncode == 0, passed.stderr
    assert "Gate passed: 2 SAME of 2." in passed.stdout
    replay = next(line for line in passed.stdout.splitlines() if line.startswith("Replay: "))
    again = rnnbench(*shlex.split(replay)[2:])
    assert (again.returncode, again.stdout) == (0, passed.stdout)


def test_limits_given_to_the_run_are_the_documents(suite, tmp_path):
    base, head = interpreter(tmp_path, "old"), interpreter(tmp_path, "new", factor=1.3)
    done = compare(suite, base, head, "--gate", "--limit", "0.5", "--alpha", "0.02", "-o", tmp_path / "ab.json")
    assert done.returncode == 0, done.stderr
    assert rnnbench("gate", tmp_path / "ab.json").returncode == 0


def test_an_arm_that_crashes_half_way_leaves_a_document_and_exits_with_5(suite, tmp_path):
    base, head = interpreter(tmp_path, "old"), interpreter(tmp_path, "new", crash=9)
    done = compare(suite, base, head, "--gate", "-o", tmp_path / "ab.json")
    assert done.returncode == 5, done.stderr
    assert "head: worker exited with status 1" in " ".join(done.stdout.split())
    cases = json.loads((tmp_path / "ab.json").read_text())["cases"]
    assert sorted(case["status"] for case in cases) == ["error", "ok"]
    assert all(case["metrics"]["training_time.layer"]["rounds"] for case in cases)


def test_an_older_rnnbench_and_another_results_version_exit_with_6(suite, tmp_path):
    base, older = interpreter(tmp_path, "old"), interpreter(tmp_path, "older", installation=None)
    done = compare(suite, base, older, "-o", tmp_path / "ab.json")
    assert done.returncode == 6
    assert "its rnnbench is older than `rnnbench ab`" in done.stderr
    there = {"version": "9.0", "path": "/x", "results_version": "2.0"}
    newer = compare(suite, base, interpreter(tmp_path, "newer", installation=there), "-o", tmp_path / "ab.json")
    assert newer.returncode == 6
    assert "has results version 2.0, this one has 1.0" in newer.stderr
    assert not (tmp_path / "ab.json").exists()


def test_an_interpreter_without_rnnbench_says_where_to_install_it(suite, tmp_path):
    bare = script(tmp_path / "bare-python", f'unset PYTHONPATH; exec {shlex.quote(sys.executable)} -S "$@"')
    done = compare(suite, interpreter(tmp_path, "old"), bare, "-o", tmp_path / "ab.json")
    assert done.returncode == 2
    assert f"head ({bare})" in done.stderr
    assert "No module named" in done.stderr
    assert f"Install rnnbench there: {bare} -m pip install rnnbench" in done.stderr
    assert "Traceback (most" not in done.stderr.partition("it wrote last")[0]


def test_an_interpreter_that_is_not_there(suite, tmp_path):
    done = compare(suite, interpreter(tmp_path, "old"), tmp_path / "nowhere")
    assert done.returncode == 2
    assert "--head" in done.stderr
    assert "no such program" in done.stderr


def test_the_same_installation_twice_is_refused(suite, tmp_path):
    base = interpreter(tmp_path, "old")
    done = compare(suite, base, base, "-o", tmp_path / "ab.json")
    assert done.returncode == 2
    assert "are the same" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Name two arms"),
        (["--base", "python"], "go together"),
        (["--base-set", "hidden=4", "--strict"], "--strict goes with --gate"),
        (["--base-set", "hidden=4", "--gate", "-o", "-"], "give a file with -o"),
        (["--base-set", "hiden=4"], "did you mean 'hidden'"),
        (["--base-set", "hidden=4", "-k", "nothing"], "selects none"),
        (["--base-set", "hidden=4", "--limit", "x"], "is no fraction"),
        (["--base-set", "hidden=4", "--alpha", "0"], "--alpha"),
    ],
)
def test_mistakes_are_said_before_anything_runs(suite, tmp_path, options, said):
    output = [] if "-o" in options else ["-o", tmp_path / "ab.json"]
    done = rnnbench("ab", suite, *options, *output)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "ab.json").exists()


def test_a_file_that_is_no_paired_document_is_not_overwritten(suite, tmp_path):
    (tmp_path / "mine.json").write_text("mine")
    done = rnnbench("ab", suite, "--base-set", "hidden=4", "-o", tmp_path / "mine.json")
    assert done.returncode == 2
    assert (tmp_path / "mine.json").read_text() == "mine"


@pytest.mark.parametrize(
    "options", [["--repeats", "2"], ["--self-check", "--strict"], ["--self-check", "--junit", "x"]]
)
def test_the_self_check_takes_a_suite_and_nothing_else(suite, options):
    done = rnnbench("gate", suite, *options)
    assert done.returncode == 2
    assert "self-check" in done.stderr


def test_two_settings_of_this_installation_are_timed(suite, tmp_path):
    done = rnnbench(
        "ab", suite, "--base-set", "kernel=eager", "--head-set", "kernel=fused", "-k", "dense", "--rounds", 1,
        "-o", tmp_path / "ab.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "ab.json").read_text())
    (case,) = document["cases"]
    assert [case[arm]["kernel"]["name"] for arm in ("base", "head")] == ["eager", "fused"]
    assert document["arms"]["head"]["results_version"] == "1.0"
    assert len(case["metrics"]["training_time.layer"]["seconds"]) == 1
