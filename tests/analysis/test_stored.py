"""How what is stored grows: closed forms in, their ratios and powers out."""

import pytest

from rnnbench.analysis.findings import findings
from rnnbench.results.figure import Figure
from tests.documents import case, document

CONTRAST = {"axis": "connectivity", "baseline": "dense"}
COUNTS = {"dense": lambda H: H * H, "tridiagonal": lambda H: 3 * H - 2, "diagonal": lambda H: H}
BESIDE = 1600
"""Bytes of a file that are no numbers."""


def stored(label, hidden, inputs, name=None):
    recurrent = COUNTS[label](hidden)
    total = recurrent + hidden * inputs
    figures = {
        "recurrent_parameters": Figure("exact", (recurrent,)),
        "total_parameters": Figure("exact", (total,)),
        "file_bytes.recurrence": Figure("exact", (4 * recurrent + BESIDE,)),
        "file_bytes.model": Figure("exact", (4 * total + BESIDE,)),
    }
    given = {"connectivity": label, "hidden": hidden, "input": inputs}
    return case(name or f"{label}/{hidden}/{inputs}", figures, measure={"storage": {}}, **given)


def sizes(inputs=lambda H: H, hiddens=(64, 128, 256, 512)):
    return [stored(label, hidden, inputs(hidden)) for hidden in hiddens for label in COUNTS]


def said(cases):
    return findings(document(cases, CONTRAST).data)


def test_the_ends_and_the_powers_of_known_counts():
    recurrent, model, powers = said(sizes())
    assert recurrent["text"].startswith(
        "For H from 64 to 512, what dense stores is, as a multiple of what another stores, "
        "recurrent weights 22x to 171x (tridiagonal) and 64x to 512x (diagonal); a file of them "
    )
    assert model["text"].startswith(
        "For H from 64 to 512, what dense stores is, as a multiple of what another stores, weights in all 1.9x to 2.0x "
    )
    tridiagonal, diagonal = recurrent["stored"]
    assert diagonal["recurrent_parameters"] == [64, 128, 256, 512]
    assert tridiagonal["recurrent_parameters"][0] == pytest.approx(64 * 64 / 190)
    assert diagonal["file_bytes.recurrence"][0] == pytest.approx((4 * 4096 + BESIDE) / (4 * 64 + BESIDE))
    assert "recurrent weights H^2.00 (dense) and H^1.00 (tridiagonal, diagonal);" in powers["text"]
    assert [family["recurrent_parameters"] for family in powers["powers"]] == pytest.approx([2, 1.003, 1], abs=0.002)


def test_few_inputs_and_as_many_as_units_are_told_apart():
    recurrent, model, _ = said([*sizes(), *sizes(lambda _: 2)])
    assert "inputs" not in recurrent["text"]
    assert "1.9x to 2.0x (tridiagonal) and 2.0x (diagonal) with as many inputs as units" in model["text"]
    assert "with 2 inputs" in model["text"]
    assert {family["setting"] for family in model["stored"]} == {"as many inputs as units", "2 inputs"}


def test_other_axes_are_told_apart_too():
    cases = sizes()
    for one in sizes():
        deeper = {**one, "id": f"{one['id']}-2", "name": f"{one['name']}/2"}
        deeper["parameters"] = {**one["parameters"], "layers": 2}
        deeper["metrics"] = {key: {**record, "value": 2 * record["value"]} for key, record in one["metrics"].items()}
        if one["parameters"]["connectivity"] == "dense":
            deeper["metrics"]["total_parameters"]["value"] *= 3
        cases.append(deeper)
    recurrent, model, _ = said(cases)
    assert "layers" not in recurrent["text"]
    assert "(tridiagonal) and 2.0x (diagonal) with as many inputs as units, layers 1, 5.7x to " in model["text"]
    assert " with as many inputs as units, layers 2; a file of them " in model["text"]
    assert {family["setting"] for family in model["stored"]} == {
        "as many inputs as units, layers 1",
        "as many inputs as units, layers 2",
    }


def test_three_sizes_show_no_power():
    (finding,) = said(sizes(hiddens=(64, 128, 256)))
    assert finding["text"].startswith("The others store 22x to 256x (median 75x) fewer recurrent weights than dense")


def test_a_size_that_was_not_measured_is_not_held_against_others():
    cases = sizes()
    del cases[2]  # the diagonal at H = 64
    recurrent, *_ = said(cases)
    assert [family["label"] for family in recurrent["stored"]] == ["tridiagonal"]


def test_what_stores_nothing_has_no_ratio():
    cases = sizes()
    for hidden in (64, 128, 256, 512):
        nothing = stored("diagonal", hidden, hidden, f"none/{hidden}")
        nothing["parameters"]["connectivity"] = "none"
        nothing["metrics"]["recurrent_parameters"]["value"] = 0
        cases.append(nothing)
    recurrent, *_ = said(cases)
    assert "none" not in recurrent["text"].partition(";")[0]
