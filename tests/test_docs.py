"""The pages under docs/ say what is true: every run and list that they name is one, every link leads somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from rnnbench.cli import app
from tests.runner.standin import StandInExecutor

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
SAID = re.compile(
    r"^(?:\s*- run: )?(rnnbench (?:run suites/|list )\S.*)$|`(rnnbench (?:run suites/|list )[^`]+)`", re.MULTILINE
)


def commands():
    for page in PAGES:
        for match in SAID.finditer(page.read_text()):
            if "--plugin ./" in match[0]:
                continue  # its files are taken off the page in tests/plugins
            yield pytest.param((match[1] or match[2]).split("  #")[0], id=f"{page.name}: {match[1] or match[2]}")


@pytest.mark.parametrize("command", list(commands()))
def test_each_run_and_list_that_is_named_is_one(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("rnnbench.runner.local_executor.LocalExecutor", StandInExecutor)
    words = shlex.split(command)[1:]
    outcome = CliRunner().invoke(app, [*words, *(["--dry-run"] if words[0] == "run" else [])])
    assert outcome.exit_code == 0, outcome.output


def workflow_commands():
    for page in PAGES:
        for block in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
            jobs = (yaml.safe_load(block) or {}).get("jobs", {})
            for step in (step for job in jobs.values() for step in job["steps"]):
                assert {"uses", "run"} & set(step)
                for line in step.get("run", "").splitlines():
                    if "/rnnbench " in line:
                        yield pytest.param(line.partition("/rnnbench ")[2], id=f"{page.name}: {line.strip()[:60]}")


@pytest.mark.parametrize("command", list(workflow_commands()))
def test_each_command_of_a_workflow_can_be_parsed(command):
    name, *words = shlex.split(command)
    found = app.get_command(None, name)
    assert found is not None
    given = found.make_context(name, words).params  # an unknown option, or a missing argument, raises
    suite = given.get("suite") or ""
    assert not suite or (ROOT / suite.removeprefix("head/")).is_file()


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_each_link_within_the_project_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text())
    for path, anchor in links:
        target = page.parent / path if path else page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_shipped_suite_is_named_in_a_page():
    said = "\n".join(page.read_text() for page in [ROOT / "README.md", *PAGES])
    assert [path.name for path in sorted((ROOT / "suites").glob("*.yaml")) if f"suites/{path.name}" not in said] == []
