"""Reading and writing results documents: whole or not at all, checked, and kind about mistakes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnbench.errors import ExitCode, RnnbenchError
from rnnbench.results.document import Results, metric
from tests.documents import addition

GOLDEN = Path(__file__).parents[1] / "golden" / "results-1.0.json"


@pytest.fixture
def text():
    return addition(["dense", "diagonal"]).to_text()


def refused(path, code=ExitCode.USAGE):
    """Return the message with which reading ``path`` is refused."""
    with pytest.raises(RnnbenchError) as caught:
        Results.read(path)
    assert caught.value.exit_code == code
    assert str(path) in caught.value.message
    return caught.value.message


def refused_text(text, code=ExitCode.USAGE):
    with pytest.raises(RnnbenchError) as caught:
        Results.from_text(text, "r.json")
    assert caught.value.exit_code == code
    return caught.value.message


def changed(text, *path, value):
    """Return the document with the entry at ``path`` set to ``value``."""
    data = json.loads(text)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(data)


def test_what_is_written_is_read_back(tmp_path):
    results = addition()
    results.write(tmp_path / "r.json")
    assert Results.read(tmp_path / "r.json").data == results.data


def test_the_frozen_document_of_version_1_0_is_read_and_kept():
    results = Results.read(GOLDEN)
    assert [case["name"] for case in results.cases] == ["dense", "tridiagonal", "diagonal"]
    assert metric(results.cases[0], "solved_fraction")["value"] == 1.0
    assert metric(results.cases[0], "max_length_task") is None
    assert results.findings[0].startswith("dense gets 1.00 of all sums right")
    assert Results.from_text(results.to_text(), "again").data == json.loads(GOLDEN.read_text())


def test_unknown_keys_and_metrics_of_a_newer_minor_version_are_kept(text):
    data = json.loads(text)
    data["schema"]["version"] = "1.7"
    data["weather"] = {"rain": True}
    data["cases"][0]["mood"] = "good"
    read = Results.from_text(json.dumps(data), "r.json")
    assert json.loads(read.to_text()) == data


def test_each_case_has_a_line(text):
    assert sum(line.startswith('{"id"') for line in text.splitlines()) == 2


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_text_in_a_document_survives(value):
    results = addition(["none"])
    results.data["note"] = value
    assert Results.from_text(results.to_text(), "r.json").data["note"] == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_never_written(tmp_path, number):
    path = tmp_path / "r.json"
    results = addition(["dense"])
    results.write(path)
    before = path.read_bytes()
    results.cases[0]["metrics"]["accuracy"]["value"] = number
    with pytest.raises(ValueError, match="not JSON compliant"):
        results.write(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_not_finite_is_refused(text, written):
    broken = text.replace('"seed": 0', f'"seed": {written}', 1)
    assert broken != text
    assert "damaged" in refused_text(broken)


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    (tmp_path / "addition-1.json").touch()
    assert f"Did you mean {tmp_path / 'addition-1.json'}?" in refused(tmp_path / "adition-1.json")


def test_a_missing_folder_is_named(tmp_path):
    assert f"folder {tmp_path / 'resluts'} does not exist" in refused(tmp_path / "resluts" / "a.json")


def test_a_folder_suggests_the_last_document_in_it(tmp_path):
    for name in ("a-2025.json", "a-2026.json"):
        (tmp_path / name).touch()
    assert f"such as {tmp_path / 'a-2026.json'}" in refused(tmp_path)


def test_a_binary_file_is_no_document(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"\x80\x02}q\x00.")
    assert "byte 0 is not UTF-8" in refused(tmp_path / "model.bin")


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "r.json").touch()
    assert "is empty" in refused(tmp_path / "r.json")


def test_a_suite_given_by_mistake_is_recognised():
    suite = Path(__file__).parents[2] / "suites" / "addition.yaml"
    assert "this is a suite, not a results document: `rnnbench run` it" in refused(suite)


def test_other_text_is_said_to_be_no_json(tmp_path):
    (tmp_path / "notes.txt").write_text("Buy milk\n")
    assert ":1:1: is not JSON" in refused(tmp_path / "notes.txt")


@given(st.data())
def test_a_document_cut_off_anywhere_is_said_to_be(data):
    text = addition(["none"]).to_text()
    cut = text[: data.draw(st.integers(1, len(text) - 3))]
    assert "the document ends in the middle" in refused_text(cut)


def test_a_newer_major_version_is_not_comparable(text):
    message = refused_text(changed(text, "schema", "version", value="2.0"), ExitCode.NOT_COMPARABLE)
    assert "schema version 2.0, this rnnbench reads 1.x: update rnnbench" in message


def test_an_older_major_version_asks_for_a_new_run(text):
    message = refused_text(changed(text, "schema", "version", value="0.9"), ExitCode.NOT_COMPARABLE)
    assert "run the suite again" in message


@pytest.mark.parametrize("version", ["1", "one.zero", "", 1.0, None, "9" * 5000 + ".0", "-1.0"])
def test_a_version_must_look_like_one(text, version):
    assert "schema.version" in refused_text(changed(text, "schema", "version", value=version))


def test_json_that_is_something_else_is_said_to_be(text):
    assert "no 'schema' at its top" in refused_text('{"name": "package"}')
    assert "no 'schema' at its top" in refused_text("[1, 2]")
    assert "schema.name is 'other.format'" in refused_text(changed(text, "schema", "name", value="other.format"))
    assert "schema.name is None" in refused_text(changed(text, "schema", value=[]))


def test_absurd_nesting_is_refused():
    assert "nested too deeply" in refused_text("[" * 200_000)


def test_an_absurdly_long_integer_is_refused(text):
    assert "damaged" in refused_text(text.replace('"seed": 0', f'"seed": {"9" * 10_000}', 1))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("cases",), {}, "cases: expected a list, found {}"),
        (("cases", 1), "dense", "cases[1]: expected a mapping, found 'dense'"),
        (("cases", 1, "name"), 7, "cases[1].name: expected text, found 7"),
        (("cases", 0, "metrics", "accuracy"), 1.0, "cases[0].metrics.accuracy: expected a mapping, found 1.0"),
        (("cases", 0, "metrics", "accuracy", "value"), True, "metrics.accuracy.value: expected a number or null"),
        (("cases", 0, "metrics", "accuracy", "ci95"), [0.5], "ci95: expected [low, high] or null, found [0.5]"),
        (("cases", 0, "metrics", "accuracy", "ci95"), [0.6, 0.5], "ci95: expected [low, high] or null"),
        (("cases", 0, "metrics", "accuracy", "ci95"), ["a", 1], "ci95[0]: expected a number, found 'a'"),
        (("cases", 0, "metrics", "accuracy", "samples"), [1], "samples[0]: expected a list, found 1"),
        (("cases", 0, "metrics", "accuracy", "samples"), [[1, "x"]], "samples[0][1]: expected a number or null"),
        (("cases", 0, "metrics", "accuracy", "flags"), None, "flags: expected a list, found None"),
        (("cases", 0, "reason"), 3, "cases[0].reason: expected text or null, found 3"),
        (("suite", "resolved"), None, "suite.resolved: expected a mapping, found None"),
        (("findings",), ["text"], "findings[0]: expected a mapping, found 'text'"),
        (("findings",), [{}], "findings[0]: 'text' is missing"),
        (("warnings",), [None], "warnings[0]: expected text, found None"),
        (("run",), "x" * 1000, "run: expected a mapping, found 'xxx"),
    ],
)
def test_damage_is_named_by_its_path(text, path, value, message):
    said = refused_text(changed(text, *path, value=value))
    assert message in said
    assert len(said) < 200


@pytest.mark.parametrize("section", ["run", "suite", "provenance", "machine", "conditions", "cases", "findings"])
def test_a_missing_section_is_named(text, section):
    data = json.loads(text)
    del data[section]
    assert f"'{section}' is missing" in refused_text(json.dumps(data))
