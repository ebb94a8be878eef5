"""What a reader came for: which value of the contrast, at what cost, and how sure."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.answer import Answer, Candidate, answers
from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.cost import Ratio, held, pass_of, told_memory
from rnnbench.analysis.length import LIMITS, TRAINED, length, seeds_at
from rnnbench.analysis.setting_line import shapes
from rnnbench.analysis.weights import all_weights
from rnnbench.analysis.wording import count, factor, listing, plural, share, with_interval
from rnnbench.report.html.comparison_table import comparison_table
from rnnbench.report.html.elements import folded, listed, table
from rnnbench.report.html.kernel_table import kernel_table
from rnnbench.report.html.solved_table import solved_table
from rnnbench.results.document import Results

_MOST_SENTENCES = 4
_MOST_ROWS = 32
"""More of either are folded."""
_NOTHING = "–"
_OF_ITSELF = {_NOTHING, "1x", "the baseline"}
"""What a baseline says where nothing but ratios to it were measured."""
_LENGTHS = {**LIMITS, "max_length_gradient": "reach of gradients at initialisation", TRAINED: "reach after training"}


def answer_section(results: Results) -> str:
    """Return what stands beside the baseline, and what was tested, as HTML; nothing without a baseline."""
    contrast = contrast_of(results.data)
    if contrast is None:
        return ""
    return (kernel_table(contrast) or _beside(answers(contrast))) + solved_table(contrast) + comparison_table(contrast)


def _beside(found: Sequence[Answer]) -> str:
    """Return the answers of each setting, where there are several, and the table of all."""
    rows = [
        (candidate, _row(candidate, answer.setting, every))
        for answer in found
        for candidate, every in zip(answer.candidates, _every(answer), strict=True)
    ]
    if len(found) > 1:  # one line says what the others are ratios to; in each setting again it says nothing
        rows = [(one, row) for one, row in rows if not (one.is_baseline and set(row[1:]) <= _OF_ITSELF)]
    if not rows:
        return ""
    heads = _heads(found[0])
    # Of the baseline alone, a verdict or 1x says nothing.
    others = [row for candidate, row in rows if not candidate.is_baseline]
    kept = [index for index in range(len(heads)) if index == 0 or any(row[index] != _NOTHING for row in others)]
    if len(kept) == 1:
        return ""
    caption = f"Beside {found[0].baseline}; what has an x is a ratio to it, what is in brackets a 95 % interval"
    caption += "".join(f"; {said}" for said in shapes([one.case for one, _ in rows])) + _unmeasured(found)
    made = table([heads[index] for index in kept], [[row[index] for index in kept] for _, row in rows], caption)
    if len(rows) > _MOST_ROWS:
        made = folded(f"Beside {found[0].baseline}, in {len(found)} settings", made)
    return _sentences(found) + made


def _unmeasured(found: Sequence[Answer]) -> str:
    """Return which costs the table lacks because they were not measured: ``; time was not measured here``."""
    missing = [] if found[0].time_metric else ["time"]
    missing += [] if any(one.memory for answer in found for one in answer.candidates) else ["peak memory"]
    return f"; {listing(missing)} {'were' if len(missing) > 1 else 'was'} not measured here" if missing else ""


def _sentences(found: Sequence[Answer]) -> str:
    """Return the answer of each setting; that of a single one leads the section already."""
    said = [
        f"{answer.setting}: {sentence}" if answer.setting else sentence
        for answer in found
        if (sentence := answer.text())
    ]
    if len(found) == 1:
        return ""
    rest = said[_MOST_SENTENCES:]
    return listed(said[:_MOST_SENTENCES], "answers") + (
        folded(f"{plural(len(rest), 'setting')} more", listed(rest)) if rest else ""
    )


def _heads(answer: Answer) -> list[str]:
    axis = answer.axis.rpartition(".")[2]
    learnt = ["accuracy, mean over seeds", "solved", f"beside {answer.baseline}"]
    costs = ["recurrent weights", "all weights", _time_head(answer), "peak memory"]
    return [axis, *learnt, *costs, *(f"longest T: {limit}" for limit in _LENGTHS.values())]


def _time_head(answer: Answer) -> str:
    return f"time of a {pass_of(answer.time_metric)}" if answer.time_metric else "time"


def _row(candidate: Candidate, setting: str, every: str) -> list[str]:
    learned = candidate.learned
    own = "1x" if candidate.is_baseline else _NOTHING
    return [
        f"{candidate.label}, {setting}" if setting else candidate.label,
        with_interval(learned.accuracy, learned.interval, share) if learned else _NOTHING,
        learned.seeds_text() if learned else _NOTHING,
        candidate.verdict or _NOTHING,
        _exact(candidate.weights) or own,
        every,
        held(candidate.time) or own,
        told_memory(candidate.memory) if candidate.memory else own,
        *(_limit(candidate, metric) for metric in _LENGTHS),
    ]


def _every(answer: Answer) -> list[str]:
    """Return how many weights each candidate has in all, where they differ in that."""
    found = [all_weights(one.case) for one in answer.candidates]
    return [_NOTHING if own is None or len(set(found)) == 1 else count(own) for own in found]


def _limit(candidate: Candidate, metric: str) -> str:
    """Return the longest sequence by one limit, in time steps, with the interval or the seeds that it rests on."""
    found = length(candidate.case, metric)
    if found is None:
        return _NOTHING
    record = candidate.case["metrics"][metric]
    if record["ci95"] is not None:
        low, high = map(count, record["ci95"])
        return f"{found} [{low}, {high}]"
    seeds = seeds_at(candidate.case, metric, found)
    return f"{found} ({seeds})" if seeds else str(found)


def _exact(ratio: Ratio | None) -> str:
    """Return ``16x fewer``: how many weights there are is known without an interval."""
    if ratio is None:
        return ""
    if ratio.ratio == 1:
        return "as many"
    return f"{factor(1 / ratio.ratio)} fewer" if ratio.ratio < 1 else f"{factor(ratio.ratio)} more"
