"""The answer: what to take, what it costs, how sure that is."""

from rnnbench.analysis.answer import answers
from rnnbench.analysis.contrast import contrast_of
from tests.documents import addition, addition_case, case, document, throughput, training


def answer(results):
    (found,) = answers(contrast_of(results.data))
    return found


def test_what_is_not_told_from_the_baseline_is_to_be_considered_with_its_cost():
    found = answer(addition(["dense", "upper_triangular", "tridiagonal", "diagonal"]))
    verdicts = {candidate.label: candidate.verdict for candidate in found.candidates}
    assert verdicts["dense"] == "the baseline"
    assert verdicts["upper_triangular"] == "not told apart (p = 1)"
    assert verdicts["diagonal"].startswith("fewer seeds solve it (p = ")
    said = "Not shown to learn less than dense, with 20 seeds each: upper_triangular; upper_triangular takes "
    assert found.text().startswith(said)
    assert found.candidates[2].weights.ratio == 46 / 256


def test_where_everything_learns_less_the_baseline_is_to_be_taken():
    assert answer(addition(["dense", "tridiagonal", "diagonal"])).text() == (
        "Take dense: within 10,000 iterations it learns every sum in 20 of 20 seeds [0.83, 1.00], everything else in "
        "0 of 20 seeds [0.00, 0.17]."
    )


def test_the_one_that_most_seeds_solve_is_the_most_that_all_others_do():
    results = addition(["dense", "banded(2,2)", "diagonal"])
    solved = results.cases[1]["metrics"]["solved_fraction"]
    solved.update(value=0.1, ci95=[0.0123, 0.317], samples=[[1.0] * 2 + [0.0] * 18])
    assert answer(results).text().endswith("everything else in at most 2 of 20 seeds [0.01, 0.32].")


def test_where_no_seed_solves_the_task_nothing_is_to_be_taken():
    made = [
        case(label, training([low + 0.01 * r for r in range(12)]), measure={"training": {}}, connectivity=label)
        for label, low in (("dense", 0.5), ("diagonal", 0.1))
    ]
    found = answer(document(made, {"axis": "connectivity", "baseline": "dense"}))
    assert found.candidates[1].verdict.startswith("lower mean accuracy (p = ")
    said = "No seed solves the task within 10,000 iterations, whatever the connectivity: train longer first."
    assert found.text() == said


def test_where_one_seed_solves_the_task_accuracies_tell():
    made = [
        case(label, training([*rest, *last]), measure={"training": {}}, connectivity=label)
        for label, rest, last in (("dense", [0.5] * 11, [1.0]), ("diagonal", [0.1] * 12, []))
    ]
    found = answer(document(made, {"axis": "connectivity", "baseline": "dense"}))
    assert found.text() == "Take dense: after 10,000 iterations, diagonal has a lower mean accuracy."


def test_too_few_seeds_tell_nothing():
    results = addition(["dense", "diagonal"])
    for one in results.cases:
        for key in ("accuracy", "solved_fraction"):
            one["metrics"][key]["samples"] = [one["metrics"][key]["samples"][0][:2]]
    found = answer(results)
    assert found.candidates[1].verdict == "too few seeds to tell"
    assert found.text() == "Take dense unless more seeds show otherwise: these are too few to tell."


def test_without_training_the_fastest_is_named_and_what_is_not_known():
    made = [
        case(
            label,
            launches=throughput(seconds, 3 * seconds, noise=0.001),
            connectivity=label,
            measure={"throughput": {}},
        )
        for label, seconds in (("dense", 2e-3), ("diagonal", 1e-3))
    ]
    found = answer(document(made, {"axis": "connectivity", "baseline": "dense"}))
    assert found.text().startswith("diagonal takes 0.50x")
    assert found.text().endswith("the time of dense; what they learn was not measured.")


def test_each_setting_has_an_answer_of_its_own():
    made = [
        addition_case(label, f"hidden={hidden}/{label}", hidden=hidden)
        for hidden in (16, 32)
        for label in ("dense", "diagonal")
    ]
    found = answers(contrast_of(document(made, {"axis": "connectivity", "baseline": "dense"}).data))
    assert [one.setting for one in found] == ["hidden 16", "hidden 32"]


def test_what_learns_more_is_said_to():
    made = [
        case(label, training(accuracies), measure={"training": {}}, connectivity=label)
        for label, accuracies in (
            ("dense", [0.5] * 11 + [1.0]),
            ("diagonal", [0.9] * 11 + [1.0]),
            ("tridiagonal", [0.5] * 11 + [1.0]),
        )
    ]
    assert answer(document(made, {"axis": "connectivity", "baseline": "dense"})).text() == (
        "diagonal does better than dense (higher mean accuracy); not shown to learn less than dense, with 12 seeds "
        "each: tridiagonal."
    )
