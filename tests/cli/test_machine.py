"""``rnnbench machine``: what it prints where, and what it measures again."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from rnnbench.cli import main
from rnnbench.cli.machine import machine
from rnnbench.machine.finding import Finding
from rnnbench.machine.fingerprint import fingerprint
from rnnbench.machine.fixed_work import Variation
from rnnbench.machine.noise import Noise
from rnnbench.runner.job import Failure
from tests.documents import calibration
from tests.runner.standin import StandInExecutor

NOISE = Noise(
    Variation(3000, 0.002, 0.0021),
    (Finding("load", "1.9 on 2 logical cores", "stop other work " * 12), Finding("quota", "none")),
)


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> StandInExecutor:
    """Return what stands in for worker processes; the noise check takes no time either."""
    executor = StandInExecutor()
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", lambda: executor)
    monkeypatch.setattr("rnnbench.machine.noise.check_noise", lambda: NOISE)
    return executor


def invoke(*arguments: str, **environment: str) -> Result:
    result = CliRunner().invoke(machine, arguments, env=environment, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_json_is_one_document_on_stdout(executor):
    result = invoke("--json")
    document = json.loads(result.stdout)
    assert document["schema"] == {"name": "rnnbench.machine", "version": "1.0"}
    assert document["machine"]["fingerprint"] == fingerprint(document["machine"])
    assert document["ingredients"]["os"] == document["machine"]["os"]
    assert document["noise"] == NOISE.to_json()
    assert document["calibration"] == calibration()
    assert document["settings"] == {"threads": StandInExecutor.threads}
    assert "10 s" in result.stderr


def test_what_was_measured_before_is_shown_and_measured_again_on_request(executor):
    invoke("--json")
    assert executor.calibrated == []
    executor.calibrating = calibration(threads=7)
    assert json.loads(invoke("--json", "--calibrate").stdout)["calibration"]["threads"] == 7
    assert executor.calibrated == [("cpu",)]
    executor.calibration = None
    invoke("--json")
    assert len(executor.calibrated) == 2
    assert all(worker.closed for worker in executor.workers)


@pytest.mark.parametrize("width", [80, 140])
def test_tables_fit_and_say_everything(executor, width):
    lines = invoke(COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for said in ("fingerprint", "Noise: moderate.", "5.0 % longer", "1.9 on 2 logical cores", "50.0 GB/s", "2 %"):
        assert said in text
    for said in ("100 GFLOP/s", "product, bfloat16", "1.00 µs", "1.00 ns", "128 MiB", "2 threads", "torch 2.13.0"):
        assert said in text
    assert text.count("stop") == 12


def test_a_pipe_gets_no_colours_and_no_endless_lines(executor):
    text = invoke(FORCE_COLOR="").stdout
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 140


def test_no_color_is_respected_on_a_terminal(executor):
    assert "\x1b[3" not in invoke(NO_COLOR="1", FORCE_COLOR="1", COLUMNS="100").stdout


def test_a_busy_calibration_is_said(executor):
    section = calibration()
    section["devices"]["cpu"]["busy"] = True
    executor.calibration = section
    assert "busy" in invoke().stdout


def test_a_machine_that_cannot_be_calibrated_is_exit_5_with_a_remedy(executor, capsys):
    executor.calibration, executor.calibrating = None, Failure("oom", "no memory for copies")
    with pytest.raises(SystemExit) as left:
        main(["machine"])
    assert left.value.code == 5
    said = capsys.readouterr()
    assert "no memory for copies" in said.err
    assert "--no-calibration" in said.err
    assert said.out == ""
    assert all(worker.closed for worker in executor.workers)


def test_an_interruption_is_exit_130_and_ends_the_worker(executor, capsys):
    executor.calibration, executor.calibrating = None, KeyboardInterrupt()
    with pytest.raises(SystemExit) as left:
        main(["machine"])
    assert left.value.code == 130
    assert all(worker.closed for worker in executor.workers)
