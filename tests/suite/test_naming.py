from hypothesis import given
from hypothesis import strategies as st

from rnnbench.suite.naming import names
from rnnbench.suite.schema import Measure, Parameters

TRAINED = "version: 1\nname: s\nmeasure: {training: {}, throughput: {}}\ndefaults: {task: binary_addition}\n"


def test_connectivity_alone_others_with_their_key(names):
    text = TRAINED + "matrix: {connectivity: [tridiagonal], hidden: [32], training.iterations: [1000]}"
    assert names(text) == ["tridiagonal/hidden=32/iterations=1000"]


def test_a_dotted_key_is_written_whole_where_its_last_part_is_ambiguous(names):
    assert names(TRAINED + "matrix: {batch: [1], training.batch: [2]}") == ["batch=1/training.batch=2"]
    assert names(TRAINED + "matrix: {training.batch: [2]}") == ["training.batch=2"]


def test_values_read_as_they_are_written(names):
    assert names(
        "matrix: {bias: [true], task: [null], throughput.passes: [[forward]], throughput.precision: [1e-3]}"
    ) == ["bias=true/task=null/passes=[forward]/precision=0.001"]


def test_keys_of_include_entries_appear_only_where_needed(names):
    text = "matrix: {connectivity: [dense, none]}\ninclude: [{connectivity: diagonal}, {connectivity: dense, hidden: 9}"
    assert names(text + "]") == ["dense", "none", "diagonal"]
    assert names(text + ", {connectivity: diagonal, layers: 2}]") == [
        "dense", "none", "diagonal/layers=1", "diagonal/layers=2",
    ]  # fmt: skip


def test_a_combination_without_an_axis_has_its_default(names):
    assert names("matrix: {connectivity: [dense], hidden: [16]}\ninclude: [{connectivity: none, hidden: 3}]") == [
        "dense/hidden=16", "none/hidden=3",
    ]  # fmt: skip


def test_parameters_tell_cases_apart_before_settings_do(names):
    text = "version: 1\nname: s\nmeasure: {max_length: {}}\ninclude:\n  - {connectivity: diagonal}\n"
    assert names(text + "  - {connectivity: diagonal, max_length.limits: [memory], gradient: rtrl}") == [
        "diagonal/gradient=bptt", "diagonal/gradient=rtrl",
    ]  # fmt: skip


configurations = st.builds(
    lambda connectivity, hidden, layers: (
        Parameters(connectivity=connectivity, hidden=hidden, layers=layers),
        Measure(memory={}),
    ),
    st.sampled_from(["dense", "diagonal", "random(3)", "random(3,seed=1)", "banded(1,2)"]),
    st.integers(1, 3),
    st.integers(1, 3),
)


@given(st.lists(configurations, unique=True), st.permutations(["connectivity", "hidden", "layers"]), st.integers(0, 3))
def test_cases_that_differ_have_different_names(configurations, keys, count):
    made = names(configurations, keys[:count], keys[count:])
    assert len(set(made)) == len(configurations)
