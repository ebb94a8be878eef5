"""Whether full connectivity is necessary, by one document: yes, no or not shown, and why.

``Yes`` and ``no`` are said of what a test or an interval shows; all else is ``not shown``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnbench.analysis.answer import Answer
from rnnbench.analysis.contrast import Case, Contrast, label
from rnnbench.analysis.cost import Ratio
from rnnbench.analysis.kernel_contrast import DENSE, Timed
from rnnbench.analysis.learning import SIGNIFICANT, iterations
from rnnbench.analysis.lookback import learnt_by_all, solved_beside
from rnnbench.analysis.rising import is_rising
from rnnbench.analysis.statistics import holm
from rnnbench.analysis.wording import MOST_NAMED, hundredths, listing

_NOT = "not shown"


def to_learn(contrast: Contrast, found: Sequence[Answer]) -> str:
    """Return ``to learn parity(16), yes: all 6 others tested do worse than dense within 500 iterations``; over several
    settings, counts."""
    if not _of_dense(contrast):
        return ""
    said = [_learning(answer) for answer in found]
    task = _tasks([one.case for answer in found for one in answer.candidates])
    if len(said) == 1:
        verdict, why = said[0]
        return f"to learn {task}, {verdict}: {why}"
    verdicts = [verdict for verdict, _ in said]
    counted = listing(f"{one} in {verdicts.count(one)}" for one in ("yes", "no", _NOT) if one in verdicts)
    return f"to learn {task}, {counted} of {len(said)} settings"


def _learning(answer: Answer) -> tuple[str, str]:
    """Return the verdict in one setting, and why."""
    tests = {one.label: one.comparison for one in answer.candidates if one.comparison}
    if answer.unsolved or not tests:
        return _NOT, "no seed solves the task" if answer.unsolved else "nothing was tested"
    above = [name for name, test in tests.items() if test.significant and test.better]
    if above:
        return "no", f"{_named(above)} {_do(above, 'does', 'do')} better than {DENSE}"
    alike = [name for name, test in tests.items() if not test.significant]
    if alike:
        return _NOT, f"{_named(alike)} {_do(alike, 'is', 'are')} not told apart from {DENSE}"
    return (
        "yes",
        f"{_others(list(tests))} worse than {DENSE} within {iterations([answer.candidates[0].case])}{_late(answer)}",
    )


def _late(answer: Answer) -> str:
    """Return ``, 5 of them still improving at the end``; empty where none was."""
    tested = [one for one in answer.candidates if one.comparison]
    late = sum(is_rising(one.case) for one in tested)
    if not late:
        return ""
    return f", {f'{late} of them ' if len(tested) > 1 else ''}still improving at the end"


def to_look_back(contrast: Contrast, cases: Mapping[str, Case], farther: Sequence[str]) -> str:
    """Return ``to look back in temporal_order(20), no: diagonal is shown to learn longer sequences than dense``.

    Parameters
    ----------
    cases
        Each connectivity's case, dense among them.
    farther
        Those that are shown to learn longer sequences than dense.
    """
    if not _of_dense(contrast):
        return ""
    start = f"to look back in {_tasks(list(cases.values()))},"
    if farther:
        verb = _do(farther, "is", "are")
        return f"{start} no: {_named(farther)} {verb} shown to learn longer sequences than {DENSE}"
    others = [case for name, case in cases.items() if name not in (DENSE, "none")]
    tests = [beside for case in others if (beside := solved_beside(cases[DENSE], case))]
    if others and len(tests) == len(others) and max(holm([beside.p for beside in tests])) <= SIGNIFICANT:
        return f"{start} yes: nothing sparser is shown to learn sequences as long as {DENSE} does"
    steps = learnt_by_all(list(cases.values()))
    every = f"; over {steps:,} steps, all seeds of each solve it" if steps else ""
    return f"{start} {_NOT}: lengths that are learnt are not told apart{every}"


def for_speed(faster: Mapping[str, Sequence[Ratio]], timed: Sequence[Timed], kernel: str) -> str:
    """Return ``to be fast, no: with kernel fused, diagonal takes 0.36x to 0.45x the time of dense``.

    Parameters
    ----------
    faster
        The fastest connectivities that are shown to take less time than dense under the same kernel, with the ratios.
    timed
        All that was timed.
    kernel
        The one that they are timed with.
    """
    beside = [one.dense for one in timed if one.dense]
    if not beside:
        return ""
    if faster:
        ratios = [ratio for found in faster.values() for ratio in found]
        names, takes = _named(list(faster)), _do(list(faster), "takes", "take")
        return (
            f"to be fast, no: with kernel {kernel}, {names} {takes} {_ends(ratios)} the time of {DENSE}{_at(timed)}; "
            "what they learn was not measured"
        )
    if all(ratio.told_more for ratio in beside):
        return f"to be fast, yes: nothing sparser that was timed is as fast as {DENSE}"
    return f"to be fast, {_NOT}: nothing sparser is told to be faster than {DENSE} everywhere"


def _ends(ratios: Sequence[Ratio]) -> str:
    """Return ``0.36x to 0.45x (intervals from 0.31 to 0.49)``."""
    values = sorted(ratio.ratio for ratio in ratios)
    text = " to ".join(dict.fromkeys(f"{hundredths(value)}x" for value in (values[0], values[-1])))
    known = [ratio.interval for ratio in ratios if ratio.interval]
    low, high = (hundredths(end(bound[side] for bound in known)) for side, end in ((0, min), (1, max)))
    within = (low, high) == (hundredths(values[0]), hundredths(values[-1]))
    return text if within else f"{text} (intervals from {low} to {high})"


def _at(timed: Sequence[Timed]) -> str:
    """Return `` at H = 512``; empty where sizes differ."""
    hidden = {one.case["parameters"].get("hidden") for one in timed}
    size = next(iter(hidden)) if len(hidden) == 1 else None
    return f" at H = {size:,}" if isinstance(size, int) else ""


def _of_dense(contrast: Contrast) -> bool:
    return contrast.axis == "connectivity" and contrast.baseline == DENSE


def _tasks(cases: Sequence[Case]) -> str:
    names = list(dict.fromkeys(label("task", case["parameters"]["task"]) for case in cases))
    return listing(names) if len(names) <= MOST_NAMED else f"{len(names)} tasks"


def _named(names: Sequence[str]) -> str:
    return listing(names) if len(names) <= MOST_NAMED else f"{len(names)} others"


def _others(names: Sequence[str]) -> str:
    return f"{names[0]} does" if len(names) == 1 else f"all {len(names)} others tested do"


def _do(names: Sequence[str], one: str, several: str) -> str:
    return one if len(names) == 1 else several
