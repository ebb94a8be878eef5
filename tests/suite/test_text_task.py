"""A text in a suite: where its path starts, what is refused before anything runs, and what makes it another case."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnbench.errors import RnnbenchError
from rnnbench.runner.resume import check_suite
from rnnbench.suite.loader import load_suite

TEXT = "the quick brown fox jumps over the lazy dog\n" * 100
SUITE = "version: 1\nname: s\nmeasure: {training: {}}\ndefaults: {task: {text: {path: a.txt}}}\n"


@pytest.fixture
def corpora(tmp_path):
    """A folder of files beside the suite."""
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b.txt").write_text(TEXT)
    (tmp_path / "c.txt").write_text(TEXT.upper())
    (tmp_path / "empty.txt").touch()
    (tmp_path / "same.txt").write_text("a" * 1000)
    (tmp_path / "short.txt").write_text("ab" * 100)
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9 au lait" * 100)
    return tmp_path


def task_of(suite):
    (case,) = suite.cases
    return case.parameters.task


def test_the_hash_of_the_text_is_part_of_the_case(load, corpora):
    task = task_of(load(SUITE))
    assert task.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert task.input_size == 28
    assert load(SUITE).resolved["defaults"]["task"]["text"]["sha256"] == task.sha256


def test_the_same_path_with_another_text_is_another_case(load, corpora):
    before = load(SUITE).cases[0].id
    (corpora / "a.txt").write_text(TEXT + "x")
    assert load(SUITE).cases[0].id != before


def test_a_document_of_another_text_is_not_resumed(load, corpora):
    suite = load(SUITE)
    entries = [{"name": case.name, "parameters": case.resolved()} for case in suite.cases]
    document = SimpleNamespace(suite={"resolved": suite.resolved}, cases=entries)
    check_suite(document, load(SUITE), "s.json")
    (corpora / "a.txt").write_text(TEXT + "x")
    with pytest.raises(RnnbenchError, match=r"s\.json: cannot be resumed: .*another one") as refused:
        check_suite(document, load(SUITE), "s.json")
    assert "sha256" in refused.value.message


def test_the_same_text_in_another_place_is_the_same_case(load, corpora):
    assert load(SUITE).cases[0].id == load(SUITE.replace("a.txt", "folder/b.txt")).cases[0].id
    assert load(SUITE).cases[0].id != load(SUITE.replace("a.txt", "c.txt")).cases[0].id
    assert load(SUITE).cases[0].id != load(SUITE, "task=text(a.txt,32)").cases[0].id


def test_a_path_starts_at_the_folder_of_the_suite(corpora, monkeypatch):
    (corpora / "folder" / "s.yaml").write_text(SUITE.replace("a.txt", "b.txt"))
    monkeypatch.chdir(corpora)
    for path in (Path("folder/s.yaml"), corpora / "folder" / "s.yaml"):
        assert task_of(load_suite(path)).path == str(path.parent / "b.txt")
        assert task_of(load_suite(path, ["task=text(../c.txt)"])).path == str(path.parent / "../c.txt")
        assert task_of(load_suite(path, [f"task=text({corpora / 'c.txt'})"])).path == str(corpora / "c.txt")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.txt", "there is no such file (a path starts at the folder of the suite)"),
        ("empty.txt", "the file is empty: a text is needed"),
        ("same.txt", "the text has one distinct character: there is nothing to predict"),
        ("latin.txt", "byte 0xe9 in line 1 is not UTF-8: save the file in that encoding"),
        ("folder", "this is a directory: name a text file"),
    ],
)
def test_files_that_are_refused(problems, corpora, name, reason):
    assert problems(SUITE.replace("a.txt", name)) == [f"s.yaml:4:32 defaults.task.text.path: {reason}"]
    assert problems(SUITE, f"task=text({name})") == [f"--set task=text({name}) task.text.path: {reason}"]


def test_a_text_shorter_than_its_windows(problems, corpora):
    (line,) = problems(SUITE.replace("a.txt", "short.txt"))
    assert line.startswith("s.yaml:4:25 defaults.task.text: the text is too short: its last tenth, 20 characters,")


def test_a_hash_that_a_suite_writes_down_must_be_the_files(load, problems, corpora):
    right = hashlib.sha256(TEXT.encode()).hexdigest()
    written = "{path: a.txt, sha256: HASH}"
    assert load(SUITE.replace("{path: a.txt}", written.replace("HASH", right))).cases[0].id == load(SUITE).cases[0].id
    (line,) = problems(SUITE.replace("{path: a.txt}", written.replace("HASH", f"'{'0' * 64}'")))
    assert line == f"s.yaml:4:47 defaults.task.text.sha256: the text is another one: its sha256 is {right}"
    (line,) = problems(SUITE.replace("{path: a.txt}", written.replace("HASH", "abc")))
    assert line.endswith("a sha256 has 64 hexadecimal digits in lower case")


def test_tasks_too_short_for_their_markers(problems):
    suite = "version: 1\nname: s\nmeasure: {training: {}}\nmatrix: {task: [adding(1), copying(0), temporal_order(9)]}\n"
    assert problems(suite) == [
        "s.yaml:4:17 matrix.task[0].adding.length: 1 is too short for two markers, one in each half: use 2 or more",
        "s.yaml:4:28 matrix.task[1].copying.blanks: 0 is too short for the marker: use 1 or more",
        "s.yaml:4:40 matrix.task[2].temporal_order.length: 9 is too short for markers in its second and its fifth "
        "tenth: use 10 or more",
        "3 problems in s.yaml",
    ]
