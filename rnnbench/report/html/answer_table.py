"""What a reader came for: which value of the contrast, at what cost, and how sure."""

from __future__ import annotations

from rnnbench.analysis.answer import Answer, Candidate, answers
from rnnbench.analysis.contrast import contrast_of
from rnnbench.analysis.cost import Ratio
from rnnbench.analysis.lookback import LIMITS, length
from rnnbench.analysis.wording import factor, hundredths, share, with_interval
from rnnbench.report.html.elements import folded, table, text
from rnnbench.results.document import Results
from rnnbench.results.metrics import scope_of

_MOST_OPEN = 3
_NOTHING = "–"


def answer_section(results: Results) -> str:
    """Return the answers of a document as HTML, or nothing where its suite contrasts nothing."""
    contrast = contrast_of(results.data)
    found = answers(contrast) if contrast else []
    parts = [part for answer in found if (part := _answer(answer))]
    if len(parts) > _MOST_OPEN:
        more = f"{len(parts) - _MOST_OPEN} more settings"
        parts = [*parts[:_MOST_OPEN], folded(more, "".join(parts[_MOST_OPEN:]))]
    return "".join(parts)


def _answer(answer: Answer) -> str:
    heads = ["value", "accuracy", "solved", f"beside {answer.baseline}", "recurrent weights", _time_head(answer)]
    heads += ["peak memory", *(f"longest T: {limit}" for limit in LIMITS.values())]
    rows = [_row(candidate) for candidate in answer.candidates]
    # Of the baseline alone, a verdict or 1x says nothing.
    kept = [index for index in range(len(heads)) if index == 0 or any(row[index] != _NOTHING for row in rows[1:])]
    if len(kept) == 1:
        return ""
    said = answer.text()
    lead = f"{answer.setting}: {said}" if answer.setting else said
    where = f", {answer.setting}" if answer.setting else ""
    caption = f"Beside {answer.baseline}{where}; what has an x is a ratio to it, what is in brackets a 95 % interval"
    made = table([heads[index] for index in kept], [[row[index] for index in kept] for row in rows], caption)
    return (f'<p class="lead">{text(lead)}</p>' if said else "") + made


def _time_head(answer: Answer) -> str:
    what = "forward + backward" if answer.time_metric.startswith("training") else "forward"
    return f"time, {what} ({scope_of(answer.time_metric)})" if answer.time_metric else "time"


def _row(candidate: Candidate) -> list[str]:
    learned = candidate.learned
    own = "1x" if candidate.is_baseline else _NOTHING
    return [
        candidate.label,
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
