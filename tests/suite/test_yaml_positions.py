import re

import pytest

from rnnbench.suite.problem import Place, SuiteError
from rnnbench.suite.yaml_positions import MAX_DEPTH, MAX_NODES, place_of, plain, read_yaml


def read(text):
    node, problems = read_yaml(text, "f")
    assert not problems
    return plain(node)


def complaints(text):
    try:
        _, problems = read_yaml(text, "f")
    except SuiteError as error:
        problems = error.problems
    return [str(problem) for problem in problems]


def test_data_and_places():
    node, _ = read_yaml("a: 1\nb:\n  - x\n  - {c: true}\n", "f")
    assert plain(node) == {"a": 1, "b": ["x", {"c": True}]}
    assert place_of(node, ("b", 1, "c")) == Place("f", 4, 9)
    assert place_of(node, ("b", 1, "c"), key=True) == Place("f", 4, 6)
    assert place_of(node, ("b", 1, "missing", "below")) == place_of(node, ("b", 1))


def test_empty_document_is_null():
    assert read("") is None
    assert read("# only a comment\n") is None


def test_quoted_scalars_are_text():
    assert read("['1', \"true\", 1, true]") == ["1", "true", 1, True]


def test_aliases_and_merge_keys():
    text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\none: {<<: *b, y: 9}\ntwo: {<<: [*b, *m]}\nsame: *b\n"
    data = read(text)
    assert data["one"] == {"y": 9, "x": 1}
    assert data["two"] == {"x": 1, "y": 2, "z": 4}
    assert data["same"] == data["base"]


def test_an_alias_is_placed_where_it_is_used():
    node, _ = read_yaml("a: &x [1]\nb: *x\n", "f")
    assert place_of(node, ("b",)) == Place("f", 2, 4)


CUT = 'write "banded(4,4)" in quotation marks: between brackets or braces, YAML cuts at every comma'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[banded(4,4), dense]", [f"f:1:2 [0]: {CUT}"]),
        ("a: [dense, banded(4, 4)]", [f"f:1:12 a[1]: {CUT}"]),
        ("{a: banded(4,4), b: [banded(4,4)]}", [f"f:1:5 a: {CUT}", f"f:1:22 b[0]: {CUT}"]),
        ("{a: banded(1,1,circular=true)}", [f"f:1:5 a: {CUT.replace('4,4', '1,1,circular=true')}"]),
    ],
)
def test_a_value_that_commas_cut_is_named_whole_and_read_as_one(text, said):
    assert complaints(text) == said
    node, _ = read_yaml(text, "f")
    assert plain(node) == read(re.sub(r"banded\(([^)]*)\)", r'"banded(\1)"', text).replace("4, 4", "4,4"))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[(a, b]", ["(a", "b"]),
        ("[f(1, [2)]]", ["f(1", ["2)"]]),
        ("{f(1, 2): 3}", {"f(1": None, "2)": 3}),
        ("{a: f(1, b: 2)}", {"a": "f(1", "b": "2)"}),
        ("a: banded(4,4)\nb: [f(1), 'g(1', '2)']", {"a": "banded(4,4)", "b": ["f(1)", "g(1", "2)"]}),
    ],
)
def test_other_parentheses_are_text(text, data):
    assert read(text) == data


def test_duplicate_keys_are_refused_at_any_depth():
    assert complaints("a: {b: 1, c: 2, b: 3}") == ["f:1:17 a.b: key 'b' is given twice, first in line 1: remove one"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1", "f:2:1: a tab cannot indent or separate here: YAML wants spaces, replace the tab by spaces"),
        ("a: b: c", "f:1:5: a ':' where no value can stand"),
        ("a:\n  b: 1\n c: 2", "f:3:2: this line is indented less than the lines above it"),
        ("a\nb: 1", "f:2:2: a ':' where no value can stand"),
        ("a: 'x", "f:1:4: the quotation mark opened here is never closed"),
        ("a: [1,", "f:1:7: while parsing a flow node"),
        ("a: @x", "f:1:4: found character '@' that cannot start any token: put the text between quotation marks"),
        ("a: *b", "f:1:4 a: the alias '*b' has no anchor '&b' before it"),
        ("a: &a [*a]", "f:1:8 a[0]: the alias '*a' contains itself"),
        ("a: 1\n---\nb: 2", "f:2:1: a second document starts here"),
        ("1: x", "f:1:1: the key 1 is no text: keys are names"),
        ("true: x", "f:1:1: the key true is no text: keys are names"),
        ("? [a]\n: x", "f:1:3: a list or mapping cannot be a key: keys are names"),
        ("<<: 3", "f:1:5: '<<' merges mappings only"),
        ("a: \x07", "f:1:4: the character '\\x07' is not allowed in YAML: remove it"),
        ('a: "\\ud800"', "f:1:4 a: half of a surrogate pair is no text"),
        ('a: "\\UFFFFFFFF"', "this text cannot be read as YAML"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text, message):
    (complaint,) = complaints(text)
    assert message in complaint


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!custom", "!!int"])
def test_tags_are_refused_as_data(tag):
    (complaint,) = complaints(f"a: {tag} [ls]")
    assert complaint.startswith("f:1:4 a: the tag '")
    assert "a suite is plain data" in complaint


def test_an_alias_bomb_is_refused_before_it_is_built():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (complaint,) = complaints("\n".join(levels))
    assert f"more than {MAX_NODES:,} values" in complaint


def test_depth_is_bounded():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    (complaint,) = complaints("[" * 100_000)
    assert f"nested more than {MAX_DEPTH} deep" in complaint


def test_depth_through_aliases_is_bounded():
    text = "\n".join(["a0: &a0 [[[x]]]", *(f"a{n}: &a{n} [[[*a{n - 1}]]]" for n in range(1, 100))])
    (complaint,) = complaints(text)
    assert f"nested more than {MAX_DEPTH} deep" in complaint


def test_independent_problems_are_all_reported():
    assert len(complaints("a: !t 1\na: 2\n3: 4\n")) == 3
