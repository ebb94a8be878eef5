"""docs/extending.md: its three examples and its suite, taken off the page and run as a reader would run them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
FILES = {name: text for text, name in re.findall(r"```(?:python|yaml)\n((?:# (\S+)\n).*?)```", PAGE, re.DOTALL)}
PLUGINS = [name for name in FILES if name.endswith(".py")]
COMMANDS = re.search(r"```console\n(.*?)```", PAGE, re.DOTALL).group(1).splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("extending")
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


def rnnbench(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "rnnbench", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_page_has_a_connectivity_a_kernel_a_task_and_a_suite():
    assert sorted(FILES) == ["dilated.py", "dilated_kernel.py", "echo.py", "mine.yaml"]
    assert [command.split()[1] for command in COMMANDS] == ["list", "validate", "run"]


@pytest.mark.parametrize("command", COMMANDS[:2])
def test_the_commands_that_only_read(folder, command):
    done = rnnbench(folder, *command.split()[1:])
    assert done.returncode == 0, done.stderr
    assert "dilated" in done.stdout


def test_the_suite_runs_in_workers_and_the_results_say_what_was_loaded(folder):
    done = rnnbench(folder, *COMMANDS[2].split()[1:], "--no-calibration", "-o", "r.json", "-k", "dilated")
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "r.json").read_text())
    cases = {case["name"]: case for case in document["cases"]}
    assert [case["kernel"]["name"] for case in cases.values()] == ["fused", "dilated_groups"]
    for case in cases.values():
        assert case["agreement"]["max_error"] <= case["agreement"]["tolerance"]
        assert case["metrics"]["recurrent_parameters"]["value"] == 12 * 12 / 3
        assert case["metrics"]["solved_fraction"]["value"] == 1
    plugins = document["provenance"]["plugins"]
    assert [plugin["provides"] for plugin in plugins] == [
        {"connectivity": ["dilated"]},
        {"kernel": ["dilated_groups"]},
        {"task": ["echo"]},
    ]
    assert all(len(plugin["sha256"]) == 64 for plugin in plugins)
    refused = rnnbench(folder, "run", "--resume", "r.json")
    assert refused.returncode == 6
    assert "measured with plug-in dilated, dilated_kernel, echo, which is not loaded" in refused.stderr
    resumed = rnnbench(folder, "run", "--resume", "r.json", *COMMANDS[2].split()[3:])
    assert "nothing to resume" in resumed.stderr
    shown = rnnbench(folder, "show", "r.json")  # without any plug-in
    assert shown.returncode == 0
    assert "dilated" in shown.stdout


def test_without_its_plug_in_a_suite_names_nothing_that_exists(folder):
    done = rnnbench(folder, "validate", "mine.yaml")
    assert done.returncode == 2
    assert "unknown connectivity 'dilated'" in done.stderr
    assert "unknown task 'echo'" in done.stderr
    assert "unknown value 'dilated_groups'" in done.stderr
