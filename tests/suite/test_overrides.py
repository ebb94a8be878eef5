"""``--set`` and ``--device``."""

import pytest

SUITE = """
    matrix: {connectivity: [dense, tridiagonal], hidden: [16, 32]}
    exclude: [{connectivity: dense, hidden: 32}]
    include:
      - {connectivity: none, hidden: 16}
      - {connectivity: dense, layers: 2}
"""


def test_one_value_overrides_the_default(load):
    (case,) = load("defaults: {hidden: 3}", "hidden=5").cases
    assert (case.name, case.parameters.hidden) == ("dense", 5)


def test_several_values_make_an_axis(names):
    assert names("defaults: {hidden: 3}", "hidden=5,6") == ["hidden=5", "hidden=6"]
    assert names("matrix: {layers: [1, 2]}", "hidden=5,6") == [
        "layers=1/hidden=5", "layers=2/hidden=5", "layers=1/hidden=6", "layers=2/hidden=6",
    ]  # fmt: skip


def test_an_axis_of_the_file_is_replaced_in_its_place(names):
    assert names("matrix: {connectivity: [dense], layers: [1]}", "connectivity=diagonal,none") == [
        "diagonal/layers=1", "none/layers=1",
    ]  # fmt: skip
    assert names("matrix: {connectivity: [dense, none], layers: [1, 2]}", "layers=3") == ["dense", "none"]


def test_several_keys_combine(names):
    assert names("", "connectivity=dense,diagonal", "hidden=32") == ["dense", "diagonal"]


@pytest.mark.parametrize(
    ("option", "label"),
    [
        ("connectivity=banded(1,1)", "tridiagonal"),
        ("connectivity={banded: {lower: 2, upper: 0}}", "banded(2,0)"),
        (" connectivity = random(5,seed=2) ", "random(5,seed=2)"),
    ],
)
def test_choices_in_every_notation(names, option, label):
    assert names("", option) == [label]


def test_values_are_read_as_in_a_suite(load):
    suite = load(
        "", "hidden={pow2: [3, 5]}", "throughput.scopes=[layer, model]", "bias=false", "throughput.precision=1e-2"
    )
    assert [case.parameters.hidden for case in suite.cases] == [8, 16, 32]
    assert {case.measure.throughput.scopes for case in suite.cases} == {("layer", "model")}
    assert not suite.cases[0].parameters.bias


def test_device_is_a_key_like_others(load, problems):
    assert load("", device="cpu").cases[0].parameters.device == "cpu"
    assert load("", "device=cuda:1").cases[0].parameters.device == "cuda:1"
    assert problems("", device="gpu") == [
        "--device gpu device: a device is auto, cpu, cuda, cuda:N (cuda:0, ...) or mps"
    ]
    assert problems("", "device=cpu", device="cpu") == [
        "--device cpu: 'device' is set twice: separate several values by commas, device=a,b"
    ]


def test_include_and_exclude_under_an_override(load):
    cases = load(SUITE, "hidden=64").cases
    assert [(case.name, case.parameters.hidden, case.parameters.layers) for case in cases] == [
        ("dense", 64, 2),
        ("tridiagonal", 64, 1),
        ("none", 64, 1),
    ]
    cases = load(SUITE, "hidden=32").cases
    assert [case.name for case in cases] == ["tridiagonal", "none", "dense"]


def test_an_entry_about_overridden_axes_only_goes_with_them(load):
    cases = load(
        "matrix: {connectivity: [dense, none]}\ninclude: [{connectivity: dense, layers: 2}]", "connectivity=diagonal"
    ).cases
    assert [(case.name, case.parameters.layers) for case in cases] == [("diagonal", 1)]


def test_include_entries_that_become_equal_are_one(names):
    assert names("include: [{connectivity: dense}, {connectivity: none}]", "connectivity=diagonal") == ["diagonal"]


def test_every_include_entry_is_run_with_every_value(names):
    assert names("include: [{connectivity: dense}, {connectivity: none}]", "hidden=3,4") == [
        "hidden=3/dense", "hidden=3/none", "hidden=4/dense", "hidden=4/none",
    ]  # fmt: skip


def test_an_override_tells_in_what_is_resolved(load):
    assert load("", "hidden=64").resolved["defaults"] == {"hidden": 64}
    assert load("", "hidden=64,65").resolved["matrix"] == {"hidden": [64, 65]}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("hidden", "--set hidden: write --set key=value or --set key=value1,value2"),
        ("hiden=3", "--set hiden=3: unknown key 'hiden': did you mean 'hidden'?"),
        ("hidden=", "--set hidden=: a value is missing: write hidden=value"),
        ("hidden=3,", "--set hidden=3,: a value is missing at a comma"),
        ("hidden=x", "--set hidden=x hidden: should be a whole number, not 'x'"),
        ("hidden=3,3", "--set hidden=3,3 hidden: the value '3' is given twice: remove one"),
        ("connectivity=bandd(1,1)", "--set connectivity=bandd(1,1) connectivity: unknown connectivity 'bandd'"),
        ("connectivity=banded(1,-1)", "(1,-1) connectivity.banded.upper: should be at least 0, not -1"),
        ("connectivity=banded(1,1", "--set connectivity=banded(1,1: a ) is missing at the end"),
        ("connectivity={a: b: c}", "--set connectivity={a: b: c}: '{a: b: c}' cannot be read: "),
        ("connectivity=!!python/object:os.system x", "cannot be read: the tag "),
        ("training.iterations=3", "'training.iterations' is a setting of 'training', which this suite"),
    ],
)  # fmt: skip
def test_errors_name_the_option(problems, option, message):
    (line,) = problems("", option)
    assert line.startswith("--set ")
    assert message in line


def test_problems_of_options_and_file_together(problems):
    assert len(problems("defaults: {hiden: 3}", "layrs=2", "hidden=0")) == 4


def test_setting_a_key_twice(problems):
    (line,) = problems("", "hidden=3", "hidden=4")
    assert line == "--set hidden=4: 'hidden' is set twice: separate several values by commas, hidden=a,b"
