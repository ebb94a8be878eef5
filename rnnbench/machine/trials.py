"""What was tried out on this machine once, so that every process decides alike: seconds by name, kept in a file.

The file belongs to one machine fingerprint. It is a cache: one that cannot be read or written is as good as none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rnnbench.machine.cache_file import read_mapping, write_mapping
from rnnbench.machine.cache_folder import cache_folder
from rnnbench.machine.fingerprint import machine

Seconds = Mapping[str, float]


def tried(question: str, measure: Callable[[], Seconds]) -> Seconds:
    """Return what ``measure`` returned when ``question`` was asked first on this machine.

    Parameters
    ----------
    question
        Everything the answer depends on, beside the machine.
    measure
        Takes the trial: seconds of each candidate by name.
    """
    found = _answer(_read().get(question))
    if found is not None:
        return found
    answer = dict(measure())
    _write({**_read(), question: answer})
    return answer


def _answer(found: Any) -> Seconds | None:
    """Return what the file says if it has the form of an answer."""
    if not isinstance(found, dict) or not found:
        return None
    return found if all(isinstance(value, float) and value > 0 for value in found.values()) else None


@cache
def _path() -> Path:
    return cache_folder() / f"trials-{machine()['fingerprint']}.json"


def _read() -> dict[str, Any]:
    try:
        return read_mapping(_path())
    except RuntimeError:  # the user has no home
        return {}


def _write(said: Mapping[str, Any]) -> None:
    with contextlib.suppress(RuntimeError):
        write_mapping(_path(), said)
