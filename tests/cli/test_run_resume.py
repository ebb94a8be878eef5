"""Suites that ship, made small: interrupted and resumed, they say what they say in one go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SUITES = Path(__file__).parent.parent.parent / "suites"
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}
SHORT = "iterations: 12, batch: 4, replicas: 2, optimizer: {adam: {lr: 3e-3}}"

SMALL = {
    "lookback": [
        *("-k", "not dense", "--set", "hidden=8", "--set", "max_length.limits=[gradient,task]"),
        *("--set", f"max_length.training={{{SHORT}}}", "--set", "max_length.longest_learnt=40"),
    ],
    "adding": ["-k", "adding(50)", "--set", "hidden=8", "--set", "training.iterations=40"],
    "budget": [
        *("-k", "stream or rtrl or torch", "--set", "hidden=8", "--set", "max_length.budget=64MiB"),
        *("--set", "max_length.longest=32"),
    ],
    "state-tracking": [
        *("-k", "parity(16)/layers=1 and not block", "--set", "hidden=48", "--set", "training.iterations=20"),
    ],
    "mixing": [
        *("-k", "layers=1/bias=true and (ring or random or dense)", "--set", "training.iterations=40"),
        *("--set", "task=binary_addition(4)"),
    ],
    "scaling": [
        *("-k", "bias=true", "--set", "hidden=16,24", "--set", "training.iterations=40"),
        *("--set", "task=binary_addition(4)"),
    ],
    "storage": ["-k", "input=null", "--set", "hidden=64,3072"],
}
"""What to leave out, and what to make smaller."""


def copied(name: str, folder: Path) -> None:
    """Copy a suite, without what is of memory alone: peaks vary as times do."""
    lines = (SUITES / f"{name}.yaml").read_text().replace("block_diagonal(32)", "block_diagonal(4)").splitlines()
    kept = [line for line in lines if "limits: [memory]}" not in line]
    (folder / f"{name}.yaml").write_text("\n".join(kept))


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "rnnbench", "run", *arguments]


def cases_of(file: Path) -> list[dict]:
    return json.loads(file.read_text())["cases"]


def without_bytes(case: dict) -> dict:
    """Return a case without what a peak varies in, as times do: which lengths fit stays."""
    metrics = case["metrics"]
    for metric in ("bytes_per_time_step", "fixed_memory"):
        metrics.pop(metric, None)
    for probe in metrics.get("max_length_memory", {"details": {"probes": []}})["details"].get("probes", []):
        del probe["peak_bytes"]
    return case


def finish(*arguments: str, folder: Path) -> None:
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, env=ENVIRONMENT, timeout=300, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("name", SMALL)
def test_interrupted_and_resumed_is_as_in_one_go(name: str, tmp_path: Path):
    copied(name, tmp_path)
    arguments = [f"{name}.yaml", *SMALL[name]]
    finish(*arguments, "-o", "whole.json", folder=tmp_path)
    whole, part = tmp_path / "whole.json", tmp_path / "part.json"
    assert len(cases_of(whole)) >= 3

    process = subprocess.Popen(
        command(*arguments, "-o", "part.json"), stderr=subprocess.DEVNULL, env=ENVIRONMENT, cwd=tmp_path
    )
    deadline = time.monotonic() + 120
    while not (part.exists() and any(case["done"] for case in cases_of(part))) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    kept = cases_of(part)
    assert any(case["done"] for case in kept)
    assert "interrupted" in {case["status"] for case in kept} <= {"ok", "interrupted"}

    finish("--resume", "part.json", folder=tmp_path)
    assert list(map(without_bytes, cases_of(part))) == list(map(without_bytes, cases_of(whole)))
