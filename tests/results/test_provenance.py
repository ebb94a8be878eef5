"""The commit a run was started from; never a failure."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from rnnbench.results.provenance import git

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def ask(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    answer = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return answer.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    ask(tmp_path, "init", "-q", "-b", "trunk")
    (tmp_path / "file").write_text("one")
    ask(tmp_path, "add", "file")
    ask(tmp_path, "commit", "-q", "-m", "first", "--no-verify")
    return tmp_path


@needs_git
def test_a_clean_commit(repository: Path):
    assert git(repository) == {"commit": ask(repository, "rev-parse", "HEAD"), "branch": "trunk", "dirty": False}


@needs_git
def test_changed_files_are_dirty_and_new_ones_are_not(repository: Path):
    (repository / "results.json").write_text("{}")
    assert git(repository)["dirty"] is False
    (repository / "file").write_text("two")
    assert git(repository)["dirty"] is True


@needs_git
def test_a_detached_head_has_no_branch(repository: Path):
    ask(repository, "checkout", "-q", "--detach")
    assert git(repository)["branch"] is None


@needs_git
def test_a_repositorys_configuration_starts_no_program(repository: Path):
    ask(repository, "config", "core.fsmonitor", f"touch {repository / 'started'}; false")
    assert git(repository)["dirty"] is False
    assert not (repository / "started").exists()


@needs_git
def test_a_repository_without_a_commit_is_none(tmp_path: Path):
    ask(tmp_path, "init", "-q")
    assert git(tmp_path) is None


def test_outside_a_repository_or_without_git_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert git(Path.cwd()) is None
