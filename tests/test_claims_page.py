"""docs/claims.md says what was measured: its tables and its figures come out of the committed results."""

import re
from datetime import datetime
from pathlib import Path

import pytest
import torch

from rnnbench.suite.loader import load_suite
from rnnbench.suite.schema import Parameters
from tests.claims_tables import RESULTS, TABLES, finding_of, results_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "claims.md").read_text()
TOLD = dict(re.findall(r"<!-- table: ([^>]+?) -->\n((?:\|.*\n)+)", PAGE))
NAMES = ("mixing", "scaling", "storage")


def said(sentence):
    """Whether the page says this, however its lines are broken."""
    return sentence in " ".join(PAGE.split())


def test_every_table_is_there_once():
    assert list(TOLD) == re.findall(r"<!-- table: ([^>]+?) -->", PAGE) == list(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_made_of_the_committed_results(name):
    """After a new run of a suite, replace both: the document, and the page's table by what `TABLES[name]()` returns."""
    assert TOLD[name] == TABLES[name]()


@pytest.mark.parametrize("name", NAMES)
def test_the_results_are_those_of_the_shipped_suites_and_name_no_place(name):
    results = results_of(name)
    assert results.data["run"]["argv"][:3] == ["rnnbench", "run", f"suites/{name}.yaml"]
    suite = load_suite(ROOT / "suites" / f"{name}.yaml")
    assert {case["id"] for case in results.cases} == {case.id for case in suite.cases}
    assert {case["status"] for case in results.cases} == {"ok"}
    text = (RESULTS / f"{name}.json").read_text()
    assert not re.search(r"/(?:tmp|home|work|root)/", text)
    assert len(text) < 500_000


@pytest.mark.parametrize("name", NAMES)
def test_the_machine_is_the_one_that_is_named(name):
    data = results_of(name).data
    machine = data["machine"]
    cores, memory, model = machine["cpu"]["logical"], machine["memory_bytes"] / 2**30, machine["cpu"]["model"]
    day = data["run"]["started"][:10]
    assert said(f"on {day}, on a virtual machine with {cores} cores of an {model} and {memory:.1f} GiB of memory")
    assert said(f"with torch {data['provenance']['packages']['torch']}")


@pytest.mark.parametrize("name", NAMES)
def test_each_run_took_less_than_ten_minutes(name):
    run = results_of(name).data["run"]
    started, finished = (datetime.fromisoformat(run[end]) for end in ("started", "finished"))
    minutes = (finished - started).total_seconds() / 60
    assert minutes < 10
    assert said(f"{name} took {minutes:.1f} minutes")


def test_what_is_learnt_after_10_000_iterations_is_the_same_in_the_longer_run():
    """The longer run of a case passes by the shorter one's end: the same weights, the same data."""
    ends, passed = {}, {}
    for case in results_of("mixing").cases:
        training = case["parameters"]["measure"]["training"]
        key = (case["parameters"]["layers"], case["parameters"]["bias"], case["name"].rpartition("/")[2])
        curve = case["metrics"]["accuracy"]["details"]["curve"]
        into = ends if training["iterations"] == 10_000 else passed
        into[key] = curve["accuracy"][curve["iterations"].index(10_000)]
    assert len(ends) == 24
    assert {key: passed[key] for key in ends} == ends


def settings_of_difference(finding):
    return [setting for one in finding["equal_weights"] for setting in one["settings"]]


def test_with_as_many_weights_no_arrangement_differs_from_the_ring():
    finding = finding_of("mixing", "equal_weights")
    assert [one["label"] for one in finding["equal_weights"]] == [
        "permuted_band(1,1,circular=true)",
        "small_world(2,1)",
        "random(45)",
        "block_diagonal(5)",
    ]
    assert len(settings_of_difference(finding)) == 32
    assert all(setting["p_adjusted"] > 0.05 for setting in settings_of_difference(finding))
    assert all(max(map(abs, one["ci95"])) < 0.05 for one in finding["equal_weights"])
    assert said("in the mean over settings each is less than 0.05 away from it, intervals included")


def test_the_number_of_weights_counts_where_there_are_no_biases():
    found = finding_of("mixing", "comparisons")["comparisons"]
    more = [one for one in found if one["p_adjusted"] <= 0.05]
    others = [one for one in found if one not in more]
    assert {one["cases"][1]["case"].rpartition("/")[2] for one in found} == {"dense"}
    assert all("bias=false" in one["cases"][1]["case"] for one in more)
    assert said(f"learns more than the ring in {len(more)} of {len(found)} settings, all of them without biases")
    assert said(f"(largest p = {max(one['p_adjusted'] for one in more):.2g})")
    ring, dense = (sum(one["cases"][side]["solved"] for one in others) for side in (0, 1))
    assert len(others) == 5
    assert said(f"it gets all sums right in {dense} of 100 seeds and the ring in {ring}")
    learnt = [
        case["metrics"]["accuracy"]["value"]
        for case in results_of("mixing").cases
        if "bias=true/iterations=30000" in case["name"] and not case["name"].endswith("none")
    ]
    assert min(learnt) > 0.9999
    assert len(learnt) == 12


def reached_after(steps, written, hidden=15):
    """Return the share of pairs of units of which one has heard of the other after so many steps."""
    connectivity = Parameters.model_validate({"connectivity": written, "hidden": hidden}).connectivity
    ones = {name: torch.ones(shape) for name, shape in connectivity.parameter_shapes(hidden).items()}
    listens = connectivity.to_dense(ones, hidden)
    return (torch.linalg.matrix_power(torch.eye(hidden) + listens, steps) > 0).double().mean().item()


def test_units_mix_as_fast_as_is_said():
    shares = [reached_after(3, written) for written in ("ring", "small_world(2,1)", "random(45)", "block_diagonal(5)")]
    assert reached_after(3, "permuted_band(1,1,circular=true)") == shares[0]
    told = [f"{100 * share:.0f} %" for share in shares]
    assert said(
        f"a unit has heard of {told[0]} of all in the ring, of {told[1]} in the small world, of {told[2]} in the "
        f"random graph, of {told[3]} in its block"
    )


def test_over_all_settings_dense_gets_more_than_the_ring():
    (mean,) = finding_of("mixing", "comparisons")["means"]
    low, high = mean["ci95"]
    assert said(f"dense gets {mean['difference']:.3f} [{low:.3f}, {high:.3f}] more (p = {mean['p_adjusted']:.2g})")


def test_without_biases_the_band_is_behind_at_every_size_and_with_them_nearly_as_good():
    found = finding_of("scaling", "comparisons")["comparisons"]
    without, with_biases = (
        [one for one in found if f"bias={bias}" in one["cases"][1]["case"]] for bias in ("false", "true")
    )
    assert len(without) == len(with_biases) == 9
    assert all(one["p_adjusted"] <= 0.05 for one in without)
    assert all(one["p_adjusted"] > 0.05 for one in with_biases)
    assert said(f"learns less than dense at every size (largest p = {max(one['p_adjusted'] for one in without):.2g})")
    means = re.findall(
        r"^\| mean, bias \w+ \| (\d+) of 180 \| (\d+) of 180 \| -(.*?) \| p = (.*) \|$", PAGE, re.MULTILINE
    )
    for (dense, band, apart, p), sentence in zip(
        means,
        (
            "by {apart} in the mean",
            "they are {apart} in favour of dense (p = {p}), which learns all in {dense} of 180 seeds, "
            "the band in {band}",
        ),
        strict=True,
    ):
        mean, low, high = re.fullmatch(r"(\S+) \[-(\S+), -(\S+)\]", apart).groups()
        assert said(sentence.format(apart=f"{mean} [{high}, {low}]", p=p, dense=dense, band=band))
    largest = [one for one in with_biases if "hidden=128" in one["cases"][1]["case"]]
    dense, band = (sum(one["cases"][side]["solved"] for one in largest) for side in (0, 1))
    assert said(f"With 128 units the band learns all in {band} of 60 seeds and dense in {dense}")


def test_only_biases_move_the_difference_between_the_band_and_dense():
    moved = {step["axis"]: step for step in finding_of("scaling", "settings")["settings"] if " - " in step["of"]}
    assert {axis for axis, step in moved.items() if step["p_adjusted"] <= 0.05} == {"bias"}
    assert set(moved) == {"bias", "hidden", "task"}
    assert said("Neither the number of bits nor that of units moves the difference significantly; biases do")


def test_how_sure_random_sums_make_is_said():
    asked = sorted({case["metrics"]["accuracy"]["details"]["examples"] for case in results_of("scaling").cases})
    # With no failure among n, a share p of failures is ruled out at 95 % where (1 - p)^n < 0.05.
    few, some, every = asked
    assert every == 16_384
    assert said(f"{some:,} and {few:,} random sums are asked")
    odds = [f"one in {1 / (1 - 0.05 ** (1 / count)):,.0f}" for count in (some, few)]
    assert said(f"at 95 % confidence on up to {odds[0]} and {odds[1]}")


def test_what_is_saved_is_what_was_counted():
    recurrent, model = (
        {(one["label"], one["setting"]): one for one in finding["stored"]}
        for finding in results_of("storage").data["findings"][:2]
    )
    ratios = recurrent["tridiagonal", "2 inputs"]
    assert ratios["hidden"][0::7] == [64, 8192]
    first, last = (round(ratios["recurrent_parameters"][end]) for end in (0, -1))
    assert said(f"leaves 1 in {first} at H = 64 and 1 in {last:,} at H = 8,192")
    few = model["tridiagonal", "2 inputs"]["total_parameters"][-1]
    assert said(f"{few:,.0f} times fewer weights at H = 8,192")
    assert (
        max(ratio for (_, setting), one in model.items() for ratio in one["total_parameters"] if "many" in setting) < 2
    )
    beside = [
        record["value"] - record["details"]["tensor_bytes"]
        for case in results_of("storage").cases
        for key, record in case["metrics"].items()
        if key.startswith("file_bytes")
    ]
    assert said(f"its own part is {min(beside) / 1e3:.1f} to {max(beside) / 1e3:.1f} kB")
