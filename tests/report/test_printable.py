"""Text from documents cannot steer a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.report.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tridiagonal", "tridiagonal"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("two\nlines\r\n\tthere", "two lines   there"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\x9b31m", "31m"),
        ("half \ud800 pair", "half  pair"),
        ("größer µ 長い", "größer µ 長い"),
        (7, "7"),
    ],
)
def test_text_is_on_one_line_without_control_characters(text, shown):
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_no_text_keeps_a_control_or_format_character(text):
    assert not {unicodedata.category(character) for character in printable(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
