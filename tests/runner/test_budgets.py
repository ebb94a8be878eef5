"""A budget above the machine's memory is refused before anything runs."""

import pytest
from click.testing import CliRunner

from rnnbench.cli import app
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.figure import Figure, Observation
from rnnbench.runner.budgets import check_budgets
from rnnbench.suite.loader import load_suite
from tests.runner.standin import StandInExecutor


def suite_of(tmp_path, budget, device="cpu"):
    path = tmp_path / "s.yaml"
    path.write_text(
        f"version: 1\nname: s\ndefaults: {{device: '{device}'}}\n"
        f"include: [{{hidden: 8}}]\nmeasure: {{max_length: {{budget: {budget}}}}}\n"
    )
    return load_suite(path)


def test_more_than_there_is_is_refused(tmp_path):
    with pytest.raises(
        RnnbenchError, match=r"max_length.budget is 1048576.0 GiB, this machine has .* --force"
    ) as error:
        check_budgets(suite_of(tmp_path, "1024TiB"))
    assert error.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(("budget", "device"), [("1MiB", "cpu"), ("device", "cpu"), ("1024TiB", "cuda")])
def test_other_budgets_are_taken(tmp_path, budget, device):
    check_budgets(suite_of(tmp_path, budget, device))


def test_a_run_refuses_it_before_anything_starts_unless_forced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    executor = StandInExecutor(lambda job: Observation({"max_length_memory": Figure("exact", (8.0,))}))
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", lambda *_, **__: executor)
    suite_of(tmp_path, "1024TiB")
    refused = CliRunner().invoke(app, ["run", "s.yaml", "-o", "out.json"])
    assert isinstance(refused.exception, RnnbenchError)
    assert refused.exception.exit_code == ExitCode.USAGE
    assert "insist with --force" in refused.exception.message
    assert not executor.starts
    assert not (tmp_path / "out.json").exists()
    forced = CliRunner().invoke(app, ["run", "s.yaml", "-o", "out.json", "--force"])
    assert forced.exit_code == 0, forced.output
    assert executor.starts
