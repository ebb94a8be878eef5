"""Two machines beside each other: what can be compared between them is what was measured within each.

A ratio of times on two machines says as much of the machines as of what ran on them. How much faster one case is than
another *on one machine* is a figure that two machines can agree on, and so is the order in which they put the cases.
How near a time comes to the least that its machine allows is held against that machine, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnbench.analysis.align import Case, Pairing
from rnnbench.analysis.change import Change
from rnnbench.analysis.compare_timing import Pair, timing_changes
from rnnbench.analysis.statistics import Interval
from rnnbench.analysis.verdict import MARGIN


@dataclass(frozen=True)
class Within:
    """A case over the baseline of its suite's contrast, on each of two machines (``ratio`` and ``interval``)."""

    name: str
    baseline: str
    base: Change
    new: Change


@dataclass(frozen=True)
class RankAgreement:
    """How far two machines order the cases alike, by the time of one metric.

    Attributes
    ----------
    tau
        Kendall's tau: share of pairs in the same order minus share in the other.
    told_apart
        Pairs whose 95 % intervals do not overlap on either machine.
    alike
        How many of these both machines order alike.
    """

    tau: float
    told_apart: int
    alike: int


@dataclass(frozen=True)
class Reached:
    """What share of its machine's roofline a case reaches on each of two machines, and ``ratio``, new's over base's.

    ``interval`` is that of the ratio; floors have no noise, so it is that of the times.
    """

    name: str
    base: float
    new: float
    ratio: float
    interval: Interval | None


def roofline_shares(pairing: Pairing, key: str, changes: Sequence[Change]) -> list[Reached]:
    """Return the shares of each case whose time ``key`` (``training_time.layer``) both documents hold against a floor.

    ``changes`` are those of the time.
    """
    name, _, scope = key.partition(".")
    fraction = f"flops_fraction.{name.removesuffix('_time')}.{scope}"
    pairs = {pair[0]["id"]: pair for pair in pairing.common}
    found = []
    for change in changes:
        base, new = (_share(case, fraction) for case in pairs.get(change.id, ({}, {})))
        if change.ratio and base and new:
            # A share is a floor over a time: as the time rises, the share falls.
            scale, ends = new / base * change.ratio, change.interval
            interval = (scale / ends[1], scale / ends[0]) if ends else None
            found.append(Reached(change.name, base, new, new / base, interval))
    return found


def _share(case: Case, fraction: str) -> float | None:
    """Return the floor over the time of a case, where its document says it."""
    record = case.get("metrics", {}).get(fraction)
    share = record["details"].get("floor_fraction") if record else None
    return share if isinstance(share, float) and share > 0 else None


def within_machines(pairing: Pairing, key: str) -> list[Within]:
    """Return every case that both documents have over its baseline, on each machine.

    Baselines are those of the contrast of base's suite; without one there is nothing to return.
    """
    from rnnbench.analysis.contrast import contrast_of  # it imports pydantic, which takes its time

    others = {first["id"]: second for first, second in pairing.common}
    contrast = contrast_of(pairing.base.results.data)
    pairs: list[tuple[Pair, Pair]] = []
    for group in contrast.complete() if contrast else ():
        baseline = group.cases[group.baseline]
        for case in group.others().values():
            here = (baseline, case)
            there = tuple(others[one["id"]] for one in here if one["id"] in others)
            if len(there) == 2 and all(_measured(one, key) for one in (*here, *there)):
                pairs.append((here, there))
    if not pairs:
        return []
    sides = [timing_changes([pair[side] for pair in pairs], key, "lower", MARGIN)[0] for side in (0, 1)]
    return [
        Within(case["name"], baseline["name"], base, new)
        for ((baseline, case), _), base, new in zip(pairs, *sides, strict=True)
    ]


# Kendall, "A new measure of rank correlation", Biometrika 30 (1938); ties count for neither order.
def rank_agreement(pairing: Pairing, key: str) -> RankAgreement | None:
    """Return how far the machines order the cases alike, or None for fewer than three cases."""
    import numpy as np

    records = [
        [case["metrics"][key] for case in pair] for pair in pairing.common if all(_measured(case, key) for case in pair)
    ]
    if len(records) < 3:
        return None
    orders, apart = [], []
    for side in (0, 1):
        values = np.array([record[side]["value"] for record in records])
        low, high = np.array([record[side]["ci95"] or (-np.inf, np.inf) for record in records]).T
        orders.append(np.sign(values[:, None] - values[None, :]).astype(np.int8))
        apart.append((low[:, None] > high[None, :]) | (high[:, None] < low[None, :]))
    once = np.triu(np.ones((len(records), len(records)), dtype=bool), 1)
    agreement = (orders[0] * orders[1])[once]
    sure = (apart[0] & apart[1])[once]
    return RankAgreement(float(agreement.mean()), int(sure.sum()), int((agreement[sure] > 0).sum()))


def _measured(case: Case, key: str) -> bool:
    return key in case["metrics"] and case["metrics"][key]["value"] is not None
