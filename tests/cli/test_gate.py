"""``rnnbench gate``: exit codes of real processes, and what they leave for CI."""

import json

import pytest

from tests.cli.test_show import rnnbench
from tests.documents import session

LABELS = ["dense", "tridiagonal", "diagonal"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with base, three new runs, and nine earlier ones."""
    made = tmp_path_factory.mktemp("gate")
    (made / "results").mkdir()
    for number in range(9):
        session(number, LABELS).write(made / "results" / f"{number}.json")
    session(20, LABELS).write(made / "base.json")
    session(21, LABELS).write(made / "same.json")
    session(22, LABELS, slower={"tridiagonal": 1.2}).write(made / "slower.json")
    session(23, LABELS, launches=3).write(made / "few.json")
    lacking = session(24, LABELS)
    lacking.cases[2].update(status="timeout", reason="took longer than 3600 s", metrics={})
    lacking.write(made / "lacking.json")
    return made


def gate(folder, new, *options, base="base.json", **environment):
    return rnnbench("gate", folder / base, folder / new, *options, **environment)


def test_unchanged_code_exits_with_0(folder):
    done = gate(folder, "same.json", "--earlier", folder / "results")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Gate passed" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_regression_exits_with_3_and_names_the_case(folder):
    done = gate(folder, "slower.json", "--earlier", folder / "results")
    assert (done.returncode, done.stderr) == (3, "")
    lines = [line for line in done.stdout.splitlines() if line.endswith("REGRESSED")]
    assert [line.split()[0] for line in lines] == ["tridiagonal", "tridiagonal"]


def test_the_replayed_command_says_the_same(folder):
    first = gate(folder, "slower.json", "--earlier", folder / "results", "--limit", "0.06", COLUMNS="1000")
    (replay,) = [line for line in first.stdout.splitlines() if line.startswith("Replay: rnnbench ")]
    second = rnnbench(*replay.split()[2:], COLUMNS="1000")
    assert (second.returncode, second.stdout) == (first.returncode, first.stdout)


def test_advice_exits_with_0_and_with_4_where_nothing_may_be_left_open(folder):
    assert gate(folder, "slower.json").returncode == 0
    assert gate(folder, "slower.json", "--strict").returncode == 4


def test_a_missing_case_exits_with_5(folder):
    done = gate(folder, "lacking.json", "--earlier", folder / "results")
    assert done.returncode == 5
    assert "- diagonal: in new the case is timeout: took longer than 3600 s (7 metrics)" in done.stdout


def test_a_wrong_limit_and_too_few_launches_exit_with_2(folder):
    done = gate(folder, "same.json", "--limit", "fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no fraction" in done.stderr
    done = gate(folder, "few.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it takes 5 on each" in done.stderr


def spoilt(folder, change):
    data = json.loads((folder / "same.json").read_text())
    change(data)
    (folder / "spoilt.json").write_text(json.dumps(data))
    return "spoilt.json"


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda data: data["machine"].update(fingerprint="other"), 6, "are of different machines"),
        (lambda data: data["schema"].update(version="2.0"), 6, "update rnnbench"),
        (lambda data: [case.update(id=case["id"][::-1]) for case in data["cases"]], 6, "no case in common"),
        (
            lambda data: (
                data["suite"]["resolved"].update(defaults={"hidden": 99}),
                [case.update(id=case["id"][::-1]) for case in data["cases"]],
            ),
            6,
            "both are of a suite named addition, but the suites differ (defaults)",
        ),
        (lambda data: data["run"].update(id="session-20"), 2, "is the same run as"),
        (lambda data: data["cases"][0]["metrics"]["forward_time.layer"].update(value=1.0), 2, "changed after the run"),
        (lambda data: [case.update(metrics={}) for case in data["cases"]], 5, "no metric that is gated was measured"),
        (lambda data: data["suite"]["resolved"].update(gate=[1]), 2, "suite.resolved.gate"),
    ],
    ids=[
        "machine",
        "schema",
        "nothing common",
        "same name",
        "same run",
        "tampered",
        "nothing measured",
        "gate section",
    ],
)
def test_what_cannot_be_gated_is_one_message_and_an_exit_code(folder, change, code, said):
    done = gate(folder, spoilt(folder, change), "--earlier", folder / "results")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_truncated_document_is_called_that(folder):
    (folder / "cut.json").write_text((folder / "same.json").read_text()[:-300])
    done = gate(folder, "cut.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "ends in the middle" in done.stderr


def test_json_stays_json_under_actions_and_ci_gets_its_files(folder, tmp_path):
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    options = ("--earlier", folder / "results", "--json", "--junit", tmp_path / "gate.xml")
    done = gate(folder, "slower.json", *options, **environment)
    assert done.returncode == 3
    assert json.loads(done.stdout)["exit_code"] == 3
    assert done.stderr.startswith("::error title=rnnbench gate::tridiagonal, forward")
    assert (tmp_path / "summary.md").read_text().startswith("### rnnbench gate: 2 REGRESSED")
    assert "<testsuites" in (tmp_path / "gate.xml").read_text()


def test_gating_imports_nothing_heavy(folder):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from rnnbench.cli.gate import gate\n"
        f"gate([{str(folder / 'base.json')!r}, {str(folder / 'same.json')!r}, '--earlier', "
        f"{str(folder / 'results')!r}], standalone_mode=False)\n"
        "heavy = {'torch', 'numba', 'scipy', 'pydantic', 'yaml'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
