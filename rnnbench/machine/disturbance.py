"""Whether a while of timing was disturbed, by what its conditions say, and never by the times themselves: a launch set
aside for being slow would make every figure too good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DISTURBED_SHARE = 0.02
"""Of the while, taken by what stops the whole machine: a timing is precise to 1 %, and time lost shows in it."""
CONTENDED_SHARE = 0.05
"""Of the while, taken by other processes. They are counted in ticks of 10 ms, which is coarser."""
_LOST = {
    "steal_seconds": "other guests of this machine's host took {lost:.2g} s of {seconds:.2g} s",
    "throttled_seconds": "its quota of processor time held it back for {lost:.2g} s of {seconds:.2g} s",
}


def disturbances(conditions: Mapping[str, Any]) -> list[str]:
    """Return what disturbed, as phrases; nothing where all was well, or the platform does not say.

    Threads of one process wait for each other's cores, too, which is nobody's fault: waiting disturbs as far as other
    processes had cores meanwhile.
    """
    seconds = conditions["seconds"]
    found = [
        phrase.format(lost=conditions[key], seconds=seconds)
        for key, phrase in _LOST.items()
        if conditions[key] is not None and conditions[key] > DISTURBED_SHARE * seconds
    ]
    waiting, others = conditions["waiting_seconds"], conditions["others_seconds"]
    if waiting is not None and others is not None and min(waiting, others) > CONTENDED_SHARE * seconds:
        found.append(
            f"it waited for a core for {waiting:.2g} s of {seconds:.2g} s, in which other processes worked for "
            f"{others:.2g} s"
        )
    if conditions["throttle_count"]:
        found.append(f"heat slowed the processor {conditions['throttle_count']} times")
    return found
