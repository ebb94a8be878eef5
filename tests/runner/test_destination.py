"""Results go where they can be written, under a name that overwrites nothing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from standin import StandInExecutor, request

from rnnbench.errors import RnnbenchError
from rnnbench.runner.destination import prepare, unused_path
from rnnbench.runner.run import Settings, run

NOW = datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))


def test_a_name_says_suite_and_time_in_utc(tmp_path: Path):
    assert unused_path(tmp_path, "addition", NOW) == tmp_path / "addition-20260102T030405Z.json"


def test_an_existing_file_is_never_the_name(tmp_path: Path):
    for expected in ("a-20260102T030405Z.json", "a-20260102T030405Z-2.json", "a-20260102T030405Z-3.json"):
        path = unused_path(tmp_path, "a", NOW)
        assert path.name == expected
        path.touch()


@pytest.mark.parametrize(("name", "stem"), [("../../etc/x y", "etc-x-y"), ("...", "suite"), ("a/b", "a-b")])
def test_names_are_made_safe(tmp_path: Path, name, stem):
    path = unused_path(tmp_path, name, NOW)
    assert path == tmp_path / f"{stem}-20260102T030405Z.json"


def test_missing_folders_are_made_and_nothing_else(tmp_path: Path):
    prepare(tmp_path / "a" / "b" / "out.json")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RnnbenchError, match=r"file/out\.json: cannot be written .* with -o"):
        prepare(tmp_path / "file" / "out.json")


def test_a_read_only_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Not by permissions: the tests may run as root, whom they do not bind.
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(RnnbenchError, match=r"Permission denied.* with -o"):
        prepare(tmp_path / "out.json")


@pytest.mark.parametrize("content", ["my thesis", "{}", '{"schema": {"name": "other", "version": "1.0"}}'])
def test_somebody_elses_file_is_not_overwritten(tmp_path: Path, content):
    file = tmp_path / "out.json"
    file.write_text(content)
    with pytest.raises(RnnbenchError, match="not overwritten"):
        prepare(file)
    assert file.read_text() == content


def test_earlier_results_and_an_empty_file_may_be_overwritten(tmp_path: Path):
    asked = request(tmp_path)
    run(asked.load(), asked, StandInExecutor(), Settings(tmp_path / "out.json"))
    prepare(tmp_path / "out.json")
    (tmp_path / "empty").touch()
    prepare(tmp_path / "empty")


def test_a_device_may_be_written():
    prepare(Path("/dev/null"))
