"""Files that suites name are regular, and no more of them is read than a limit."""

import os

import pytest

from rnnbench.named_file import read_regular_file, sha256


def test_a_file_within_the_limit_is_read(tmp_path):
    path = tmp_path / "given"
    path.write_bytes(b"12345")
    assert read_regular_file(str(path), "text", 5, "use a part") == b"12345"
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_what_is_no_file_to_read_is_refused(tmp_path):
    def refused(name, most=2_000_000):
        with pytest.raises(ValueError) as caught:
            read_regular_file(str(tmp_path / name), "matrix", most, "use a smaller one")
        return str(caught.value)

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"0" * 2_000_001)
    assert refused(".") == "this is a directory: name a matrix file"
    assert refused("pipe") == "this is no regular file: name a matrix file"
    assert refused("absent").startswith("there is no such file")
    assert refused("empty") == "the file is empty: a matrix is needed"
    assert refused("large") == "the file is larger than 2 MB: use a smaller one"
