"""Contrasts and findings where hidden sizes were matched."""

import pytest

from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.findings import findings
from rnnbench.analysis.growth import families
from rnnbench.results.figure import Figure
from tests.documents import case, document, memory, training

GOOD = tuple([1.0] * 9 + [0.9])
POOR = tuple(0.1 + 0.01 * index for index in range(10))
SIZES = {"none": 16, "parameters": 64, "time": 43}
MEASURE = {"training": {"iterations": 1000, "replicas": 10}, "memory": {}}


def matched_case(cell, connectivity, match, accuracies, ratio=1.0):
    chosen = match != "none"
    figures = {**training(accuracies), **memory(16, 64)}
    if chosen:
        figures["match_ratio"] = Figure("exact", (ratio,))
    given = {"task": "binary_addition", "cell": cell, "connectivity": connectivity, "hidden": SIZES[match]}
    made = case(
        f"cell={cell}/match={match}/{connectivity}",
        figures,
        measure=MEASURE,
        **({"match": match} if chosen else {}),
        **given,
    )
    if chosen:
        made["parameters"]["scaled_from"] = 16
    return made


@pytest.fixture
def results():
    return document(
        [
            made
            for cell in ("lstm", "gru")
            for made in (
                matched_case(cell, "dense", "none", GOOD),
                matched_case(cell, "diagonal", "none", POOR),
                matched_case(cell, "diagonal", "parameters", POOR if cell == "lstm" else GOOD, 0.98),
                matched_case(cell, "diagonal", "time", GOOD, 1.03),
            )
        ],
        {"axis": "connectivity", "baseline": "dense"},
    )


def test_every_way_to_match_is_a_group_with_the_reference_as_its_baseline(results):
    contrast = contrast_of(results.data)
    assert [list(group.cases) for group in contrast.groups] == [["dense", "diagonal"]] * 6
    assert [contrast.setting(group) for group in contrast.groups[:3]] == [
        "cell lstm, match none",
        "cell lstm, match parameters",
        "cell lstm, match time",
    ]
    assert contrast.varying == {"cell": ("lstm", "gru"), "match": ("none", "parameters", "time")}
    assert all(group.cases["dense"]["name"].endswith("match=none/dense") for group in contrast.groups)


def test_what_is_learnt_is_said_of_each_way_to_match(results):
    said = [finding["text"] for finding in findings(results.data)]
    assert said[0].startswith(
        "dense gets 0.99 [0.97, 1.00] (lstm, 9 of 10 seeds learn every sum) and 0.99 [0.97, 1.00] (gru, "
    )
    assert said[1].startswith(
        "At equal hidden size, lstm diagonal (0.15 [0.13, 0.16], 0 of 10 seeds [0.00, 0.31]) and gru diagonal ("
    )
    assert "have a lower mean accuracy than dense (p = " in said[1]
    assert "adjusted by Holm's method for 6 comparisons" in said[1]
    assert said[2].startswith("With as many parameters (0.98x of the reference's), gru diagonal of 64 units (0.99 ")
    assert "does not differ significantly from dense" in said[2]
    assert "lstm diagonal of 64 units (0.15 [0.13, 0.16], 0 of 10 seeds [0.00, 0.31]) has a lower" in said[2]
    assert said[3].startswith("With as much time per iteration (1.03x of the reference's), ")
    assert "of 43 units" in said[3]


def test_costs_are_those_of_equal_sizes(results):
    storage = next(finding for finding in findings(results.data) if "recurrent_parameters" in finding)
    assert {ratio["case"] for ratio in storage["recurrent_parameters"]} == {
        "cell=lstm/match=none/diagonal",
        "cell=gru/match=none/diagonal",
    }


def test_an_input_that_follows_the_hidden_size_keeps_no_group_apart():
    dense = case("dense", connectivity="dense", hidden=16)
    other = case("diagonal", connectivity="diagonal", hidden=20, match="parameters")
    other["parameters"]["scaled_from"] = 16
    contrast = contrast_of(document([dense, other], {"axis": "connectivity", "baseline": "dense"}).data)
    assert [list(group.cases) for group in contrast.complete()] == [["dense", "diagonal"]]


def test_growth_is_over_the_sizes_that_ran():
    cases = [case(str(size), connectivity="diagonal", hidden=size, match="parameters") for size in (20, 40)]
    for made, written in zip(cases, (16, 32), strict=True):
        made["parameters"]["scaled_from"] = written
    assert [list(family) for family in families(cases, "hidden")] == [[20, 40]]


def judged_by_loss(name, connectivity, losses, accuracy=0.5):
    figures = {
        "accuracy": Figure(
            "replicas", (accuracy,) * len(losses), (), {"examples": 10, "meaning": "characters predicted"}
        ),
        "solved_fraction": Figure("proportion", (1.0,) * len(losses)),
        "final_loss": Figure("replicas", tuple(losses), (), {"judged_by": "loss", "meaning": "bits per character"}),
    }
    return case(name, figures, measure=MEASURE, task="adding(8)", connectivity=connectivity)


def test_where_every_seed_solves_a_task_that_is_judged_by_its_loss_losses_are_compared():
    dense, low, high = ([base + 0.01 * index for index in range(10)] for base in (3.0, 2.5, 3.5))
    cases = [
        judged_by_loss("dense", "dense", dense),
        judged_by_loss("diagonal", "diagonal", low, accuracy=0.4),
        judged_by_loss("tridiagonal", "tridiagonal", high, accuracy=0.6),
    ]
    results = document(cases, {"axis": "connectivity", "baseline": "dense"})
    text = findings(results.data)[1]["text"]
    assert "diagonal (0.40, bits per character 2.54 [2.53, 2.56]) ends at a lower loss than dense" in text
    assert "tridiagonal (0.60, bits per character 3.55 [3.53, 3.56]) ends at a higher loss than dense" in text
    assert "p by a paired permutation test on the losses of the seeds, all of which solve the task" in text
    cases[1]["metrics"]["solved_fraction"]["samples"] = [[1.0] * 9 + [0.0]]
    assert "Fisher's exact test" in findings(results.data)[1]["text"]
