"""JSON kept in a cache: a file that cannot be read or written is as good as none."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_mapping(path: Path) -> dict[str, Any]:
    """Return the mapping in a file; an empty one where there is no such file or no mapping in it."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def write_mapping(path: Path, said: Mapping[str, Any]) -> None:
    """Write a mapping, wholly or not at all, beside other processes that do so; whatever is in the way is ignored."""
    # No cache is a reason to stop a measurement.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            temporary.write_text(json.dumps(said, sort_keys=True), encoding="utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
