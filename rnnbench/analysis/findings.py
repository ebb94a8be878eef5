"""Findings: two to five plain sentences that answer the question a suite asks. Only what was measured is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnbench.analysis.contrast import MATCH, Case, contrast_of
from rnnbench.analysis.cost import storage_finding, time_finding, without_floor
from rnnbench.analysis.crossover import crossover_finding
from rnnbench.analysis.equivalence import equivalence_finding
from rnnbench.analysis.growth import growth_finding
from rnnbench.analysis.kernel_contrast import kernel_findings
from rnnbench.analysis.learning_findings import learning_findings
from rnnbench.analysis.lookback import lookback_findings
from rnnbench.analysis.matched import matched_findings, unmatched
from rnnbench.analysis.stored import stored_findings
from rnnbench.analysis.summary import summary_findings
from rnnbench.analysis.wording import MOST_NAMED, Finding, joined, sentence

MOST_FINDINGS = 5


def findings(document: Mapping[str, Any]) -> list[Finding]:
    """Return the findings of a results document, each ``{"text": ..., figures...}``.

    With a contrast: what the baseline learns, which others match it, how the random control with as many weights
    does, what is stored, and what time and memory it takes; where hidden sizes were matched, what is learnt is said for
    equal sizes, parameters and times apart; every other axis is held fixed, and where that leaves
    several settings, ranges and medians are given; where settings differ in bandwidth, the crossover; where the three
    maximum lengths were measured, which binds. Without one: the
    range that the cases cover, and how times grow with sizes. Cases that were not measured in full are named with their
    reason.
    """
    cases: Sequence[Case] = document["cases"]
    said: list[Finding] = []
    contrast = contrast_of(document)
    if contrast is not None:
        groups = contrast.complete()
        if groups:
            matched = MATCH in contrast.varying
            costly = without_floor(unmatched(groups) if matched else groups)
            # Over several sizes, what is stored is a matter of how it grows, unless sizes follow from a match.
            grown = [] if matched else stored_findings(contrast)
            stored: list[Finding | None] = [*grown] or [storage_finding(costly)]
            times: Sequence[Finding | None] = kernel_findings(contrast) or [time_finding(costly)]
            costs = (*stored, *times, crossover_finding(contrast))
            learnt = matched_findings if matched else learning_findings
            said = [*learnt(contrast, groups), *(finding for finding in costs if finding)]
        said += lookback_findings(contrast, cases)
    equivalence = equivalence_finding(cases)
    said += [equivalence] if equivalence else []
    if not said:
        growth = growth_finding(cases)
        said = [*summary_findings(cases), *([growth] if growth else [])]
        if contrast is not None and len(cases) > 1 and said:
            there = any(contrast.baseline in group.cases for group in contrast.groups)
            reason = (
                "was not measured beside a case that differs in nothing else" if there else "is not among the cases"
            )
            said.insert(0, {"text": f"Nothing is held against the baseline: {contrast.baseline} {reason}."})
    failed = [case for case in cases if case["status"] != "ok"]
    if failed:
        said.append(_left_out(failed))
    while len(said) > MOST_FINDINGS:
        # The last sentences (what is stored, what time it takes, what is missing) read well as one.
        *said, first, second = said
        said.append({**first, **second, "text": joined(first["text"], second["text"])})
    return said


def _left_out(failed: Sequence[Case]) -> Finding:
    named = [f"{case['name']} ({case['status']})" for case in failed]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    text = f"Not measured in full: {', '.join(named[:MOST_NAMED])}{more}"
    figures = [{"case": case["name"], "status": case["status"], "reason": case["reason"]} for case in failed]
    return {"text": sentence(text), "left_out": figures}
