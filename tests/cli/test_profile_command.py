"""``rnnbench profile``: what it prints, writes and refuses."""

import json
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from rnnbench.cli import app, main
from rnnbench.cli.manual import Manual
from rnnbench.cli.profile import _chosen
from rnnbench.cli.profile import profile as command
from rnnbench.machine.roofline import reach_of
from rnnbench.measure.perform import perform
from rnnbench.report.profile_table import render_difference, render_profile
from rnnbench.runner.executor import Place
from rnnbench.runner.job import Failure
from rnnbench.suite.loader import load_suite
from tests.documents import calibration

SUITE = """\
version: 1
name: small
defaults: {hidden: 16, time_steps: 32, batch: 2, device: cpu}
matrix:
  connectivity: [dense, tridiagonal, "banded(1,0)"]
  kernel: [auto, torch]
exclude:
  - {connectivity: tridiagonal, kernel: torch}
  - {connectivity: "banded(1,0)", kernel: torch}
measure: [throughput]
"""


class InProcess:
    """Performs jobs in this process; says what it was asked."""

    def __init__(self, outcome=None, known=True):
        self.outcome, self.known, self.starts = outcome, known, []

    def start(self, measurement):
        self.starts.append(measurement)
        return self

    usable = True

    def probe(self, devices):
        found = calibration() if self.known else None
        return Place(dict.fromkeys(devices, "cpu"), [], {"threads": 1}, {"torch": "2"}, "3", found)

    def calibrate(self, devices, timeout_seconds, advanced):
        return Failure("error", "no")

    def perform(self, job, timeout_seconds, advanced):
        return self.outcome or perform(job.measurement, job.case, advanced)

    def close(self):
        pass


@pytest.fixture
def suite(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnbench.measure.profile.SECONDS", 0.01)
    (tmp_path / "small.yaml").write_text(SUITE)
    return tmp_path / "small.yaml"


def invoke(monkeypatch, *words, executor=None):
    executor = executor or InProcess()
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", lambda: executor)
    return CliRunner().invoke(app, ["profile", *map(str, words)])


def test_two_cases_as_json_with_their_difference_and_files(suite, tmp_path, monkeypatch):
    done = invoke(monkeypatch, suite, "-k", "dense", "--format", "json", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    profiles = {profile["case"]["name"]: profile for profile in said["profiles"]}
    assert list(profiles) == ["dense/kernel=auto", "dense/kernel=torch"]
    for profile in profiles.values():
        phases = {phase["name"]: phase for phase in profile["phases"]}
        assert sum(phase["share"] for phase in phases.values()) == pytest.approx(1)
        step = profile["step"]
        attributed = sum(phase["seconds"] for name, phase in phases.items() if name != "unattributed")
        assert step["attributed"] == pytest.approx(attributed / step["plain_seconds"])
        assert step["within_tolerance"] == (abs(step["attributed"] - 1) <= 0.05)
        assert step["marks_cost"] == pytest.approx(step["marked_seconds"] / step["plain_seconds"] - 1)
        for phase in phases.values():
            if phase["flops"]:
                reach = reach_of(calibration()["devices"]["cpu"], "float32", phase["bytes"], False)
                assert phase["flops_per_second"] == pytest.approx(phase["flops"] / phase["seconds"])
                assert phase["flops_fraction"] == pytest.approx(phase["flops_per_second"] / reach.flops)
                assert phase["bandwidth_fraction"] == pytest.approx(phase["bytes_per_second"] / reach.bandwidth)
    assert {"layer forward", "recurrence forward", "step"} <= {row["name"] for row in said["difference"]["phases"]}
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    cases = {case.name: case.id[:8] for case in load_suite(suite).cases}
    for name, id_ in cases.items():
        if name.startswith("dense"):
            stem = f"{name.replace('/', '-').replace('=', '-')}-{id_}"
            assert {f"{stem}.json", f"{stem}.trace.json", f"{stem}.memory.csv"} <= set(names)
            trace = json.loads((tmp_path / "out" / f"{stem}.trace.json").read_text())
            assert any(event.get("cat") == "phase" for event in trace["traceEvents"])
            timeline = (tmp_path / "out" / f"{stem}.memory.csv").read_text().splitlines()
            assert timeline[0] == "seconds,bytes_above_start,phase"
            assert len(timeline) > 3
            assert json.loads((tmp_path / "out" / f"{stem}.json").read_text()) == profiles[name]
    assert len(names) == 6


@pytest.mark.parametrize("width", [60, 80, 140, 100_000])
def test_tables_fit_their_terminal(suite, monkeypatch, width):
    done = invoke(monkeypatch, suite, "-k", "dense", "--format", "json")
    documents = json.loads(done.stdout)["profiles"]
    documents[1]["case"]["name"] = "\x1b[31mred"
    documents[1]["operators"][0]["name"] = "\x1b[2J" + "x" * 300
    console = Console(width=width, file=StringIO(), color_system=None, highlight=False, markup=False)
    for document in documents:
        render_profile(document, console)
    render_difference(*documents, console)
    text = console.file.getvalue()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= min(width, 140)
    if width >= 80:  # a long name may be cut, no figure is
        assert not [line for line in text.splitlines() if re.search(r"…\s*$|….*…", line)]
    for word in ("input projection", "recurrence backward", "layer forward", "optimizer", "unattributed", "B - A"):
        assert word in text
    assert "Under torch.profiler the step takes" in " ".join(text.split())


def test_without_a_calibration_there_are_no_shares(suite, monkeypatch):
    executor = InProcess(known=False)
    done = invoke(monkeypatch, suite, "-k", "tridiagonal", executor=executor)
    assert done.exit_code == 0, done.output
    assert executor.starts == ["profile", "calibration", "profile"]
    assert "rnnbench machine --calibrate" in " ".join(done.stdout.split())
    executor = InProcess(known=False)
    invoke(monkeypatch, suite, "-k", "tridiagonal", "--no-calibration", executor=executor)
    assert executor.starts == ["profile"]


def test_more_than_two_cases_are_not_profiled(suite, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["profile", str(suite)])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "4 cases: choose one with -k, or two to compare: dense/kernel=auto, dense/kernel=torch, " in said


def test_a_case_that_fails_says_why(suite, monkeypatch, capsys):
    executor = InProcess(Failure("oom", "no memory"))
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", lambda: executor)
    with pytest.raises(SystemExit) as caught:
        main(["profile", str(suite), "-k", "tridiagonal"])
    assert caught.value.code == 5
    assert "tridiagonal/kernel=auto: oom: no memory" in capsys.readouterr().err


def test_the_pages_name_one_case_or_two():
    root = Path(__file__).parents[2]
    assert isinstance(command, Manual)
    examples = " ".join(command.examples).replace("\\", " ")
    said = (root / "docs" / "kernels.md").read_text() + re.sub(r"(?=rnnbench )", "\n", examples)
    commands = [shlex.split(line) for line in re.findall(r"^ *(rnnbench profile suites/.*)$", said, re.MULTILINE)]
    counts = [
        len(_chosen(str(root / words[2]), {"select": words[4], "overrides": (), "device": None}).cases)
        for words in commands
    ]
    assert counts == [1, 2, 1, 2, 1]


def test_a_folder_that_cannot_be_made(suite, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as caught:
        main(["profile", str(suite), "-k", "tridiagonal", "-o", str(tmp_path / "file" / "out")])
    assert caught.value.code == 2
    assert "cannot be made" in capsys.readouterr().err
