"""Documents are put beside each other only where that makes sense, and the message says why it does not."""

import copy
from pathlib import Path

import pytest

from rnnbench.analysis.align import Document, align, changed_keys, check_documents
from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results
from tests.documents import addition, case, document, memory, session


def aligned(*results):
    named = [Document(f"{letter}.json", one) for letter, one in zip("ab", results, strict=True)]
    check_documents(named)
    return align(*named)


def refused(code, *results):
    with pytest.raises(RnnbenchError) as caught:
        aligned(*results)
    assert caught.value.exit_code == code
    return caught.value.message


def test_cases_are_aligned_by_id_whatever_their_order_and_names():
    base, new = session(1, labels=["dense", "diagonal"]), session(2, labels=["diagonal", "dense", "none"])
    new.cases[0]["name"] = "renamed"
    pairing = aligned(base, new)
    assert [(first["name"], second["name"]) for first, second in pairing.common] == [
        ("dense", "dense"),
        ("diagonal", "renamed"),
    ]
    assert [case["name"] for case in pairing.only_new] == ["none"]
    assert pairing.only_base == ()


def test_how_long_was_measured_does_not_matter():
    base, new = session(1, labels=["dense"]), session(2, labels=["dense"])
    new.cases[0]["parameters"]["measure"]["throughput"]["launches"] = 9
    new.cases[0]["parameters"]["measure"]["throughput"]["max_seconds"] = 0.1
    assert len(aligned(base, new).common) == 1


def test_a_parameter_that_one_version_does_not_know_does_not_matter():
    base, new = session(1, labels=["dense"]), session(2, labels=["dense"])
    new.cases[0]["parameters"]["of_a_later_version"] = 1
    assert len(aligned(base, new).common) == 1


def test_an_id_that_means_two_things_is_refused():
    new = session(2, labels=["dense"])
    new.cases[0]["parameters"]["hidden"] = 17
    message = refused(ExitCode.NOT_COMPARABLE, session(1, labels=["dense"]), new)
    assert "b.json: case dense has the id of dense in a.json, but another hidden" in message


def test_one_run_given_twice_is_refused():
    one = session(1)
    assert "b.json: is the same run as a.json (run id session-1)" in refused(ExitCode.USAGE, one, one)


def test_a_copy_under_another_run_id_is_refused():
    base = session(1)
    new = copy.deepcopy(base)
    new.run["id"] = "another"
    assert "hold the same launches (case dense, training_time.layer)" in refused(ExitCode.USAGE, base, new)


def test_what_replicas_learn_may_be_the_same():
    base, new = addition(["diagonal"]), addition(["diagonal"])
    for results in (base, new):
        for key in [key for key in results.cases[0]["metrics"] if "time" in key or "throughput" in key]:
            del results.cases[0]["metrics"][key]
    new.run["id"] = "another"
    assert len(aligned(base, new).common) == 1


def test_a_case_that_is_there_twice_is_refused():
    base = session(1, labels=["dense"])
    base.cases.append(base.cases[0] | {"name": "again"})
    assert "a.json: damaged results document: the case id" in refused(ExitCode.USAGE, base, session(2))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda metric: metric.update(value=0.9 * metric["value"]), "the median over launches of its samples is"),
        (lambda metric: metric["samples"][0].__setitem__(0, -1.0), "a time that is not positive"),
        (lambda metric: metric["samples"].append([]), "a launch without samples"),
        (lambda metric: metric.update(unit="ms"), "the unit is 'ms', not 's'"),
        (lambda metric: metric.update(better="higher"), "better is 'higher', not 'lower'"),
    ],
)
def test_a_timing_that_was_changed_by_hand_is_found(spoil, said):
    base = session(1, labels=["dense"])
    spoil(base.cases[0]["metrics"]["training_time.layer"])
    message = refused(ExitCode.USAGE, base, session(2))
    assert message.startswith("a.json: damaged results document: case 'dense', 'training_time.layer': ")
    assert said in message


@pytest.mark.parametrize("key", ["accuracy", "solved_fraction", "steps_to_solve", "final_loss"])
def test_what_is_learnt_must_agree_with_its_replicas(key):
    base = addition(["dense"])
    base.cases[0]["metrics"][key]["value"] *= 0.9
    assert f"'{key}': the value is" in refused(ExitCode.USAGE, base, session(2))


def test_documents_that_runs_wrote_agree_with_themselves():
    root = Path(__file__).parents[2]
    for path in (root / "docs" / "results" / "addition.json", root / "tests" / "golden" / "results-1.0.json"):
        check_documents([Document(str(path), Results.read(path))])


def test_different_suites_have_nothing_in_common():
    new = document([case("x", memory(1, 2), hidden=99)], name="other")
    new.run["id"] = "new"
    message = refused(ExitCode.NOT_COMPARABLE, session(1), new)
    assert "a.json and b.json have no case in common: they are of the suites addition and other." in message


def test_different_suites_under_one_name_are_called_that():
    new = document([case("x", memory(1, 2), hidden=99)])
    new.run["id"] = "new"
    new.suite["resolved"] = {**new.suite["resolved"], "defaults": {"hidden": 99}}
    message = refused(ExitCode.NOT_COMPARABLE, session(1), new)
    assert "both are of a suite named addition, but the suites differ (contrast, defaults)" in message


def test_different_selections_of_one_suite_are_called_that():
    message = refused(ExitCode.NOT_COMPARABLE, session(1, labels=["dense"]), session(2, labels=["none"]))
    assert "different selections (-k) of one suite" in message


def test_a_document_without_cases_has_nothing_to_compare():
    empty = document([])
    empty.run["id"] = "empty"
    assert "b.json: holds no case" in refused(ExitCode.CASE_FAILED, session(1), empty)


def test_the_machine_is_the_same_only_where_its_fingerprint_is_known_and_equal():
    base, new = session(1), session(2)
    assert aligned(base, new).same_machine
    new.machine["fingerprint"] = "0ther"
    assert not aligned(base, new).same_machine
    del base.machine["fingerprint"], new.machine["fingerprint"]
    assert not aligned(base, new).same_machine


def test_changed_keys_go_one_level_down():
    first = {"name": "a", "defaults": {"hidden": 1, "batch": 2}, "measure": {}}
    assert changed_keys(first, {"name": "a", "defaults": {"hidden": 3, "batch": 2}}) == ["defaults.hidden", "measure"]


def test_names_from_documents_cannot_steer_the_terminal():
    base = session(1, labels=["dense"])
    base.cases[0]["name"] = "\x1b[2J"
    base.cases.append(copy.deepcopy(base.cases[0]))
    assert "\x1b" not in refused(ExitCode.USAGE, base, session(2))
