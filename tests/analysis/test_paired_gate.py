"""The gate on a document of paired rounds: its verdicts, its exit codes, and what it refuses."""

import json
import math
from itertools import pairwise
from pathlib import Path

import pytest

from rnnbench.analysis.coin import abba
from rnnbench.analysis.gate_line import Outcome
from rnnbench.analysis.limits import read_limits
from rnnbench.analysis.paired_gate import paired_gate
from rnnbench.analysis.paired_integrity import check_paired_figures
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.paired import Paired
from tests.paired_documents import CASES, METRICS, paired


def gated(document, *options, alpha=0.01, select=None, resolved=None):
    check_paired_figures(document, "ab.json")
    return paired_gate(document, "ab.json", read_limits(resolved or {}, options, alpha, "ab.json"), select)


def outcomes(found):
    return {(line.name, line.metric): line.outcome for line in found.lines}


def refused(document, *options, code=ExitCode.USAGE, **more):
    with pytest.raises(RnnbenchError) as caught:
        gated(document, *options, **more)
    assert caught.value.exit_code == code
    assert "ab.json" in caught.value.message
    return caught.value.message


def test_identical_arms_are_the_same_after_screening_alone():
    found = gated(paired())
    assert set(outcomes(found).values()) == {Outcome.SAME}
    assert (found.decided, found.exit_code(strict=True)) == (0, ExitCode.OK)
    assert all(line.p is None and line.rounds == 6 for line in found.lines)


def test_a_slowdown_regresses_by_fresh_rounds_and_says_by_how_much():
    found = gated(paired({"tridiagonal": 1.12}))
    assert {name for (name, _), outcome in outcomes(found).items() if outcome is Outcome.REGRESSED} == {"tridiagonal"}
    assert found.exit_code(strict=False) == ExitCode.REGRESSION
    line = next(line for line in found.lines if line.outcome is Outcome.REGRESSED)
    assert line.change == pytest.approx(0.12, abs=0.01)
    assert line.interval[0] < line.change < line.interval[1]
    assert line.p <= 0.01
    assert (line.rounds, line.limit, found.decided) == (11, 0.05, 2)


def test_a_speedup_improves_and_passes():
    found = gated(paired({"dense": 1 / 1.2}))
    assert outcomes(found)["dense", METRICS[0]] is Outcome.IMPROVED
    assert found.exit_code(strict=True) == ExitCode.OK


def test_only_fresh_rounds_decide():
    """Stage 1 may be as slow as it likes: what stage 2 does not show is no regression."""
    document = paired({"dense": 1.12})
    slow, fresh = document, paired({"dense": 1.12}, seed=12)
    for key in METRICS:
        record = slow.cases[0]["metrics"][key]
        for place, index in enumerate(record["rounds"]):
            if slow.rounds[index]["stage"] == 2:
                even = [0.01, 0.010001, 0.01, 0.010001]
                sign = 1 if slow.rounds[index]["order"] == "ABBA" else -1
                record["seconds"][place] = even
                record["log_ratios"][place] = sign * 0.0
    assert Outcome.REGRESSED not in outcomes(gated(slow)).values()
    assert outcomes(gated(fresh))["dense", METRICS[0]] is Outcome.REGRESSED


def test_what_screening_leaves_open_is_inconclusive_and_says_what_it_takes():
    found = gated(paired(noise=0.08, seed=16))
    open_lines = [line for line in found.lines if line.outcome is Outcome.INCONCLUSIVE]
    assert open_lines
    assert all("rounds, " in line.needs and line.needs.endswith(" min") for line in open_lines)
    assert (found.exit_code(strict=False), found.exit_code(strict=True)) == (ExitCode.OK, ExitCode.INCONCLUSIVE)


def test_what_no_number_of_rounds_decides_needs_a_quieter_machine():
    found = gated(paired(noise=1.0, seed=16))
    assert any("a quieter machine" in line.needs for line in found.lines)


def test_without_screening_all_rounds_decide_all_timings():
    found = gated(paired({"diagonal": 1.2}, screening=False, rounds=12))
    assert outcomes(found)["diagonal", METRICS[0]] is Outcome.REGRESSED
    assert (found.decided, {line.rounds for line in found.lines}) == (6, {12})


def test_limits_of_metric_and_case_count():
    document = paired({"diagonal": 1.12}, screening=False, rounds=12)
    rule = {"gate": {"limits": [{"metric": "training_time", "limit": 0.2, "cases": "diagonal"}]}}
    found = outcomes(gated(document, resolved=rule))
    assert found["diagonal", "training_time.layer"] is Outcome.SAME
    assert found["diagonal", "forward_time.layer"] is Outcome.REGRESSED
    left = outcomes(gated(document, resolved={"gate": {"limits": [{"metric": "forward_time", "limit": None}]}}))
    assert {key for _, key in left} == {"training_time.layer"}


def test_too_few_rounds_for_the_error_rate_say_how_many_it_takes():
    message = refused(paired(screening=False, rounds=8))
    assert "8 rounds cannot show anything of 6 timings at an error rate of 0.01: it takes 10" in message
    assert gated(paired(screening=False, rounds=8), alpha=0.05).lines


def test_a_failed_case_is_missing_and_fails():
    document = paired()
    document.cases[1].update(status="error", reason="head: worker was killed by signal 11 (SIGSEGV)")
    found = gated(document)
    assert outcomes(found)["tridiagonal", METRICS[0]] is Outcome.MISSING
    assert found.exit_code(strict=False) == ExitCode.CASE_FAILED
    assert "SIGSEGV" in next(line.needs for line in found.lines if line.outcome is Outcome.MISSING)


def test_nothing_measured_and_nothing_gated_are_errors():
    failed = paired()
    for case in failed.cases:
        case.update(status="error", reason="base: out of luck")
    assert "no case was measured; dense is error: base: out of luck" in refused(failed, code=ExitCode.CASE_FAILED)
    empty = paired()
    empty.data["cases"] = []
    assert "holds no case" in refused(empty, code=ExitCode.CASE_FAILED)
    none = {"gate": {"limits": [{"metric": f"{name}_time", "limit": None} for name in ("forward", "training")]}}
    assert "no metric that is gated" in refused(paired(), code=ExitCode.CASE_FAILED, resolved=none)


def test_an_unfinished_document_is_refused_with_what_ended_it():
    document = paired()
    document.run["finished"] = None
    document.data["warnings"] = ["head: a worker process could not start"]
    message = refused(document, code=ExitCode.CASE_FAILED)
    assert "was not finished: it holds 6 rounds" in message
    assert "head: a worker process could not start" in message


def tampered(change):
    document = paired({"dense": 1.12})
    change(document.data)
    return document


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["cases"][0]["metrics"][METRICS[0]]["log_ratios"].__setitem__(0, 0.0), "its times give"),
        (lambda data: data["cases"][0]["metrics"][METRICS[0]]["log_ratios"].pop(), "rounds, "),
        (lambda data: data["rounds"][0].update(order="BABA"), "but the seed says"),
        (lambda data: data["run"].update(seed=5), "but the seed says"),
        (lambda data: data["rounds"].pop(), "rounds by stage"),
        (lambda data: data["rounds"][0].update(stage=3), "rounds by stage"),
        (lambda data: data["cases"][0].update(name="diagonal"), "twice"),
        (lambda data: data["cases"][0]["metrics"][METRICS[0]].update(unit="ms"), "expected seconds"),
        (
            lambda data: data["cases"][0]["metrics"][METRICS[0]]["rounds"].__setitem__(0, -1),
            "not those of the document",
        ),
        (
            lambda data: data["cases"][0]["metrics"].update(
                {METRICS[0]: data["cases"][1]["metrics"][METRICS[0]] | {"rounds": [], "seconds": [], "log_ratios": []}}
            ),
            "rounds by stage",
        ),
    ],
)
def test_a_document_that_was_changed_is_refused(change, said):
    message = refused(tampered(change))
    assert "damaged paired document" in message
    assert said in message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data.pop("rounds"), "'rounds' is missing"),
        (lambda data: data["cases"][0]["metrics"][METRICS[0]]["seconds"][0].pop(), "expected 4 positive times"),
        (lambda data: data["cases"][0]["metrics"][METRICS[0]]["seconds"][0].__setitem__(0, 0.0), "4 positive times"),
        (lambda data: data["run"].update(seed="x"), "expected a whole number"),
        (lambda data: data["schema"].update(version="one"), "not like '1.0'"),
    ],
)
def test_a_document_of_another_shape_is_not_read(change, said):
    data = json.loads(paired().to_text())
    change(data)
    with pytest.raises(RnnbenchError, match=r"ab\.json: damaged paired document") as caught:
        Paired.from_text(json.dumps(data), "ab.json")
    assert said in caught.value.message


def test_what_is_written_is_read_back_and_a_cut_is_noticed(tmp_path):
    document = paired({"dense": 1.12})
    document.write(tmp_path / "ab.json")
    assert Paired.read(tmp_path / "ab.json").data == document.data
    text = document.to_text()
    with pytest.raises(RnnbenchError, match="ends in the middle"):
        Paired.from_text(text[: len(text) // 2].rpartition(",")[0], "ab.json")


@pytest.mark.parametrize("version", ["2.0", "0.9"])
def test_another_major_version_cannot_be_compared(version):
    data = json.loads(paired().to_text())
    data["schema"]["version"] = version
    with pytest.raises(RnnbenchError) as caught:
        Paired.from_text(json.dumps(data), "ab.json")
    assert caught.value.exit_code == ExitCode.NOT_COMPARABLE


def test_the_coin_is_fair_and_its_tosses_are_independent():
    tosses = [abba(seed, stage, number) for seed in range(300) for stage in (1, 2) for number in range(10)]
    assert abs(sum(tosses) / len(tosses) - 0.5) < 3 * 0.5 / math.sqrt(len(tosses))
    alike = sum(a == b for a, b in pairwise(tosses)) / len(tosses)
    assert abs(alike - 0.5) < 0.03


def test_selecting_cases_leaves_the_others_out():
    found = gated(paired({"dense": 1.12}), select="not dense")
    assert {line.name for line in found.lines} == set(CASES) - {"dense"}
    assert found.exit_code(strict=True) == ExitCode.OK


def test_the_frozen_document_of_version_1_0_is_read_kept_and_judged_alike():
    golden = Path(__file__).parents[1] / "golden" / "ab-1.0.json"
    document = Paired.read(golden)
    assert Paired.from_text(document.to_text(), "again").data == json.loads(golden.read_text())
    assert {line.name for line in gated(document).lines if line.failing} == {"dense"}
