"""The gate on documents: what fails, what is advice, what is refused, and with which exit code."""

import pytest

from rnnbench.analysis.align import Document, align, check_documents
from rnnbench.analysis.gate import gate
from rnnbench.analysis.gate_line import Outcome
from rnnbench.analysis.limits import read_limits
from rnnbench.analysis.sessions import Sessions, read_sessions
from rnnbench.errors import ExitCode, RnnbenchError
from tests.documents import ADDITION, addition, session

TIME = "training_time.layer"
LABELS = ["dense", "tridiagonal", "diagonal", "none"]
BASE, NEW = 20, 21


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Return a folder of nine earlier sessions."""
    folder = tmp_path_factory.mktemp("results")
    for number in range(9):
        session(number, LABELS).write(folder / f"{number}.json")
    return folder


def gated(base, new, earlier=(), options=(), alpha=None):
    documents = [Document("a.json", base), Document("b.json", new)]
    check_documents(documents)
    pairing = align(*documents)
    sessions = read_sessions(earlier, pairing)
    return gate(pairing, sessions, read_limits(new.suite["resolved"], options, alpha, "b.json"))


def outcomes(found, metric=TIME):
    return {line.name: line.outcome for line in found.lines if line.metric == metric}


def test_a_peak_fails_where_it_is_higher_by_more_than_its_limit_and_than_one_process_can_tell():
    base, new = session(BASE, LABELS), session(NEW, LABELS)
    for index, more in enumerate((200 << 10, 300 << 10, -(200 << 10), -(300 << 10))):
        base.cases[index]["metrics"]["peak_memory"]["value"] = 2**20
        new.cases[index]["metrics"]["peak_memory"]["value"] = 2**20 + more
    found = outcomes(gated(base, new), "peak_memory")
    assert [found[label] for label in LABELS] == [Outcome.SAME, Outcome.REGRESSED, Outcome.SAME, Outcome.IMPROVED]


def refused(*arguments, code, **options):
    with pytest.raises(RnnbenchError) as caught:
        gated(*arguments, **options)
    assert caught.value.exit_code == code
    return caught.value.message


def test_unchanged_code_passes(history):
    found = gated(session(BASE, LABELS), session(NEW, LABELS), [history])
    assert {line.outcome for line in found.lines} <= {Outcome.SAME, Outcome.INCONCLUSIVE}
    assert all(line.binding for line in found.lines)
    assert found.exit_code(strict=False) is ExitCode.OK


def test_a_slower_case_is_named_alone_with_all_that_was_found(history):
    new = session(NEW, LABELS, slower={"tridiagonal": 1.12})
    found = gated(session(BASE, LABELS), new, [history])
    (line,) = [line for line in found.lines if line.failing and line.metric == TIME]
    assert line.name == "tridiagonal"
    assert line.change == pytest.approx(0.12, abs=0.03)
    assert line.interval[0] < 0.12 < line.interval[1]
    assert line.p <= 0.01
    assert line.launches == (5, 5)
    assert (line.limit, line.sessions) == (0.05, 9)
    assert line.threshold >= line.limit
    assert found.exit_code(strict=False) is ExitCode.REGRESSION
    assert {line.name for line in found.lines if line.failing} == {"tridiagonal"}


def test_a_faster_case_has_improved_and_fails_nothing(history):
    found = gated(session(BASE, LABELS), session(NEW, LABELS, slower={"diagonal": 0.7}), [history])
    assert outcomes(found)["diagonal"] is Outcome.IMPROVED
    assert found.exit_code(strict=False) is ExitCode.OK


def test_without_earlier_sessions_timings_are_advice(history):
    new = session(NEW, LABELS, slower={"tridiagonal": 1.5})
    found = gated(session(BASE, LABELS), new)
    assert outcomes(found)["tridiagonal"] is Outcome.REGRESSED
    assert found.advisory
    assert found.exit_code(strict=False) is ExitCode.OK
    assert found.exit_code(strict=True) is ExitCode.INCONCLUSIVE


def test_figures_without_noise_bind_without_sessions():
    new = session(NEW, LABELS)
    new.cases[0]["metrics"]["saved_activation_bytes"]["value"] += 1
    found = gated(session(BASE, LABELS), new)
    assert outcomes(found, "saved_activation_bytes")["dense"] is Outcome.REGRESSED
    assert found.exit_code(strict=False) is ExitCode.REGRESSION


@pytest.mark.parametrize(("factor", "outcome"), [(1.05, "SAME"), (1.06, "REGRESSED"), (0.9, "IMPROVED")])
def test_peak_memory_has_a_limit_in_per_cent(factor, outcome):
    new = session(NEW, LABELS)
    new.cases[0]["metrics"]["peak_memory"]["value"] *= factor
    assert outcomes(gated(session(BASE, LABELS), new), "peak_memory")["dense"].value == outcome


@pytest.mark.parametrize(("solved", "outcome"), [(20, "SAME"), (19, "SAME"), (18, "REGRESSED")])
def test_seeds_that_solve_the_task_may_be_one_in_twenty_fewer(solved, outcome):
    base, new = addition(["dense"]), addition(["dense"])
    for results in (base, new):
        for key in [key for key in results.cases[0]["metrics"] if "time" in key or "throughput" in key]:
            del results.cases[0]["metrics"][key]
    new.run["id"] = "new"
    record = new.cases[0]["metrics"]["solved_fraction"]
    record["samples"] = [[1.0] * solved + [0.0] * (20 - solved)]
    record["value"] = solved / 20
    assert outcomes(gated(base, new), "solved_fraction")["dense"].value == outcome


def test_a_count_that_was_zero_may_not_rise():
    new = session(NEW, LABELS)
    new.cases[3]["metrics"]["recurrent_parameters"]["value"] = 1
    found = gated(session(BASE, LABELS), new)
    assert outcomes(found, "recurrent_parameters")["none"] is Outcome.REGRESSED


def test_limits_of_the_suite_and_the_command_line_count(history):
    new = session(NEW, LABELS, slower={"tridiagonal": 1.3, "diagonal": 1.3})
    new.suite["resolved"]["gate"] = {
        "limits": [
            {"metric": "training_time", "cases": "tridiagonal", "limit": 0.5},
            {"metric": "forward_time", "limit": None},
        ]
    }
    found = gated(session(BASE, LABELS), new, [history])
    assert outcomes(found)["tridiagonal"] is not Outcome.REGRESSED
    assert outcomes(found)["diagonal"] is Outcome.REGRESSED
    assert not outcomes(found, "forward_time.layer")
    assert outcomes(gated(session(BASE, LABELS), new, [history], ["0.6"]))["diagonal"] is not Outcome.REGRESSED


def test_a_case_that_failed_or_vanished_is_missing(history):
    new = session(NEW, LABELS[:3])
    new.cases[0].update(status="oom", reason="CUDA out of memory", metrics={})
    found = gated(session(BASE, LABELS), new, [history])
    needs = {line.name: line.needs for line in found.lines if line.outcome is Outcome.MISSING}
    assert needs == {
        "dense": "in new the case is oom: CUDA out of memory",
        "none": "new does not have the case",
    }
    assert found.exit_code(strict=False) is ExitCode.CASE_FAILED


def test_a_regression_outweighs_a_missing_case(history):
    found = gated(session(BASE, LABELS), session(NEW, LABELS[:3], slower={"dense": 1.5}), [history])
    assert found.exit_code(strict=False) is ExitCode.REGRESSION


def test_a_new_case_is_not_gated(history):
    found = gated(session(BASE, LABELS[:2]), session(NEW, LABELS), [history])
    assert {line.name for line in found.lines} == set(LABELS[:2])


def test_noise_leaves_a_case_open_and_says_what_would_decide_it(history):
    base, new = session(BASE, LABELS, noise=0.08), session(NEW, LABELS, noise=0.08)
    found = gated(base, new)
    open_ = [line for line in found.lines if line.outcome is Outcome.INCONCLUSIVE]
    assert open_
    assert all("launches" in line.needs for line in open_)
    assert found.exit_code(strict=False) is ExitCode.OK
    assert found.exit_code(strict=True) is ExitCode.INCONCLUSIVE


def test_sessions_that_differ_too_much_are_not_cured_by_launches(tmp_path):
    for number in range(9):
        factor = 1.2 if number % 2 else 1.0
        session(number, LABELS, slower=dict.fromkeys(LABELS, factor)).write(tmp_path / f"{number}.json")
    found = gated(session(BASE, LABELS), session(NEW, LABELS, slower={"dense": 1.15}), [tmp_path])
    line = next(line for line in found.lines if line.metric == TIME and line.name == "dense")
    assert line.outcome is Outcome.INCONCLUSIVE
    assert line.needs.startswith("quieter sessions: they differ by ")


def test_other_machines_are_refused():
    new = session(NEW)
    new.machine["fingerprint"] = "other"
    new.machine["cpu"]["model"] = "Other CPU"
    message = refused(session(BASE), new, code=ExitCode.NOT_COMPARABLE)
    assert (
        "of different machines (machine fingerprint: 8c0ffee8 -> other; cpu model: Example CPU 3000 -> Other" in message
    )


def test_a_machine_that_is_not_named_is_refused():
    base, new = session(BASE), session(NEW)
    del base.machine["fingerprint"], new.machine["fingerprint"]
    assert "does not name its machine" in refused(base, new, code=ExitCode.NOT_COMPARABLE)


def test_another_device_under_the_same_name_is_refused():
    base, new = session(BASE), session(NEW)
    base.run["devices"], new.run["devices"] = {"auto": "cpu"}, {"auto": "cuda"}
    assert "device auto was cpu in a.json and cuda in b.json" in refused(base, new, code=ExitCode.NOT_COMPARABLE)


def test_too_few_launches_for_the_error_rate_are_refused_with_how_many_it_takes():
    base, new = session(BASE, launches=3), session(NEW, launches=3)
    message = refused(base, new, code=ExitCode.USAGE)
    assert "3 launches on a side cannot show anything at an error rate of 0.01: it takes 5 on each" in message
    assert gated(base, new, alpha=0.05).timings == 2 * len(ADDITION)


def test_nothing_comparable_measured_is_an_error():
    base, new = session(BASE, LABELS), session(NEW, LABELS)
    for case in new.cases:
        case["metrics"] = {}
    assert "no metric that is gated was measured" in refused(base, new, code=ExitCode.CASE_FAILED)


def test_earlier_sessions_are_those_of_other_earlier_runs_on_the_machine(tmp_path, history):
    other = session(12, LABELS)
    other.machine["fingerprint"] = "other"
    other.write(tmp_path / "other.json")
    session(30, LABELS).write(tmp_path / "later.json")
    session(BASE, LABELS).write(tmp_path / "base.json")
    session(11, ["random(46)"]).write(tmp_path / "cases.json")
    (tmp_path / "notes.json").write_text("{}")
    pairing = align(Document("a", session(BASE, LABELS)), Document("b", session(NEW, LABELS)))
    found = read_sessions([history, history / "3.json", tmp_path], pairing)
    assert [document.results.run["id"] for document in found.documents] == [f"session-{n}" for n in range(9)]
    assert found.left_out == {"of another machine": 1, "not earlier": 1, "of other cases": 1, "unreadable": 1}


def test_an_earlier_document_that_is_named_must_be_one(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    refused(session(BASE), session(NEW), [tmp_path / "x.json"], code=ExitCode.USAGE)
    refused(session(BASE), session(NEW), [tmp_path / "missing.json"], code=ExitCode.USAGE)


def test_the_gate_repeats_itself(history):
    base, new = session(BASE, LABELS, launches=8), session(NEW, LABELS, launches=8)
    assert gated(base, new, [history]).lines == gated(base, new, [history]).lines


def test_no_sessions_is_a_value():
    assert Sessions((), {}).cases() == []
