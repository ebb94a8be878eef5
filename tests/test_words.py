from hypothesis import given
from hypothesis import strategies as st

from rnnbench.words import closest, did_you_mean, printable, quoted


@given(st.text())
def test_quoted_text_is_printable_and_short(text):
    shown = quoted(text)
    assert shown.isprintable()
    assert len(shown) <= 2 + 60 * len(r"\U0010ffff")


def test_the_escape_character_never_reaches_the_terminal():
    assert quoted("\x1b[31mred") == r"'\x1b[31mred'"


def test_long_text_is_cut():
    assert printable("x" * 100, longest=10) == "x" * 9 + "…"


def test_a_slip_is_recognised_whatever_its_case():
    assert closest("Hiden", ["hidden", "layers"]) == "hidden"
    assert closest("qqq", ["hidden", "layers"]) is None


def test_the_last_part_of_a_dotted_name_stands_for_the_whole():
    assert closest("iteratons", ["seed", "training.iterations"]) == "training.iterations"


def test_without_a_near_word_all_are_listed():
    assert did_you_mean("qqq", ["dense", "banded"]) == "; known: dense, banded"
    assert did_you_mean("qqq", []) == ": there are none here"
