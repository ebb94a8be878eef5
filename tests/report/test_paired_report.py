"""A gate on paired rounds for people, for programs, for CI."""

import io
import json
from xml.etree import ElementTree

from rich.console import Console

from rnnbench.analysis.limits import read_limits
from rnnbench.analysis.paired_gate import paired_gate
from rnnbench.errors import ExitCode
from rnnbench.report.gate_junit import to_junit
from rnnbench.report.gate_markdown import to_markdown
from rnnbench.report.gate_table import render
from rnnbench.report.github import workflow_commands
from rnnbench.report.paired_account import paired_account
from rnnbench.report.paired_json import paired_to_json
from tests.paired_documents import paired

REPLAY = ["rnnbench", "gate", "a b.json"]


def gated(slower=None, **options):
    return paired_gate(paired(slower, **options), "a b.json", read_limits({}, (), None, "a b.json"))


def shown(found):
    output = io.StringIO()
    render(paired_account(found), REPLAY, Console(file=output, width=1000, highlight=False, markup=False, emoji=False))
    return output.getvalue()


def test_the_table_says_arms_change_interval_limit_p_n_verdict_error_rate_and_replay():
    text = shown(gated({"tridiagonal": 1.12}))
    assert "base  /old/bin/python, rnnbench 0.1, torch 2.13.0" in text
    assert "- torch: base 2.13.0, head 2.14.0" in text
    assert "6 rounds to screen, 11 to decide" in text
    row = next(line for line in text.splitlines() if line.startswith("tridiagonal") and line.endswith("REGRESSED"))
    assert row.split()[1].startswith("+1")
    assert row.split()[-3:-1] == ["0.00098", "11"]
    assert text.splitlines()[-1] == "Gate FAILED: 2 REGRESSED, 4 SAME of 6."
    said = " ".join(text.split())
    assert "on identical code at most 1 % of such gates report a regression" in said
    assert "2 of 6 timings that 6 rounds had pointed at were decided by 11 fresh rounds alone" in said
    assert "Replay: rnnbench gate 'a b.json'" in text


def test_open_lines_say_how_many_rounds_and_minutes_they_take():
    text = " ".join(shown(gated(noise=0.08, seed=16)).split())
    assert "INCONCLUSIVE" in text
    assert "rounds, " in text.partition("INCONCLUSIVE: ")[2]
    assert " min." in text


def test_without_screening_the_error_rate_is_of_all_timings():
    assert "in any of 6 timings, by 13 rounds each" in " ".join(shown(gated(screening=False)).split())


def test_when_nothing_was_flagged_it_says_so():
    assert "Here no timing had to be decided: after 6 rounds" in " ".join(shown(gated()).split())


def test_json_has_the_lines_in_full():
    data = json.loads(paired_to_json(gated({"dense": 1.12}), ExitCode.REGRESSION, REPLAY))
    assert data["schema"]["name"] == "rnnbench.gate"
    assert data["exit_code"] == 3
    assert data["paired"]["plan"] == {"screening": 6, "deciding": 11, "alpha": 0.01, "limits": []}
    line = next(line for line in data["lines"] if line["verdict"] == "REGRESSED")
    assert line["name"] == "dense"
    assert line["rounds"] == 11
    assert line["ci95"][0] < line["change"] < line["ci95"][1]
    assert line["p_adjusted"] <= 0.01


def test_ci_reads_failures_and_annotations():
    found = gated({"dense": 1.12})
    root = ElementTree.fromstring(to_junit(found.lines))  # noqa: S314 - our own
    assert sum(int(suite.get("failures")) for suite in root) == 2
    commands = list(workflow_commands(found.lines))
    assert all(command.startswith("::error title=rnnbench gate::dense, ") for command in commands)
    assert "n = 11 rounds" in commands[0]
    assert "**REGRESSED**" in to_markdown(paired_account(found), REPLAY)


def test_what_documents_say_is_text_and_nothing_else():
    document = paired({"dense": 1.12})
    document.arms["head"]["label"] = "\x1b[2Jpython"
    document.cases[0]["name"] = "\x1b[31mdense"
    found = paired_gate(document, "ab.json", read_limits({}, (), None, "ab.json"))
    for text in (shown(found), to_markdown(paired_account(found), REPLAY), to_junit(found.lines)):
        assert "\x1b" not in text
