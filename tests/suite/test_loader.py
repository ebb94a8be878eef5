"""A suite as a whole: what is read, and that everything wrong with it is said at once, at its place."""

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnbench.suite.case import Case
from rnnbench.suite.loader import load_suite, load_suites
from rnnbench.suite.problem import SuiteError

SUITES = Path(__file__).parents[2] / "suites"


def test_a_suite(load):
    suite = load("""
        version: 1
        name: small
        description: Two of them.
        defaults: {hidden: 32}
        matrix: {connectivity: [dense, tridiagonal]}
        measure: {memory: {scope: model}}
        contrast: {axis: connectivity, baseline: "banded(1,1)"}
    """)
    assert (suite.name, suite.path, suite.description) == ("small", "s.yaml", "Two of them.")
    assert len(suite.sha256) == 64
    assert [(case.name, case.parameters.hidden, case.measure.names()) for case in suite.cases] == [
        ("dense", 32, ("memory",)),
        ("tridiagonal", 32, ("memory",)),
    ]
    assert suite.axes == {"connectivity": ["dense", "tridiagonal"]}
    assert suite.contrast.baseline == suite.cases[1].resolved()["connectivity"]
    assert suite.resolved["matrix"]["connectivity"] == ["dense", suite.contrast.baseline]
    assert suite.resolved["defaults"] == {"hidden": 32}


@pytest.mark.parametrize("path", sorted(SUITES.glob("*.yaml")), ids=lambda path: path.name)
def test_the_suites_that_ship_are_right_and_their_cases_survive_the_way_to_a_worker(path):
    for case in load_suite(path).cases:
        received = Case.from_resolved(case.name, case.resolved())
        assert received.id == case.id
        assert received.resolved() == case.resolved()


def test_all_problems_at_once_sorted_by_position_with_a_count(problems):
    assert problems("""\
        version: 1
        name: s
        defaults: {hiden: 32, layers: 0}
        matrix:
          connectivity: [dense, bandd, {banded: {lower: -1, upper: 1}}]
        measure: {trainin: {}}
        exclud: []
        """) == [
        "s.yaml:3:12 defaults.hiden: unknown key 'hiden': did you mean 'hidden'?",
        "s.yaml:3:31 defaults.layers: should be at least 1, not 0",
        "s.yaml:5:25 matrix.connectivity[1]: unknown connectivity 'bandd': did you mean 'banded'? (known: dense, "
        "banded, diagonal, tridiagonal, ring, permuted_band, toeplitz, jordan, block_diagonal, random, small_world, "
        "hub, arrow, upper_triangular, low_rank, low_rank_plus_diagonal, kronecker, monarch, butterfly, circulant, "
        "companion, orthogonal, none)",
        "s.yaml:5:49 matrix.connectivity[2].banded.lower: should be at least 0, not -1",
        "s.yaml:6:11 measure.trainin: unknown key 'trainin': did you mean 'training'? (known: training, "
        "throughput, memory, storage, max_length, equivalence)",
        "s.yaml:7:1 exclud: unknown key 'exclud': did you mean 'exclude'? (known: version, name, description, measure, "
        "contrast, gate, defaults, matrix, include, exclude)",
        "6 problems in s.yaml",
    ]  # fmt: skip


def test_problems_of_several_suites_together(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("version: 1\nname: s\nmeasure: [memry]\n")
    with pytest.raises(SuiteError) as caught:
        load_suites([tmp_path / "a", tmp_path / "b", tmp_path / "c"])
    assert len(caught.value.problems) == 3
    assert caught.value.message.endswith(f"3 problems in {tmp_path / 'a'}, {tmp_path / 'b'}, {tmp_path / 'c'}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name: s\nmeasure: [memory]", "s.yaml:1:1: the key 'version' is missing: write `version: 1`"),
        ("version: 2\nname: s\nmeasure: [memory]", "s.yaml:1:10 version: version 2 is not known, this rnnbench"),
        ("version: '1'\nname: s\nmeasure: [memory]", "s.yaml:1:10 version: should be a whole number, not '1'"),
        ("version: 1\nmeasure: [memory]", "s.yaml:1:1: the key 'name' is missing"),
        ("version: 1\nname: a/b\nmeasure: [memory]", "s.yaml:2:7 name: a name is made of"),
        ("version: 1\nname: s", "s.yaml:1:1: the key 'measure' is missing"),
        ("version: 1\nname: s\nmeasure: {}", "s.yaml:3:10 measure: name at least one measurement"),
        ("version: 1\nname: s\nmeasure: memory", "s.yaml:3:10 measure: should be a mapping (key: value), not 'memory'"),
        ("version: 1\nname: s\nmeasure: [memory, memory]", "s.yaml:3:10 measure: each may be named once"),
        ("version: 1\nname: s\nmeasure: [memory]\nname: t", "s.yaml:4:1 name: key 'name' is given twice"),
    ],
)  # fmt: skip
def test_the_header(problems, line, message):
    assert problems(line + "\n# version:")[0].startswith(message)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("hidden: 1.5", "hidden: should be a whole number, not 1.5"),
        ("hidden: '32'", "hidden: should be a whole number, not '32'"),
        ("hidden: true", "hidden: should be a whole number, not true"),
        ("hidden: [32]", "hidden: should be a whole number, not a list"),
        ("hidden: 99999999999", "hidden: should be at most 2147483647, not 99999999999"),
        ("bias: yes", "bias: should be true or false, not 'yes'"),
        ("cell: lstn", "cell: unknown value 'lstn'"),
        ("activation: sigmoidd", "activation: unknown value 'sigmoidd': did you mean 'sigmoid'?"),
        ("device: gpu", "device: a device is auto, cpu, cuda, cuda:N (cuda:0, ...) or mps"),
        ("seed: -1", "seed: should be at least 0, not -1"),
        ("task: binary_adition", "task: unknown task 'binary_adition': did you mean 'binary_addition'?"),
        ("task: {binary_addition: {bits: 1}}", "task.binary_addition.bits: should be at least 2, not 1"),
        ("connectivity: {banded: {lower: 1}}", "connectivity.banded: banded needs 'upper'"),
        ("connectivity: banded(1)", "connectivity.banded: banded needs 'upper'"),
        ("connectivity: {banded: {lowr: 1, upper: 1}}", "connectivity.banded.lowr: unknown key 'lowr': did you"),
        ("connectivity: {banded: [3]}", "connectivity.banded: should be a mapping (key: value), not a list"),
        ("connectivity: {banded: 3}", "connectivity.banded: banded needs 'upper'"),
        ("connectivity: {tridiagonal: {lower: 1}}", "connectivity: 'tridiagonal' takes no options"),
        ("connectivity: {dense: {}, none: {}}", "connectivity: a connectivity is a name, or one name with its options"),
        ("connectivity: 3", "connectivity: a connectivity is a name, or one name with its options"),
        (
            'connectivity: "small_world(3, 0.1)"',
            "connectivity.small_world.degree: should be a multiple of 2, not 3: use 2 or 4",
        ),
        ('connectivity: "small_world(1, 0.1)"', "connectivity.small_world.degree: should be a multiple of 2, not 1"),
        ('connectivity: "banded(1,1"', "connectivity: 'banded(1,1': a ')' is missing at the end"),
        ('connectivity: "banded(1,1) x"', "connectivity: 'banded(1,1) x': nothing can follow the ')'"),
        ("connectivity: {random: {density: 0}}", "connectivity.random.density: should be greater than 0, not 0"),
        ("connectivity: {random: {density: .nan}}", "connectivity.random.density: should be a finite number, not nan"),
        ("connectivity: random", "connectivity.random: give exactly one of 'nonzeros' and 'density'"),
        ("initialisation: {uniform: {low: 1, high: 0}}", "initialisation.uniform: 'low' must not exceed 'high'"),
        ("training.iterations: 3", "training.iterations: 'training.iterations' is a setting of 'training', which this"),
        ("iterations: 3", "iterations: unknown key 'iterations': did you mean 'training.iterations'?"),
        ("qqqq: 3", "qqqq: unknown key 'qqqq'; known: cell, connectivity, "),
    ],
)  # fmt: skip
def test_values(problems, value, message):
    (line,) = problems(f"defaults: {{{value}}}")
    assert f" defaults.{message}" in line


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("throughput: {passes: forward}", "throughput.passes: should be a list ([a, b]), not 'forward'"),
        ("throughput: {passes: [forward, forward]}", "throughput.passes: each may be named once"),
        ("throughput: {passes: []}", "throughput.passes: should have 1 or more values"),
        ("throughput: {scopes: [layr]}", "throughput.scopes[0]: unknown value 'layr': did you mean 'layer'?"),
        ("throughput: {precision: .inf}", "throughput.precision: should be a finite number, not inf"),
        ("throughput: 3", "throughput: should be a mapping (key: value), not 3"),
        ("training: {optimizer: {adam: {betas: [0.9]}}}", "training.optimizer.adam.betas: this list is too short"),
        ("training: {optimizer: {adam: {betas: [0.9, 0.9, 0.9]}}}", "training.optimizer.adam.betas: should have no"),
        ("training: {optimizer: {adm: {}}}", "training.optimizer: unknown optimizer 'adm': did you mean 'adam'?"),
        ("training: {optimizer: {sgd: {nesterov: true}}}", "training.optimizer.sgd: 'nesterov' needs"),
    ],
)  # fmt: skip
def test_measurement_settings(problems, settings, message):
    (line,) = problems(f"version: 1\nname: s\nmeasure: {{{settings}}}\ndefaults: {{task: binary_addition}}")
    assert f" measure.{message}" in line


def test_numbers_may_be_written_with_an_exponent(load):
    suite = load(
        "version: 1\nname: s\ndefaults: {task: binary_addition}\n"
        "measure: {training: {iterations: 1e4, optimizer: adam(1e-3)}}"
    )
    assert suite.cases[0].measure.training.iterations == 10_000
    assert suite.cases[0].measure.training.optimizer.lr == 1e-3


def test_problems_inside_aliases_are_shown_where_they_are_written(problems):
    assert problems("defaults: &d {hidden: 0}\nmatrix: {connectivity: [dense]}\ninclude: [*d]") == [
        "s.yaml:4:23 defaults.hidden: should be at least 1, not 0",
        "s.yaml:4:23 include[0].hidden: should be at least 1, not 0",
        "2 problems in s.yaml",
    ]


def test_a_wrong_axis_value_does_not_hide_what_is_wrong_elsewhere(problems):
    lines = problems("""
        version: 1
        name: s
        measure: {training: {}}
        matrix: {connectivity: [bandd, block_diagonal(3)], activation: [tanh]}
        contrast: {axis: activatoin, baseline: tanh}
    """)
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "s.yaml:4:11 measure.training",
        "s.yaml:5:25 matrix.connectivity[0]",
        "s.yaml:5:32 matrix.connectivity[1]",
        "s.yaml:6:18 contrast.axis",
    ]


def test_control_characters_are_not_printed(problems):
    assert "\x1b" not in "".join(problems('"hid\\x1b[2Jden": 1\nmatrix: {"\\x1b]": ["\\x1b"]}'))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"a: &a [*a]")
@example(b'"\\UFFFFFFFF"')
@example(b"{" * 5000)
@example(b"%YAML 9.9\n---\n")
@example(b"version: 1\nname: s\nmeasure: [memory]\n")
def test_any_bytes_are_a_suite_or_an_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(data)
    assert loads_or_explains(path)


WORDS = st.sampled_from(
    (
        *("version", "name", "measure", "matrix", "defaults", "include", "exclude", "contrast", "axis", "baseline"),
        *("hidden", "connectivity", "dense", "banded", "lower", "upper", "tridiagonal", "random(3)", "banded(1,1)"),
        *("training", "throughput", "memory", "task", "binary_addition", "bits", "protocol", "demo", "optimizer"),
        *("sgd", "pow2", "geom", "seed", "input", "training.iterations", "throughput.passes", "<<", "!t", "*a", "&a"),
        *("1", "0", "-1", "1.5", "true", "null", "[]", "{}", "~"),
    )
)
VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(WORDS, inner, max_size=3).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WORDS, VALUES, max_size=6), st.lists(VALUES, max_size=2))
def test_any_mapping_of_known_words_is_a_suite_or_an_error(tmp_path_factory, sections, overrides):
    path = tmp_path_factory.getbasetemp() / "words.yaml"
    header = {"version": "1", "name": "s", "measure": "[memory]"}
    path.write_text("\n".join(f"{key}: {value}" for key, value in {**header, **sections}.items()))
    assert loads_or_explains(path, [f"hidden={value}" for value in overrides])


def loads_or_explains(path, overrides=()):
    try:
        suite = load_suite(path, overrides)
    except SuiteError as error:
        return all(line.isprintable() for line in error.message.splitlines()) and error.problems != ()
    return suite.cases != () and len({case.id for case in suite.cases}) == len(suite.cases)


def test_what_a_suite_asks_for_does_not_depend_on_how_it_is_written(load):
    one = load("defaults: {hidden: 32}\nmatrix: {connectivity: [tridiagonal, dense]}")
    other = load(
        dedent("""
        # the same, otherwise
        matrix:
          connectivity:
            - {banded: {lower: 1, upper: 1}}
            - dense
        defaults: {hidden: 3.2e1}
    """)
    )
    assert one.resolved == other.resolved
    assert one.sha256 != other.sha256


def test_a_results_document_in_place_of_a_suite_is_called_what_it_is():
    path = Path(__file__).parents[2] / "docs" / "results" / "jordan.json"
    with pytest.raises(SuiteError) as caught:
        load_suite(path)
    (problem,) = caught.value.problems
    assert "what a run wrote, and no suite: `rnnbench show` prints it" in str(problem)
