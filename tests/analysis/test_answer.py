"""The answer: what to take, what it costs, how sure that is."""

from rnnbench.analysis.answer import answers
from rnnbench.analysis.contrast import contrast_of
from tests.documents import addition, addition_case, case, document, throughput


def answer(results):
    (found,) = answers(contrast_of(results.data))
    return found


def test_what_is_not_told_from_the_baseline_is_to_be_considered_with_its_cost():
    found = answer(addition(["dense", "upper_triangular", "tridiagonal", "diagonal"]))
    verdicts = {candidate.label: candidate.verdict for candidate in found.candidates}
    assert verdicts["dense"] == "the baseline"
    assert verdicts["upper_triangular"] == "not told apart (p = 1)"
    assert verdicts["diagonal"].startswith("learns less (p = ")
    said = "Not shown to learn less than dense, with 20 seeds each: upper_triangular; upper_triangular takes "
    assert found.text().startswith(said)
    assert found.candidates[2].weights.ratio == 46 / 256


def test_where_everything_learns_less_the_baseline_is_to_be_taken():
    assert (
        answer(addition(["dense", "tridiagonal", "diagonal"])).text()
        == "Take dense: after 10,000 iterations, everything else learns less."
    )


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
