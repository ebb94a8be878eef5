"""The words and colours of verdicts: a time is faster or slower, bytes are more or less, what is learnt is better."""

from __future__ import annotations

from rnnbench.analysis.verdict import Verdict
from rnnbench.results.figure import Form

_TIMES = {Verdict.BETTER: "faster", Verdict.WORSE: "slower"}
_LEARNT = {Verdict.BETTER: "better", Verdict.WORSE: "worse"}
_STYLES = {
    Verdict.BETTER: "bold green",
    Verdict.WORSE: "bold red",
    Verdict.CHANGED: "bold",
    Verdict.SAME: "dim",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.ONLY_BASE: "cyan",
    Verdict.ONLY_NEW: "cyan",
    Verdict.NONE: "",
}


def word(verdict: Verdict, form: Form, better: str) -> str:
    """Return what a verdict is called for a metric of a form and a better direction.

    Examples
    --------
    >>> word(Verdict.WORSE, "timing", "lower"), word(Verdict.WORSE, "exact", "lower")
    ('slower', 'more')
    """
    if form == "timing":
        words = _TIMES
    elif form == "exact" and better == "lower":
        words = {Verdict.BETTER: "less", Verdict.WORSE: "more"}
    elif form == "exact" and better == "higher":
        words = {Verdict.BETTER: "more", Verdict.WORSE: "less"}
    else:
        words = _LEARNT
    return words.get(verdict, verdict.value)


def style(verdict: Verdict) -> str:
    """Return the colour of a verdict."""
    return _STYLES[verdict]
