from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Tag, TypeAdapter, ValidationError

from rnnbench.choice import Choice, by_name, kind_of, plain_text


class Plain(Choice):
    kind: ClassVar[str] = "plain"


class Sized(Choice):
    kind: ClassVar[str] = "sized"
    aliases: ClassVar = {"unit": {"size": 1}}

    size: int
    scale: float = 1.0
    wrapped: bool = False
    limit: int | None = None


Field = Annotated[Annotated[Plain, Tag("plain")] | Annotated[Sized, Tag("sized")], by_name]
ADAPTER = TypeAdapter(Field)


def read(written):
    return ADAPTER.validate_python(written)


@pytest.mark.parametrize("written", ["plain", " plain ", "plain()", {"plain": {}}, {"plain": None}, Plain()])
def test_a_choice_without_options(written):
    assert read(written) == Plain()


@pytest.mark.parametrize(
    "written",
    ["sized(2,0.5)", "sized( 2 , scale = 0.5 )", "sized(scale=5e-1,size=2)", {"sized": {"size": 2, "scale": 0.5}}],
)
def test_the_notations_mean_the_same(written):
    assert read(written) == Sized(size=2, scale=0.5)


def test_an_alias_stands_for_options():
    assert read("unit") == read("sized(1)") == Sized(size=1)
    assert read("sized(1)").label() == "unit"


@pytest.mark.parametrize(
    ("choice", "label"),
    [
        (Plain(), "plain"),
        (Sized(size=2), "sized(2)"),
        (Sized(size=2, scale=0.5), "sized(2,0.5)"),
        (Sized(size=2, wrapped=True), "sized(2,wrapped=true)"),
        (Sized(size=2, scale=1e-5, limit=3), "sized(2,1e-05,limit=3)"),
    ],
)
def test_labels_leave_defaults_out(choice, label):
    assert choice.label() == label


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none() | st.integers(0, 9))
def test_labels_and_json_read_back(size, scale, wrapped, limit):
    choice = Sized(size=size, scale=scale, wrapped=wrapped, limit=limit)
    assert read(choice.label()) == choice
    assert read(choice.model_dump(mode="json")) == choice


@pytest.mark.parametrize(
    ("written", "kind", "place"),
    [
        ("plan", "union_tag_invalid", ()),
        ({"plain": {}, "sized": {}}, "union_tag_not_found", ()),
        (3, "union_tag_not_found", ()),
        ({"plain": {"size": 1}}, "extra_forbidden", ("plain", "size")),
        ("sized", "missing", ("sized", "size")),
        ("sized(two)", "int_type", ("sized", "size")),
        ("sized(true)", "int_type", ("sized", "size")),
        ("sized(1,2,3,4,5)", "choice_compact", ("sized",)),
        ("sized(1,size=2)", "choice_compact", ("sized",)),
        ("sized(1,,2)", "choice_compact", ("sized",)),
        ("sized([1)", "choice_compact", ("sized",)),
        ("unit(3)", "union_tag_invalid", ()),
    ],
)
def test_what_is_wrong_and_where(written, kind, place):
    with pytest.raises(ValidationError) as caught:
        read(written)
    (error,) = caught.value.errors()
    assert (error["type"], error["loc"]) == (kind, place)


def test_braces_in_a_wrong_choice_are_no_template():
    with pytest.raises(ValidationError, match=r"'sized\(\{size\},\)': a value is missing at a comma"):
        read("sized({size},)")


@given(st.text())
def test_any_text_is_a_choice_or_a_validation_error(text):
    for written in (text, f"sized({text})"):
        try:
            read(written)
        except ValidationError:
            continue


def test_kind_of_a_written_choice():
    assert (
        kind_of({"sized": {"size": 1}}) == kind_of("sized(1)") == kind_of("unit") == kind_of(Sized(size=1)) == "sized"
    )
    assert kind_of([]) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (0.1, "0.1"),
        (1.0, "1"),
        (0.1234567890123, "0.1234567890123"),
        ((1, 0.5), "[1,0.5]"),
        (Sized(size=3), "sized(3)"),
        ("cuda:0", "cuda:0"),
    ],
)
def test_plain_text(value, text):
    assert plain_text(value) == text
