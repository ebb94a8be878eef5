"""Head over base, for each metric of each case of a document of paired rounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnbench.analysis.signed_rank import centre, interval
from rnnbench.analysis.statistics import Interval
from rnnbench.results.paired import Paired


@dataclass(frozen=True)
class Ratio:
    """What the rounds of a metric of a case say together.

    Attributes
    ----------
    case, metric
        Name and key.
    base, head
        Typical times in seconds; their quotient is near the ratio, not equal to it.
    ratio, interval
        Hodges-Lehmann estimate of head over base, with its exact 95 % interval (None from fewer than 6 rounds).
    rounds
        How many.
    """

    case: str
    metric: str
    base: float
    head: float
    ratio: float
    interval: Interval | None
    rounds: int


def ratios(document: Paired) -> Iterator[Ratio]:
    """Yield a ratio for each metric of each case that has rounds, whether or not the case failed later."""
    for case in document.cases:
        for key, record in case["metrics"].items():
            if record["log_ratios"]:
                found = np.array(record["log_ratios"], dtype=np.float64)
                low, high = (float(end) for end in interval(found))
                ends = (math.exp(low), math.exp(high)) if math.isfinite(low) else None
                times = typical_times(document, record)
                yield Ratio(case["name"], key, *times, math.exp(centre(found)), ends, len(found))


def typical_times(document: Paired, record: Mapping[str, Any]) -> tuple[float, float]:
    """Return typical times of base and head over all rounds of a metric, in seconds."""
    logarithms = np.log(np.array(record["seconds"], dtype=np.float64))
    outer, inner = logarithms[:, [0, 3]].mean(axis=1), logarithms[:, [1, 2]].mean(axis=1)
    abba = np.array([document.rounds[index]["order"] == "ABBA" for index in record["rounds"]])
    base, head = np.where(abba, outer, inner), np.where(abba, inner, outer)
    return math.exp(np.median(base)), math.exp(np.median(head))
