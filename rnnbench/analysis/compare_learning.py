"""How what was learnt changes: exact tests over replicas, in pairs.

Replica r of a case has the same initial weights and data in both runs, so replicas are compared in pairs; where
nothing that computes changed, they learn the very same, and that is what "same" means here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from rnnbench.analysis.align import Case
from rnnbench.analysis.change import Change
from rnnbench.analysis.compare_timing import Pair
from rnnbench.analysis.statistics import bootstrap_mean_interval, paired_permutation_test, sign_test
from rnnbench.analysis.verdict import FALSE_DISCOVERIES, Verdict, adjusted, directed
from rnnbench.results.figure import Form


def learning_changes(pairs: Sequence[Pair], key: str, form: Form, better: str) -> list[Change]:
    """Return the change of what replicas learn in each pair of cases, all of which have it.

    Accuracy and loss: the mean difference of pairs, its bootstrap interval, a permutation test. Seeds that solve the
    task, and when: the sign test on pairs (on successes it is McNemar's). Cases whose numbers of replicas differ are
    left without a test.
    """
    samples = [(_samples(first, key, form), _samples(second, key, form)) for first, second in pairs]
    p_values = [_p(base, new, form) for base, new in samples]
    changes = []
    for pair, (base, new), p, q in zip(pairs, samples, p_values, adjusted(p_values), strict=True):
        before, after = (case["metrics"][key]["value"] for case in pair)
        differences = _differences(base, new) if p is not None else []
        means = form == "replicas" and base != new and bool(differences)
        changes.append(
            Change(
                pair[0]["id"],
                pair[0]["name"],
                before,
                after,
                _verdict(base == new, differences, q, better),
                difference=after - before,
                interval=bootstrap_mean_interval(differences) if means else None,
                p=p,
                q=q,
                shown=(_share(base), _share(new)) if form == "proportion" else None,
                identical=base == new,
            )
        )
    return changes


def _samples(case: Case, key: str, form: Form) -> list[float]:
    """Return a value per replica: of a time to get there infinity, of anything else NaN, where a replica has none."""
    missing = math.inf if form == "censored" else math.nan
    return [missing if value is None else value for value in case["metrics"][key]["samples"][0]]


def _p(base: Sequence[float], new: Sequence[float], form: Form) -> float | None:
    if len(base) != len(new) or any(map(math.isnan, [*base, *new])):
        return None
    return paired_permutation_test(new, base) if form == "replicas" else sign_test(new, base)


def _differences(base: Sequence[float], new: Sequence[float]) -> list[float]:
    """Return new - base of each pair; a replica that got there in neither run makes no difference."""
    return [0.0 if after == before else after - before for before, after in zip(base, new, strict=True)]


def _verdict(identical: bool, differences: Sequence[float], q: float | None, better: str) -> Verdict:
    if identical:
        return Verdict.SAME
    if q is None or q > FALSE_DISCOVERIES:
        return Verdict.INCONCLUSIVE
    signs = [math.copysign(min(abs(difference), 1.0), difference) for difference in differences]
    return directed(fmean(signs) < 0, better)


def _share(values: Sequence[float]) -> str:
    return f"{sum(map(bool, values))}/{len(values)}"
