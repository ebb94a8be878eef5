"""Text: windows, the held-out part, and every file that is no text to learn from."""

import os

import numpy as np
import pytest

from rnnbench.tasks import Text, corpus


def characters(path):
    return np.array([sorted(set(path.read_text())).index(letter) for letter in path.read_text()])


def test_a_window_asks_for_the_next_character_of_the_first_nine_tenths(corpus_file):
    task = Text(path=str(corpus_file), length=30)
    inputs, targets = task.draw(200, np.random.default_rng(0))
    np.testing.assert_array_equal(inputs[1:], targets[:-1])
    learnt = bytes(characters(corpus_file)[:36_000].tolist())
    for sequence in range(200):
        window = bytes([*inputs[:, sequence, 0].tolist(), targets[-1, sequence, 0]])
        assert window in learnt


def test_the_last_tenth_is_held_out_in_windows_that_share_no_answer(corpus_file):
    task = Text(path=str(corpus_file), length=30)
    evaluation = task.evaluation_set(10_000, np.random.default_rng(0))
    held_out = characters(corpus_file)[36_000:]
    inputs, targets = (array[..., 0].T.flatten() for array in evaluation.examples)
    assert evaluation.exhaustive
    np.testing.assert_array_equal(inputs, held_out[: 133 * 30])
    np.testing.assert_array_equal(targets, held_out[1 : 133 * 30 + 1])
    some = task.evaluation_set(10, np.random.default_rng(0))
    assert not some.exhaustive
    assert some.examples.inputs.shape == (30, 10, 1)


def test_sizes_are_the_number_of_distinct_characters(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("åß∂ƒ🙂" * 100, encoding="utf-8")
    task = Text(path=str(path), length=5)
    assert task.input_size == task.output_size == 5
    many = "".join(chr(0x4E00 + index % 300) for index in range(5000))
    path.write_text(many, encoding="utf-8")
    other = Text(path=str(path), length=6)
    inputs = other.draw(500, np.random.default_rng(0)).inputs
    assert inputs.dtype == np.int32
    assert inputs.max() == other.input_size - 1 == 299


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"aaaa", "one distinct character"),
        (b"ab\ncd\xff", "byte 0xff in line 2 is not UTF-8"),
        (
            "".join(map(chr, range(0x4E00, 0x4E00 + 4097))).encode(),
            "4,097 distinct characters: use one with at most 4,096",
        ),
    ],
)
def test_what_is_no_text_to_learn_from(content, reason):
    with pytest.raises(ValueError, match=reason):
        corpus.parse(content)


def test_files_that_are_not_read(tmp_path, monkeypatch):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "large.txt").write_bytes(b"ab" * 10)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(corpus, "MAX_BYTES", 10)
    for name, reason in {
        "missing.txt": "there is no such file",
        "empty.txt": "the file is empty",
        "large.txt": "larger than 0 MB",
        ".": "a directory",
        "pipe": "no regular file",
    }.items():
        with pytest.raises(ValueError, match=reason):
            corpus.read_bytes(str(tmp_path / name))


def test_a_text_that_changed_after_the_suite_was_read_is_refused(corpus_file):
    task = Text(path=str(corpus_file), sha256=corpus.sha256(corpus_file.read_bytes()))
    task.check()
    changed = corpus_file.with_name("changed.txt")
    changed.write_text("another text")
    with pytest.raises(ValueError, match="the text has changed"):
        task.model_copy(update={"path": str(changed)}).check()


def test_a_text_must_hold_windows_of_the_length_asked_for(corpus_file):
    task = Text(path=str(corpus_file))
    assert task.at_length(3999).length == 3999
    with pytest.raises(ValueError, match=r"the text is too short: its last tenth, 4000 characters"):
        task.at_length(4000)


def test_a_label_says_path_and_length(corpus_file):
    assert Text(path="a.txt").label() == "text(a.txt,64)"
    assert Text(path="a.txt", length=10, sha256="0" * 64).label() == "text(a.txt,10)"
