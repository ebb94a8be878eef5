"""A gate for people, for programs, for CI: every line says change, interval, limit, p and n; nothing is injected."""

import io
import json
import re
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len
from rich.console import Console

from rnnbench.analysis.align import Document, align
from rnnbench.analysis.gate import gate
from rnnbench.analysis.limits import read_limits
from rnnbench.analysis.sessions import Sessions
from rnnbench.errors import ExitCode
from rnnbench.report.gate_account import stored_account
from rnnbench.report.gate_json import to_json
from rnnbench.report.gate_junit import to_junit
from rnnbench.report.gate_markdown import to_markdown
from rnnbench.report.gate_table import render
from rnnbench.report.gate_words import error_rate, line_text, percent
from rnnbench.report.github import append_summary, in_actions, workflow_commands
from tests.documents import session

LABELS = ["dense", "tridiagonal", "diagonal", "none"]
REPLAY = ["rnnbench", "gate", "a b.json", "new.json"]


def gated(new=None, sessions=9, **options):
    base = session(20, LABELS)
    new = new or session(21, LABELS, slower={"tridiagonal": 1.25, "diagonal": 0.7})
    pairing = align(Document("a.json", base), Document("b.json", new))
    earlier = tuple(Document(f"{number}.json", session(number, LABELS)) for number in range(sessions))
    return gate(pairing, Sessions(earlier, {"of another machine": 2}), read_limits({}, (), None, "b.json"))


def shown(found, width=1000, **options):
    output = io.StringIO()
    render(
        stored_account(found),
        REPLAY,
        Console(file=output, width=width, highlight=False, markup=False, emoji=False, **options),
    )
    return output.getvalue()


def rows(text, name):
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.startswith(f"{name} ")]


def missing_case():
    new = session(21, LABELS)
    new.cases[3].update(status="oom", reason="out of memory", metrics={})
    return new


def test_each_line_says_change_interval_limit_p_n_and_verdict():
    row = rows(shown(gated()), "tridiagonal")[0]
    assert re.fullmatch(r"\+2\d\.\d \[\+\d+\.\d, \+\d+\.\d\]", row[1])
    assert float(row[2]) >= 5
    assert float(row[3]) <= 0.01
    assert row[4:] == ["5+5", "REGRESSED"]


def test_the_gravest_lines_come_first():
    text = shown(gated()).partition("forward + backward")[2].partition("forward, layer")[0]
    verdicts = [line.split()[-1] for line in text.splitlines() if "5+5" in line]
    assert verdicts == ["REGRESSED", "IMPROVED", "SAME", "SAME"]


def test_the_end_says_the_error_rate_how_to_replay_it_and_the_verdict():
    text = " ".join(shown(gated()).split())
    assert (
        "Error rate: on unchanged code at most 1 % of such gates report a regression in any of 8 timings, if sessions "
        "differ as 9 earlier ones did (normally distributed)."
    ) in text
    assert "some do not count: 2 of another machine." in text
    assert "Replay: rnnbench gate 'a b.json' new.json" in text
    assert text.endswith("Gate FAILED: 2 REGRESSED, 2 IMPROVED, 24 SAME of 28.")


def test_advice_is_marked_and_said():
    text = " ".join(shown(gated(sessions=3)).split())
    assert "REGRESSED?" in text
    assert "All timings are advice, marked '?', and fail no gate: their error rate is unknown, with 3 of 8" in text
    assert "Gate undecided: 2 REGRESSED?," in text


def test_what_is_missing_is_said_once_per_case():
    text = shown(gated(missing_case()))
    assert "Missing\n- none: in new the case is oom: out of memory (7 metrics)\n" in text
    assert "Gate FAILED: 7 MISSING" in text


@pytest.mark.parametrize("width", [80, 140])
def test_every_width_holds_the_lines(width):
    text = shown(gated(), width)
    assert max(map(cell_len, text.splitlines())) <= width
    assert rows(text, "tridiagonal")[0][-1] == "REGRESSED"


def test_colour_adds_nothing_that_the_text_lacks():
    coloured = shown(gated(), 100, force_terminal=True, color_system="standard")
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(gated(), 100)


def test_json_has_every_line_and_the_exit_code():
    data = json.loads(to_json(gated(), ExitCode.REGRESSION, REPLAY))
    assert data["schema"] == {"name": "rnnbench.gate", "version": "1.0"}
    assert (data["exit_code"], data["advisory"], len(data["earlier"])) == (3, False, 9)
    (line,) = [
        line for line in data["lines"] if (line["metric"], line["name"]) == ("training_time.layer", "tridiagonal")
    ]
    assert (line["verdict"], line["limit"], line["launches"], line["sessions"]) == ("REGRESSED", 0.05, [5, 5], 9)
    assert line["ci95"][0] < line["change"] < line["ci95"][1]


def test_junit_counts_failures_errors_and_what_is_open():
    root = ElementTree.fromstring(to_junit(gated().lines))  # noqa: S314 - our own
    suite = root.find("testsuite[@name='training_time.layer']")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "0")
    failure = suite.find("testcase[@name='tridiagonal']/failure")
    assert "REGRESSED, change +2" in failure.get("message")
    assert suite.find("testcase[@name='dense']/system-out") is not None
    advice = ElementTree.fromstring(to_junit(gated(sessions=0).lines))  # noqa: S314
    assert advice.find("testsuite[@name='training_time.layer']").get("skipped") == "1"
    lacking = ElementTree.fromstring(to_junit(gated(missing_case()).lines))  # noqa: S314
    assert lacking.find("testsuite[@name='training_time.layer']").get("errors") == "1"


def test_annotations_are_errors_where_the_gate_fails_and_warnings_where_it_only_would():
    commands = list(workflow_commands(gated().lines))
    assert [command.partition("::tri")[0] for command in commands] == ["::error title=rnnbench gate"] * 2
    assert "REGRESSED, change +" in commands[0]
    assert " %25, limit 5 %25" in commands[0]
    assert all(command.startswith("::warning") for command in workflow_commands(gated(sessions=0).lines))
    assert "::error title=rnnbench gate::MISSING: none: in new the case is oom: out of memory (7 metrics)" in list(
        workflow_commands(gated(missing_case()).lines)
    )


def test_a_step_shows_ten_annotations():
    new = session(21, LABELS)
    for case in new.cases:
        for key in ("recurrent_parameters", "total_parameters", "parameter_bytes", "saved_activation_bytes"):
            case["metrics"][key]["value"] += 1
    commands = list(workflow_commands(gated(new).lines))
    assert len(commands) == 10
    assert commands[-1].endswith("and 7 more, see the step summary")


def test_the_step_summary_is_appended_where_actions_names_a_file(tmp_path):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    append_summary({"GITHUB_STEP_SUMMARY": str(path)}, to_markdown(stored_account(gated()), REPLAY))
    text = path.read_text()
    assert text.startswith("before\n### rnnbench gate: 2 REGRESSED")
    assert "| tridiagonal | forward, layer | +2" in text
    assert "SAME** |" not in text
    append_summary({}, "nothing happens without a name")
    assert in_actions({"GITHUB_ACTIONS": "true"})
    assert not in_actions({})


def test_names_from_documents_are_data_everywhere():
    evil = "\x1b[2J::error::x\r\n%0A|<b>\u202e&\x00"
    base, new = session(20, ["dense"]), session(21, ["dense"], slower={"dense": 1.5})
    for results in (base, new):
        results.cases[0]["name"] = results.suite["name"] = results.run["started"] = evil
    pairing = align(Document("a.json", base), Document("b.json", new))
    found = gate(pairing, Sessions((), {}), read_limits({}, (), None, "b"))
    (forward, training) = workflow_commands(found.lines)
    assert "\n" not in forward + training
    assert "\r" not in forward + training
    for text in (shown(found), to_markdown(stored_account(found), REPLAY), to_junit(found.lines), forward):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x00" not in text
    assert "<b>" not in to_markdown(stored_account(found), REPLAY)
    ElementTree.fromstring(to_junit(found.lines))  # noqa: S314


def test_only_figures_without_noise_have_no_error_rate():
    base, new = session(20, LABELS), session(21, LABELS)
    for results in (base, new):
        for case in results.cases:
            case["metrics"] = {key: record for key, record in case["metrics"].items() if "time" not in key}
    pairing = align(Document("a.json", base), Document("b.json", new))
    found = gate(pairing, Sessions((), {}), read_limits({}, (), None, "b"))
    assert error_rate(found) == "Error rate: none; all figures gated are without noise."


def test_a_line_is_a_sentence():
    found = gated()
    (line,) = [line for line in found.lines if (line.metric, line.name) == ("saved_activation_bytes", "dense")]
    assert line_text(line) == "dense, saved activations: SAME, change +0.0 %, limit 0 %"


@pytest.mark.parametrize(("fraction", "text"), [(0.05, "5"), (0.075, "7.5"), (12.0, "1,200"), (0.0, "0")])
def test_per_cents(fraction, text):
    assert percent(fraction) == text
