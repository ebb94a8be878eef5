import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.scalar import scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("no", "no"), ("y", "y"),
        ("null", None), ("~", None), ("", None), ("none", "none"), ("None", "None"),
        ("10", 10), ("-3", -3), ("+3", 3), ("010", 10), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"),
        ("12:30", "12:30"), ("2026-01-02", "2026-01-02"),
        ("1e-3", 1e-3), ("1E5", 100_000), (".5", 0.5), ("1.", 1), ("1.5e2", 150), ("-0.5", -0.5),
        (".inf", math.inf), ("-.INF", -math.inf), ("1e999", math.inf), ("inf", "inf"), ("nan", "nan"),
    ],
)  # fmt: skip
def test_core_schema_of_yaml_1_2(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_not_a_number():
    number = scalar(".nan")
    assert isinstance(number, float)
    assert math.isnan(number)


@given(st.integers(-(10**30), 10**30))
def test_integers_are_exact(number):
    assert scalar(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_exact(number):
    assert scalar(repr(number)) == number


@given(st.text())
def test_any_text_is_read(text):
    scalar(text)
