"""What a reader came for: which value of the contrast, at what cost, and how sure."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.answer import Answer, Candidate, answers
from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.cost import Ratio
from rnnbench.analysis.lookback import LIMITS, length
from rnnbench.analysis.wording import factor, hundredths, plural, share, with_interval
from rnnbench.report.html.elements import folded, listed, table, text
from rnnbench.results.document import Results
from rnnbench.results.metrics import scope_of

_MOST_SENTENCES = 4
_MOST_ROWS = 32
"""More of either are folded."""
_NOTHING = "–"
_OF_ITSELF = {_NOTHING, "1x", "the baseline"}
"""What a baseline says where nothing but ratios to it were measured."""


def answer_section(results: Results) -> str:
    """Return the answers of a document as HTML; nothing where its suite contrasts nothing, or nothing was measured."""
    contrast = contrast_of(results.data)
    found = answers(contrast) if contrast else []
    if not found:
        return ""
    rows = [(candidate, _row(candidate, answer.setting)) for answer in found for candidate in answer.candidates]
    if len(found) > 1:  # one line says what the others are ratios to; in each setting again it says nothing
        rows = [(one, row) for one, row in rows if not (one.is_baseline and set(row[1:]) <= _OF_ITSELF)]
    heads = _heads(found[0])
    # Of the baseline alone, a verdict or 1x says nothing.
    others = [row for candidate, row in rows if not candidate.is_baseline]
    kept = [index for index in range(len(heads)) if index == 0 or any(row[index] != _NOTHING for row in others)]
    if len(kept) == 1:
        return ""
    caption = f"Beside {found[0].baseline}; what has an x is a ratio to it, what is in brackets a 95 % interval"
    made = table([heads[index] for index in kept], [[row[index] for index in kept] for _, row in rows], caption)
    if len(rows) > _MOST_ROWS:
        made = folded(f"Beside {found[0].baseline}, in {len(found)} settings", made)
    return _sentences(found) + made


def _sentences(found: Sequence[Answer]) -> str:
    said = [
        f"{answer.setting}: {sentence}" if answer.setting else sentence
        for answer in found
        if (sentence := answer.text())
    ]
    if len(said) == 1:
        return f'<p class="lead">{text(said[0])}</p>'
    rest = said[_MOST_SENTENCES:]
    return listed(said[:_MOST_SENTENCES], "answers") + (
        folded(f"{plural(len(rest), 'setting')} more", listed(rest)) if rest else ""
    )


def _heads(answer: Answer) -> list[str]:
    heads = ["value", "accuracy", "solved", f"beside {answer.baseline}", "recurrent weights", _time_head(answer)]
    return [*heads, "peak memory", *(f"longest T: {limit}" for limit in LIMITS.values())]


def _time_head(answer: Answer) -> str:
    what = "forward + backward" if answer.time_metric.startswith("training") else "forward"
    return f"time, {what} ({scope_of(answer.time_metric)})" if answer.time_metric else "time"


def _row(candidate: Candidate, setting: str) -> list[str]:
    learned = candidate.learned
    own = "1x" if candidate.is_baseline else _NOTHING
    return [
        f"{candidate.label}, {setting}" if setting else candidate.label,
        with_interval(learned.accuracy, learned.interval, share) if learned else _NOTHING,
        f"{learned.solved} of {learned.replicas} seeds" if learned else _NOTHING,
        candidate.verdict or _NOTHING,
        _exact(candidate.weights) or own,
        _timed(candidate.time) or own,
        with_interval(candidate.memory.ratio, None, hundredths, "x") if candidate.memory else own,
        *(_limit(candidate, metric) for metric in LIMITS),
    ]


def _limit(candidate: Candidate, metric: str) -> str:
    """Return the longest sequence by one limit, in time steps."""
    found = length(candidate.case, metric)
    return _NOTHING if found is None else str(found)


def _exact(ratio: Ratio | None) -> str:
    """Return ``16x fewer``: how many weights there are is known without an interval."""
    if ratio is None:
        return ""
    if ratio.ratio == 1:
        return "as many"
    return f"{factor(1 / ratio.ratio)} fewer" if ratio.ratio < 1 else f"{factor(ratio.ratio)} more"


def _timed(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    said = with_interval(ratio.ratio, ratio.interval, hundredths, "x")
    if ratio.interval is None:
        return f"{said}, no interval"
    return f"{said}, not told apart" if ratio.interval[0] <= 1 <= ratio.interval[1] else said
