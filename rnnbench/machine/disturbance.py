"""Whether a while of timing was disturbed, by what its conditions say, and never by the times themselves: a launch set
aside for being slow would make every figure too good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DISTURBED_SHARE = 0.02
"""Of the while: a timing is precise to 1 %, and time lost to others shows in it once or twice over."""
_LOST = {
    "steal_seconds": "other guests of this machine's host took {lost:.2g} s of {seconds:.2g} s",
    "throttled_seconds": "its quota of processor time held it back for {lost:.2g} s of {seconds:.2g} s",
    "waiting_seconds": "it waited for a core for {lost:.2g} s of {seconds:.2g} s",
}


def disturbances(conditions: Mapping[str, Any]) -> list[str]:
    """Return what disturbed, as phrases; nothing where all was well, or the platform does not say."""
    seconds = conditions["seconds"]
    found = [
        phrase.format(lost=conditions[key], seconds=seconds)
        for key, phrase in _LOST.items()
        if conditions[key] is not None and conditions[key] > DISTURBED_SHARE * seconds
    ]
    if conditions["throttle_count"]:
        found.append(f"heat slowed the processor {conditions['throttle_count']} times")
    return found
