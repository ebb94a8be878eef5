"""Where this user's caches are, on each system."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for what rnnbench may find out or compile again; it need not exist yet.

    Raises
    ------
    RuntimeError
        The user has no home.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rnnbench"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "rnnbench"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rnnbench"
