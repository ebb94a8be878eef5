"""``match`` of a suite: hidden sizes at which cases spend as much as their reference."""

import pytest

from rnnbench.models.network import build
from rnnbench.models.weights import draw
from rnnbench.suite.case import Case
from rnnbench.suite.equal_size import LARGEST, next_size
from rnnbench.suite.size import total_parameters
from tests.cases import make_case

TRAINING = "version: 1\nname: s\nmeasure: {training: {iterations: 10, replicas: 1}}\n"
STRUCTURES = [
    "tridiagonal",
    "block_diagonal(8)",
    "monarch(4)",
    "kronecker",
    "kronecker(4)",
    "butterfly",
    "none",
    "random(46)",
    "random(density=0.1)",
    "orthogonal",
    "low_rank(3)",
    "hub(2)",
]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", STRUCTURES)
def test_as_many_parameters_as_the_nearest_size_that_exists_allows(load, cell, connectivity):
    suite = load(f"""
        defaults: {{hidden: 24, cell: {cell}, input: 3, match: parameters}}
        matrix: {{connectivity: ["{connectivity}"]}}
        """)
    (case,) = suite.cases
    like = make_case({"throughput": {}}, cell=cell, hidden=24, input=3).parameters
    target = total_parameters(like)

    def distance(hidden):
        return abs(total_parameters(case.parameters.model_copy(update={"hidden": hidden})) - target)

    def exists(hidden):
        try:
            case.parameters.connectivity.check(hidden)
        except ValueError:
            return False
        return True

    others = [hidden for hidden in range(1, target) if exists(hidden)]
    assert exists(case.parameters.hidden)
    assert distance(case.parameters.hidden) == min(map(distance, others))
    assert case.scaled_from == 24


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("connectivity", ["dense", "tridiagonal", "jordan", "none"])
def test_what_is_counted_is_what_a_model_trains(cell, connectivity):
    parameters = make_case({"memory": {}}, cell=cell, connectivity=connectivity, layers=2, hidden=8, input=3).parameters
    network = build(parameters, draw(parameters), device="cpu", time_steps=2, batch=1)
    padding = 2 * 2 * parameters.gates if connectivity == "tridiagonal" else 0
    assert total_parameters(parameters) == sum(weight.numel() for weight in network.parameters()) - padding


def test_each_value_of_another_axis_has_its_own_reference(load):
    suite = load("""
        defaults: {match: parameters, input: 2}
        matrix: {hidden: [16, 32], cell: [rnn, lstm], connectivity: [dense, diagonal]}
        """)
    sizes = {case.name: (case.scaled_from, case.parameters.hidden) for case in suite.cases}
    assert sizes["hidden=16/cell=rnn/dense"] == (None, 16)
    assert sizes["hidden=16/cell=rnn/diagonal"] == (16, 64)
    assert sizes["hidden=32/cell=rnn/diagonal"][0] == 32
    assert sizes["hidden=32/cell=rnn/diagonal"][1] > 64
    assert suite.axes["hidden"] == ["16", "32"], "names and axes have the sizes that are written"
    assert [case.name for case in suite.select("hidden=16 and diagonal").cases] == [
        "hidden=16/cell=rnn/diagonal",
        "hidden=16/cell=lstm/diagonal",
    ]


def test_a_reference_may_be_of_another_cell_or_connectivity(load):
    suite = load("""
        defaults: {hidden: 16, input: 2}
        matrix: {cell: [rnn, lstm], match: [parameters(cell=rnn)]}
        """)
    elman, lstm = suite.cases
    assert elman.scaled_from is None
    assert lstm.scaled_from == 16
    assert lstm.parameters.hidden < 16
    assert total_parameters(lstm.parameters) == pytest.approx(total_parameters(elman.parameters), rel=0.15)
    (banded,) = load("defaults: {hidden: 16, input: 2, connectivity: dense, match: parameters(tridiagonal)}").cases
    assert banded.parameters.hidden < 16


def test_a_reference_is_there_once_however_many_ways_to_match_there_are(load):
    suite = load(
        TRAINING
        + """
defaults: {task: binary_addition, hidden: 16}
matrix: {match: [none, parameters, time], connectivity: [dense, diagonal]}
contrast: {axis: connectivity, baseline: dense}
"""
    )
    names = [case.name for case in suite.cases]
    assert names == ["match=none/dense", "match=none/diagonal", "match=parameters/diagonal", "match=time/diagonal"]
    alone = load(
        TRAINING
        + """
defaults: {task: binary_addition, hidden: 16}
matrix: {match: [parameters, time], connectivity: [dense, diagonal]}
"""
    )
    assert [case.name for case in alone.cases] == ["match=none/dense", *names[2:]]


def test_a_case_that_is_there_twice_without_being_a_reference_is_still_refused(problems):
    assert "is there twice" in "\n".join(
        problems("""
        defaults: {hidden: 16, input: 2}
        include:
          - {connectivity: diagonal, match: parameters}
          - {connectivity: diagonal, hidden: 64}
        """)
    )


def test_a_size_that_was_counted_out_is_what_the_case_is():
    written = make_case({"throughput": {}}, hidden=16, input=2, connectivity="diagonal", match="parameters")
    same = make_case({"throughput": {}}, hidden=64, input=2, connectivity="diagonal")
    assert written.scaled(64).id == same.id
    assert "match" not in same.resolved()


def test_a_size_that_was_measured_is_not():
    measure = {"training": {"iterations": 10}}
    given = {"task": "binary_addition", "connectivity": "diagonal", "match": "time"}
    case = make_case(measure, hidden=16, **given)
    assert case.scaled(43).id == case.scaled(44).id == case.id
    assert case.id != make_case(measure, hidden=17, **given).id
    assert case.id != make_case(measure, hidden=16, task="binary_addition", connectivity="diagonal").id
    assert (case.scaled(43).scaled(44).scaled_from, case.scaled(43).parameters.hidden) == (16, 43)


def test_it_crosses_to_a_worker():
    case = make_case({"training": {}}, hidden=16, task="adding(5)", connectivity="diagonal", match="time").scaled(43)
    received = Case.from_resolved(case.name, case.resolved())
    assert (received.scaled_from, received.parameters.hidden, received.written.hidden) == (16, 43, 16)
    assert received.resolved() == case.resolved()
    assert received.id == case.id


def test_a_preview_keeps_the_sizes(load):
    suite = load("defaults: {hidden: 16, input: 2, match: parameters}\nmatrix: {connectivity: [dense, diagonal]}")
    assert [(case.scaled_from, case.parameters.hidden) for case in suite.quick().cases] == [(None, 16), (16, 64)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "defaults: {match: time, connectivity: diagonal}",
            "s.yaml:4:19 defaults.match: time is that of an iteration of training: add `training` under measure, "
            "or use `match: parameters`",
        ),
        (
            "defaults: {hidden: 16, input: 2, connectivity: diagonal, match: parameters(block_diagonal(3))}",
            "s.yaml:4:65 defaults.match: the reference block_diagonal(3) does not exist: hidden size 16 is not "
            "divisible by 3 blocks: use hidden 15 or 18, or 2 or 4 blocks",
        ),
        (
            "defaults: {hidden: 2, input: 2, connectivity: block_diagonal(64), match: parameters}",
            "s.yaml:4:74 defaults.match: no hidden size gives block_diagonal(64) about as many parameters as dense rnn "
            "with hidden 2, 13: the nearest has 321, with hidden 64; change hidden, or leave match out",
        ),
        (
            "defaults: {match: weights}",
            "s.yaml:4:19 defaults.match: unknown match 'weights'; known: none, parameters, time",
        ),
        (
            "defaults: {match: parameters(hidden=3)}",
            "s.yaml:4:19 defaults.match.parameters.hidden: unknown key 'hidden'; known: connectivity, cell",
        ),
    ],
)
def test_what_cannot_be_matched_is_refused(problems, text, message):
    assert problems(text)[0] == message


def test_sizes_that_exist_are_found_upward_and_downward():
    parameters = make_case({"memory": {}}, connectivity="butterfly").parameters
    assert (next_size(parameters, 100, 1), next_size(parameters, 100, -1)) == (128, 64)
    assert next_size(parameters, LARGEST, 1) == LARGEST
    assert next_size(parameters, 0, -1) is None
