import pytest

from rnnbench.suite.problem import SuiteError
from rnnbench.suite.source_file import MAX_BYTES, read_source_file


def complaint(path):
    with pytest.raises(SuiteError) as caught:
        read_source_file(path)
    return caught.value.message


def test_text_and_hash(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: \xc3\xa9\n")
    file = read_source_file(path)
    assert file.text == "name: é\n"
    assert len(file.sha256) == 64


def test_a_missing_file_suggests_a_near_one(tmp_path):
    (tmp_path / "addition.yaml").touch()
    assert complaint(tmp_path / "adition.yaml").endswith(f"no such file: did you mean {tmp_path / 'addition.yaml'}?")
    assert complaint(tmp_path / "addition").endswith(f"no such file: did you mean {tmp_path / 'addition.yaml'}?")
    assert complaint(tmp_path / "qqq").endswith("there is no such file; suites there: addition.yaml")
    assert complaint(tmp_path / "nowhere" / "qqq").endswith("there is no such file")


def test_a_missing_file_here_is_looked_for_under_suites(tmp_path, monkeypatch):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "addition.yaml").touch()
    monkeypatch.chdir(tmp_path)
    from pathlib import Path

    assert (
        complaint(Path("addition.yaml")) == "addition.yaml: there is no such file: did you mean suites/addition.yaml?"
    )


def test_a_directory(tmp_path):
    assert complaint(tmp_path) == f"{tmp_path}: a directory: name a suite file"
    (tmp_path / "a.yaml").touch()
    assert complaint(tmp_path) == f"{tmp_path}: a directory: name a suite file in it, such as {tmp_path / 'a.yaml'}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ": an empty file: see docs/suites.md"),
        (b" \n\n", ": an empty file: see docs/suites.md"),
        (b"\x7fELF\0\0", ": a binary file: a suite is YAML text in UTF-8"),
        ("name: x".encode("utf-16"), ": a binary file"),
        ("a: 1\nname: é".encode("latin-1"), ":2:7: byte 0xe9 is not UTF-8: save the file in that encoding"),
        (b"#" * (MAX_BYTES + 1), ": larger than 1 MB: this is no suite"),
    ],
)
def test_what_is_no_text(tmp_path, data, message):
    path = tmp_path / "s.yaml"
    path.write_bytes(data)
    assert complaint(path).startswith(f"{path}{message}")


def test_a_name_that_no_file_can_have(tmp_path):
    assert "cannot be read" in complaint(tmp_path / "a\0b")


def test_an_endless_file_is_not_read_to_its_end():
    from pathlib import Path

    assert complaint(Path("/dev/zero")) == "/dev/zero: larger than 1 MB: this is no suite"
