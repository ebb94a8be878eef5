"""What a screening points at, and how many rounds decide: the part of the paired gate that a run needs half-way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnbench.analysis.limits import Limits
from rnnbench.analysis.paired import flagged, noise_of
from rnnbench.results.paired import Paired


@dataclass(frozen=True)
class Pointed:
    """What has to be decided: cases, by name, how many gated timings they have together, and the noisiest's noise over
    its limit (see :func:`rnnbench.analysis.paired.noise_of`)."""

    cases: tuple[str, ...]
    timings: int
    noise: float


def gated_timings(document: Paired, limits: Limits) -> dict[str, list[str]]:
    """Return the gated metrics of each case that has not failed and has any."""
    timings = {
        case["name"]: [key for key in case["metrics"] if limits.limit(key, case["name"]) is not None]
        for case in document.cases
        if case["status"] == "ok"
    }
    return {name: keys for name, keys in timings.items() if keys}


def pointed_at(document: Paired, limits: Limits) -> Pointed:
    """Return the cases of which some gated timing got slower or faster, after the screening rounds of ``document``.

    Fresh rounds are taken of whole cases: all their gated timings are decided, and share the error rate.
    """
    timings = gated_timings(document, limits)
    found, noise = [], 0.0
    for case in document.cases:
        keys = timings.get(case["name"], [])
        if keys:
            ratios = np.array([case["metrics"][key]["log_ratios"] for key in keys])
            held = np.array([limits.limit(key, case["name"]) for key in keys], dtype=np.float64)
            if np.any(flagged(ratios, held)):
                found.append(case["name"])
                noise = max(noise, float(np.max(noise_of(ratios, held))))
    return Pointed(tuple(found), sum(len(timings[name]) for name in found), noise)
