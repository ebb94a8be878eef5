"""A trial is taken once on a machine; its file is a cache that may be lost or broken at any time."""

import json
import os
import subprocess
import sys

import pytest

from rnnbench.machine import trials
from rnnbench.machine.fingerprint import machine


@pytest.fixture
def path(monkeypatch, tmp_path):
    path = tmp_path / "caches" / "trials.json"
    monkeypatch.setattr(trials, "_path", lambda: path)
    return path


class Trial:
    """Counts how often it is taken."""

    def __init__(self, **seconds):
        self.seconds = seconds
        self.taken = 0

    def __call__(self):
        self.taken += 1
        return self.seconds


def test_a_question_is_tried_once(path):
    first, again, other = Trial(a=0.5, b=0.25), Trial(a=9.0), Trial(c=1.0)
    assert trials.tried("which?", first) == {"a": 0.5, "b": 0.25}
    assert trials.tried("which?", again) == {"a": 0.5, "b": 0.25}
    assert trials.tried("what else?", other) == {"c": 1.0}
    assert (first.taken, again.taken, other.taken) == (1, 0, 1)
    assert set(json.loads(path.read_text())) == {"which?", "what else?"}
    assert [entry.name for entry in path.parent.iterdir()] == ["trials.json"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff\xfe",
        b'{"which?": {}}',
        b'{"which?": 3}',
        b'{"which?": {"a": "fast"}}',
        b'{"which?": {"a": -1.0}}',
    ],
)
def test_a_broken_file_is_no_answer_and_is_replaced(path, broken):
    path.parent.mkdir()
    path.write_bytes(broken)
    trial = Trial(a=0.5)
    assert trials.tried("which?", trial) == {"a": 0.5}
    assert trial.taken == 1
    assert json.loads(path.read_text())["which?"] == {"a": 0.5}


def test_without_a_folder_to_write_to_it_is_tried_every_time(path, monkeypatch):
    path.parent.parent.joinpath("caches").write_text("a file is in the way")
    trial = Trial(a=0.5)
    assert trials.tried("which?", trial) == trials.tried("which?", trial) == {"a": 0.5}
    assert trial.taken == 2


def test_the_file_is_this_users_and_this_machines(tmp_path):
    code = "from rnnbench.machine.trials import _path; print(_path())"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith(f"trials-{machine()['fingerprint']}.json")
    if sys.platform.startswith("linux"):
        assert said.stdout.startswith(str(tmp_path))
