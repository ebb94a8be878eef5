"""Where results come from: the commit of the folder that a run was started in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

_TIMEOUT_SECONDS = 10.0


def git(folder: Path | None = None) -> dict[str, Any] | None:
    """Return ``{"commit", "branch", "dirty"}`` of ``folder`` (the current one unless given).

    ``branch`` is None on a detached head; ``dirty`` says whether tracked files differ from the commit. None where git,
    a repository or its first commit is missing: provenance never fails a run.
    """
    program = shutil.which("git")
    if program is None:
        return None
    try:
        commit = _ask(program, folder, "rev-parse", "--verify", "HEAD")
        branch = _ask(program, folder, "rev-parse", "--abbrev-ref", "HEAD")
        changes = _ask(program, folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "branch": None if branch == "HEAD" else branch, "dirty": bool(changes)}


def _ask(program: str, folder: Path | None, *arguments: str) -> str:
    # A repository's own configuration must not start programs (fsmonitor), and asking must not write to it.
    command = [program, "-c", "core.fsmonitor=false", *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    answer = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=True,
    )
    return answer.stdout.strip()
