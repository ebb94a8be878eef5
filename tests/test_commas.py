import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.commas import split_at_commas


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("a,,b", ["a", "", "b"]),
        ("banded(1,1),dense", ["banded(1,1)", "dense"]),
        ("{a: [1,2]},[3,(4,5)]", ["{a: [1,2]}", "[3,(4,5)]"]),
        ("'a,b',\"c,]\"", ["'a,b'", '"c,]"']),
    ],
)
def test_only_commas_at_the_top_split(text, pieces):
    assert split_at_commas(text) == pieces


@pytest.mark.parametrize("text", ["(a", "a)", "[a)", "{a,b", "'a", '"a'])
def test_unbalanced_brackets_and_quotes_are_refused(text):
    with pytest.raises(ValueError, match=r"is missing|closes no"):
        split_at_commas(text)


@given(st.lists(st.text(st.characters(blacklist_characters=",()[]{}'\"")).map(str.strip), min_size=1))
def test_splitting_undoes_joining(pieces):
    assert split_at_commas(",".join(pieces)) == pieces
