"""What a suite's sections make: axes, generated values, include, exclude, and what is refused."""

import pytest


def test_without_a_matrix_the_defaults_are_the_one_case(load):
    (case,) = load("defaults: {hidden: 64, connectivity: diagonal}").cases
    assert case.name == "diagonal"
    assert case.parameters.hidden == 64


def test_the_last_axis_varies_fastest(names):
    assert names("matrix: {connectivity: [dense, diagonal], hidden: [16, 32]}") == [
        "dense/hidden=16", "dense/hidden=32", "diagonal/hidden=16", "diagonal/hidden=32",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        ("{pow2: [7, 11]}", [128, 256, 512, 1024, 2048]),
        ("{geom: [128, 8192, 4]}", [128, 512, 2048, 8192]),
        ("[3, {pow2: [2, 3]}, {geom: [5, 45, 3]}, 1e2]", [3, 4, 8, 5, 15, 45, 100]),
        ("[{pow2: [0, 0]}]", [1]),
    ],
)
def test_generators_of_numbers(load, axis, values):
    assert [case.parameters.hidden for case in load(f"matrix: {{hidden: {axis}}}").cases] == values


@pytest.mark.parametrize(
    "written", ["{banded: {lower: 1, upper: 1}}", '"banded(1,1)"', "tridiagonal", '"banded(1, upper=1)"']
)
def test_a_value_may_be_a_mapping_a_name_or_compact(names, written):
    assert names(f"matrix: {{connectivity: [{written}, dense]}}") == ["tridiagonal", "dense"]


def test_measurement_settings_can_be_axes(load):
    suite = load("matrix: {throughput.max_seconds: [0.5], throughput.scopes: [[layer], [layer, model]]}")
    assert [case.measure.throughput.scopes for case in suite.cases] == [("layer",), ("layer", "model")]
    assert {case.measure.throughput.max_seconds for case in suite.cases} == {0.5}


def test_defaults_may_set_a_measurement_once(load, problems):
    assert load("defaults: {throughput.launches: 3}").cases[0].measure.throughput.launches == 3
    (line,) = problems("version: 1\nname: s\nmeasure: {throughput: {launches: 2}}\ndefaults: {throughput.launches: 3}")
    assert (
        line == "s.yaml:4:33 defaults.throughput.launches: 'throughput.launches' is set under measure, too: remove one"
    )


def test_include_extends_without_overwriting_an_axis_and_else_adds(load):
    suite = load("""
        version: 1
        name: s
        measure: [throughput]
        matrix: {connectivity: [dense, diagonal]}
        include:
          - {connectivity: tridiagonal, hidden: 64}
          - {connectivity: "banded(0,0)", hidden: 32}
          - {layers: 2}
    """)
    assert [(case.name, case.parameters.hidden, case.parameters.layers) for case in suite.cases] == [
        ("dense", 128, 2),
        ("diagonal", 32, 2),
        ("tridiagonal", 64, 1),
    ]


def test_include_without_matrix(names):
    assert names("include: [{connectivity: dense}, {connectivity: none, hidden: 3}]") == ["dense", "none"]


def test_exclude_comes_first_and_compares_values(names):
    assert names("""
        matrix: {connectivity: [tridiagonal, dense], hidden: [16, 32]}
        exclude: [{connectivity: "banded(1,1)", hidden: 32}]
        include: [{connectivity: tridiagonal, hidden: 32, layers: 2}]
    """) == ["tridiagonal/hidden=16", "dense/hidden=16", "dense/hidden=32", "tridiagonal/hidden=32"]


@pytest.mark.parametrize("empty", ["matrix: {}", "matrix:"])
def test_an_empty_matrix_is_refused(problems, empty):
    (line,) = problems(empty)
    assert "matrix: an empty matrix makes no cases" in line


@pytest.mark.parametrize("axis", ["[]", "null", ""])
def test_an_axis_without_values_is_refused(problems, axis):
    (line,) = problems(f"matrix:\n  hidden: {axis}")
    assert "s.yaml:5:" in line
    assert "matrix.hidden: an axis without values makes no cases" in line


def test_an_axis_is_a_list(problems):
    assert problems("matrix: {hidden: 32, connectivity: {banded: {lower: 1, upper: 1}}}")[:2] == [
        "s.yaml:4:18 matrix.hidden: an axis is a list of values: put this one between [ and ], or under defaults",
        "s.yaml:4:36 matrix.connectivity: an axis is a list of values: put this one between [ and ], or under defaults",
    ]


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ("{pow2: [3]}", "pow2 takes two whole numbers [a, b]"),
        ("{pow2: [4, 3]}", "pow2 takes two whole numbers [a, b]"),
        ("{pow2: [1, 99]}", "with 0 <= a <= b <= 30"),
        ("{pow2: [true, 3]}", "pow2 takes two whole numbers [a, b]"),
        ("{pow2: 3}", "pow2 takes two whole numbers [a, b]"),
        ("{geom: [1, 2]}", "geom takes three whole numbers"),
        ("{geom: [1, 8, 1]}", "factor >= 2"),
        ("{geom: [1.5, 8, 2]}", "geom takes three whole numbers"),
        ("{geom: [100, 1000, 3]}", "geom does not reach 1000: it makes ..., 900, 2700; use one of these as last"),
    ],
)
def test_wrong_generators(problems, axis, message):
    (line,) = problems(f"matrix: {{hidden: {axis}}}")
    assert line.startswith("s.yaml:4:18 matrix.hidden: ")
    assert message in line


def test_equal_values_of_an_axis_are_refused(problems):
    (line,) = problems('matrix: {connectivity: [tridiagonal, dense, "banded(1,1)"]}')
    assert line == "s.yaml:4:45 matrix.connectivity[2]: the value 'tridiagonal' is given twice: remove one"


def test_a_case_that_is_there_twice_is_refused(problems):
    (line,) = problems("matrix: {hidden: [16, 32]}\ninclude:\n  - {hidden: 64}\n  - {hidden: 64}")
    assert line == "s.yaml:7:14 include[1].hidden: the case 'hidden=64' is there twice: remove one"


def test_cases_that_differ_only_in_how_long_they_are_measured_are_the_same(problems):
    (line,) = problems("matrix: {throughput.max_seconds: [1, 2]}")
    assert "'max_seconds=2' (the same as 'max_seconds=1') is there twice" in line


def test_an_exclude_entry_that_matches_nothing_is_refused(problems):
    assert problems("""
        matrix: {connectivity: [dense, diagonal], hidden: [16, 32]}
        exclude:
          - {connectivity: dense, hidden: 64}
          - {connectivity: diagonal}
    """) == ["s.yaml:7:5 exclude[0]: this entry matches no combination of the axes: correct or remove it"]


def test_an_exclude_key_that_is_no_axis_is_refused(problems):
    (line,) = problems("matrix: {hidden: [16, 32]}\nexclude: [{layers: 2}]")
    assert line == "s.yaml:5:20 exclude[0].layers: 'layers' is no axis of the matrix; known: hidden"


def test_excluding_everything_is_refused(problems):
    (line,) = problems("matrix: {hidden: [16]}\nexclude: [{hidden: 16}]")
    assert line == "s.yaml:5:1 exclude: every combination is excluded: no case is left"


def test_too_many_cases_are_refused_with_their_factors(problems):
    (line,) = problems(f"matrix: {{hidden: {{pow2: [0, 19]}}, layers: [1, 2, 3, 4], seed: {list(range(30))}}}")
    assert line.startswith("s.yaml:4:1 matrix: too many cases: hidden 20 x layers 4 x seed 30 = 2400; ")


def test_far_too_many_cases_are_refused_without_making_them(problems):
    axis = list(range(1, 1000))
    (line,) = problems(f"matrix: {{hidden: {axis}, layers: {axis}, seed: {axis}, batch: {axis}, time_steps: {axis}}}")
    assert f"= {999**5}; " in line


def test_two_thousand_cases_are_fine(load):
    suite = load(f"matrix: {{seed: {list(range(1000))}, layers: [1, 2]}}")
    assert len({case.id for case in suite.cases}) == len({case.name for case in suite.cases}) == 2000


@pytest.mark.parametrize("section", ["include", "exclude"])
def test_entries_are_mappings_in_a_list(problems, section):
    assert f"{section}: should be a list of mappings" in problems(f"{section}: {{hidden: 3}}")[0]
    assert f"{section}[0]: should be a mapping of at least one key" in problems(f"{section}: [hidden]")[0]
    assert f"{section}[0]: should be a mapping of at least one key" in problems(f"{section}: [{{}}]")[0]


def test_defaults_are_a_mapping(problems, load):
    assert problems("defaults: [hidden]") == ["s.yaml:4:11 defaults: should be a mapping (key: value)"]
    assert load("defaults:\ninclude:\nexclude:").cases
