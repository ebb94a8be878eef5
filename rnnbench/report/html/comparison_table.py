"""Every comparison of what was learnt that was tested, with its p-value, as a table."""

from __future__ import annotations

from rnnbench.analysis.contrast import Contrast
from rnnbench.analysis.learning import Comparison, Learned, comparisons, learned, learners_of
from rnnbench.analysis.wording import p_value, plural, share, with_interval
from rnnbench.report.html.elements import folded, table

_MOST_OPEN = 12
"""More rows are folded."""
_COMPARED = {
    "seeds": "seeds that solve the task (Fisher's exact test)",
    "accuracy": "accuracies of the seeds, in pairs (permutation test)",
    "loss": "losses of the seeds, in pairs (permutation test)",
}


def comparison_table(contrast: Contrast) -> str:
    """Return the table as HTML; nothing where nothing was tested."""
    groups = contrast.complete()
    # The settings in the order in which comparisons number them: of those whose baseline was trained.
    settings = [contrast.setting(group) for group in groups if learned("", group.cases[contrast.baseline])]
    tested = comparisons(contrast.baseline, learners_of(contrast.baseline, groups))
    if not tested:
        return ""
    rows = [_row(one, settings[one.setting]) for one in tested]
    heads = ["compared", "setting", "by", "first", "second", "adjusted p"]
    kept = [index for index in range(len(heads)) if any(row[index] for row in rows)]
    number = plural(len(rows), "comparison")
    caption = f"{number} of what was learnt; p-values are adjusted for all of them by Holm's method"
    made = table([heads[index] for index in kept], [[row[index] for index in kept] for row in rows], caption)
    return made if len(rows) <= _MOST_OPEN else folded(f"{number} that were tested", made)


def _row(one: Comparison, setting: str) -> list[str]:
    pair = f"{one.first.label} and {one.second.label}"
    p = p_value(one.p) + (
        " (too few seeds to tell)" if one.powerless else "" if one.significant else ", not told apart"
    )
    return [pair, setting, _COMPARED[one.compared], *(_figure(side, one) for side in (one.first, one.second)), p]


def _figure(side: Learned, one: Comparison) -> str:
    if one.compared == "seeds":
        return side.seeds_text()
    accuracy = with_interval(side.accuracy, side.interval, share)
    return side.loss_text().removeprefix(", ") or accuracy if one.compared == "loss" else accuracy
