import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.errors import RnnbenchError
from rnnbench.suite.select import parse, select_names

NAMES = ["dense/hidden=16", "dense/hidden=32", "banded(1,2)/hidden=16", "tridiagonal/hidden=16", "diagonal/hidden=32"]


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("dense", {0, 1}),
        ("DENSE", {0, 1}),
        ("diagonal", {3, 4}),
        ("not diagonal", {0, 1, 2}),
        ("dense and hidden=32", {1}),
        ("dense or hidden=32", {0, 1, 4}),
        ("dense and not hidden=32 or banded(1,2)", {0, 2}),
        ("hidden=16 and (dense or tri)", {0, 3}),
        ("not(dense or diagonal)", {2}),
        ("not not dense", {0, 1}),
        ("banded(1, 2)", {2}),
        ("banded(1,2)/hidden=16", {2}),
        ("banded(", {2}),
        ("((dense))", {0, 1}),
        ("band and(tri or 1,2)", {2}),
    ],
)
def test_expressions(expression, selected):
    assert select_names(expression, NAMES, "s.yaml") == {NAMES[index] for index in selected}


@pytest.mark.parametrize(
    ("expression", "reason", "column"),
    [
        ("", "expected a part of a name here", 0),
        ("dense and", "expected a part of a name here", 9),
        ("and dense", "expected a part of a name here", 0),
        ("dense hidden", "expected 'and' or 'or' here", 6),
        ("(dense", "expected ')' here", 6),
        ("dense)", "expected 'and' or 'or' here", 5),
        ("()", "expected a part of a name here", 1),
        ("(" * 99, "nested more than 50 deep", 51),
        ("not " * 999 + "x", "nested more than 50 deep", 204),
    ],
)
def test_a_caret_points_at_what_is_wrong(expression, reason, column):
    with pytest.raises(RnnbenchError) as caught:
        parse(expression)
    first, shown, caret = caught.value.message.split("\n")
    assert first == f"-k: {reason}"
    assert shown == f"  {expression}"
    assert caret == "  " + " " * column + "^"


def test_selecting_nothing_lists_the_first_names():
    with pytest.raises(RnnbenchError) as caught:
        select_names("qqq", [f"case{index}" for index in range(12)], "s.yaml")
    lines = caught.value.message.split("\n")
    assert lines[0] == "-k qqq: selects none of the 12 cases of s.yaml:"
    assert lines[1:] == [*(f"  case{index}" for index in range(10)), "  ... and 2 more"]


def test_an_expression_is_parsed_not_run():
    with pytest.raises(RnnbenchError):
        select_names("__import__('os').abort()", NAMES, "s.yaml")


WORDS = st.sampled_from(["dense", "16", "32", "diagonal", "banded(1,2)"])
TREES = st.recursive(
    WORDS,
    lambda inner: (
        st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=8,
)  # fmt: skip


def written(tree):
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"


def meaning(tree, name):
    if isinstance(tree, str):
        return tree in name
    if tree[0] == "not":
        return not meaning(tree[1], name)
    return (all if tree[0] == "and" else any)([meaning(tree[1], name), meaning(tree[2], name)])


@given(TREES, st.sampled_from(NAMES))
def test_any_expression_means_what_it_says(tree, name):
    assert parse(written(tree))(name) == meaning(tree, name)


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_an_error(text):
    try:
        predicate = parse(text)
    except RnnbenchError:
        return
    predicate("name")
