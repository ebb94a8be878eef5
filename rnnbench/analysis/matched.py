"""Findings on what is learnt where hidden sizes were matched: at equal size, with as many parameters, or as much time.

Tests and their adjustment are those of :mod:`rnnbench.analysis.learning`: one family over the whole document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnbench.analysis.contrast import MATCH, UNMATCHED, Case, Contrast, Group, label, match_of
from rnnbench.analysis.learning import (
    Comparison,
    Learned,
    asked,
    comparisons,
    iterations,
    learners_of,
    success,
)
from rnnbench.analysis.learning_findings import against_baseline
from rnnbench.analysis.wording import Finding, hundredths, listing, plural, sentence, share, with_interval

_KINDS = {
    UNMATCHED: "at equal hidden size",
    "parameters": "with as many parameters",
    "time": "with as much time per iteration",
}
"""By what was matched, as a sentence begins."""


def unmatched(groups: Sequence[Group]) -> list[Group]:
    """Return the groups of cases that have the hidden size that the suite gives, all if there is none."""
    given = [group for group in groups if all(match_of(case) == UNMATCHED for case in group.cases.values())]
    return given or list(groups)


def matched_findings(contrast: Contrast, groups: Sequence[Group]) -> list[Finding]:
    """Return what the baseline learns, and for each kind of match how the others compare with it."""
    learners = learners_of(contrast.baseline, groups)
    if not learners:
        return []
    found = [item for item in comparisons(contrast.baseline, learners) if not item.controls]
    said = [_baseline(contrast, learners)]
    for kind, beginning in _KINDS.items():
        own = [_named(contrast, item) for item in found if match_of(item.second.case) == kind]
        if own:
            finding = against_baseline(own, [""], len(found))
            text = f"{beginning}{_reached(own)}, {finding['text']}"
            said.append({**finding, "text": sentence(text.removesuffix(".")), "match": kind})
    return said


def _baseline(contrast: Contrast, learners: Sequence[dict[str, Learned]]) -> Finding:
    """Return what the baseline learns, each case once however often it is held against others."""
    bases = {base.case["name"]: base for group in learners for base in [group[contrast.baseline]]}
    told = [
        f"{with_interval(base.accuracy, base.interval, share)} ({_setting(contrast, base.case)}"
        f"{base.solved} of {plural(base.replicas, 'seed')} {success([base.case])}{base.loss_text()})"
        for base in bases.values()
    ]
    first = next(iter(bases.values())).case
    text = f"{contrast.baseline} gets {listing(told)} {asked([first])} after {iterations([first])}"
    return {"text": sentence(text), "baseline": [base.figures() for base in bases.values()]}


def _setting(contrast: Contrast, case: Case) -> str:
    """Return what sets a case's group apart, its match aside: ``lstm, ``."""
    axes = [axis for axis in contrast.varying if axis != MATCH]
    return "".join(f"{label(axis, case['parameters'][axis])}, " for axis in axes if axis in case["parameters"])


def _named(contrast: Contrast, comparison: Comparison) -> Comparison:
    """Return a comparison whose second case is called by its setting and hidden size, too."""
    case = comparison.second.case
    setting = _setting(contrast, case).replace(", ", " ")
    size = "" if match_of(case) == UNMATCHED else f" of {case['parameters']['hidden']} units"
    return replace(comparison, second=replace(comparison.second, label=f"{setting}{comparison.second.label}{size}"))


def _reached(found: Sequence[Comparison]) -> str:
    """Return how near the matches came: `` (0.98x to 1.01x of the reference's)``."""
    ratios = [item.second.case["metrics"].get("match_ratio") for item in found]
    known = sorted(ratio["value"] for ratio in ratios if ratio and ratio["value"] is not None)
    if not known:
        return ""
    low, high = hundredths(known[0]), hundredths(known[-1])
    return f" ({low}x of the reference's)" if low == high else f" ({low}x to {high}x of the reference's)"
