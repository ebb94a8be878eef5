"""Words of this tool that a document uses and that a reader of the field need not know, with what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnbench.kernel_names import AUTO, KERNEL_SUMMARIES
from rnnbench.results.document import Results
from rnnbench.results.metrics import scope_of

SCOPES = {
    "recurrence": "the recurrence alone, with W x given",
    "layer": "the layer, W x included: what nn.RNN does",
    "model": "the model, with readout and loss",
}
_SCOPE_PATTERNS = {
    "recurrence": r"\b(?:scope recurrence|recurrence(?= alone\b)|(?:(?<=forward, )|(?<=training, ))recurrence)\b",
    "layer": r"\b(?:scope layer|layer(?= \(W x)|(?<=forward, )layer\b|(?<=training, )layer\b)",
}
"""How texts say them."""
_RECOMPUTE = {
    "every": "of the states only every so many are kept; the others are computed again, backward",
    "auto": "of the states one in each square root of T is kept; the others are computed again, backward",
    "stream": "the whole model runs a segment of the sequence at a time, and runs it again backward: inputs, readout "
    "and loss exist for one segment only",
}
_KERNELS = {
    AUTO: "the first in an order of preference that can serve the case; Kernels, under Machine and run, names it",
    **KERNEL_SUMMARIES,
}
_GRADIENTS = {
    "bptt": "backpropagation through time: needs the states of all time steps",
    "rtrl": "real-time recurrent learning: goes forward only, and carries along what each weight did to the state; the "
    "gradient is the same, no states are kept, and only what the sequence itself takes grows with T",
}


_SPECIAL = {
    "diagonal": "each unit feeds itself alone: a band with nothing below and above, banded(0,0)",
    "tridiagonal": "each unit feeds itself and its two neighbours: banded(1,1)",
    "block_diagonal": "blocks of equal size on the diagonal, their number in brackets; dense inside, nothing between",
    "random": "entries at random places, fixed by a seed of their own; their number is in brackets",
}
"""What is clearer than the family's own line, which speaks of its options."""


class Term(NamedTuple):
    """A word, how it stands in texts, and what it means."""

    name: str
    pattern: str
    meaning: str


_PLAIN = {
    "none": r"(?:^|(?<=[(/])|(?<=: )|(?<=, )|(?<=connectivity ))none(?=[),/:]|$)",
    "random": r"(?<![\w=])random\([^)]*\)(?!\w)",
}
"""Names that are words of plain prose, too: how they stand where a connectivity is meant."""

_GENERAL = (
    Term("T", r"\bT(?= = )", "time steps of a sequence"),
    Term("B", r"\bB(?= = )", "batch: sequences side by side"),
    Term("H", r"\bH(?= = )", "hidden size: units of a layer"),
    Term("W x", r"\bW x\b", "the product of the input weights with all inputs, outside the recurrence"),
    Term("z", r"\bz(?= given\b)", "what a layer gives its recurrence: z = W x + b, then h[t] = f(z[t] + U h[t-1])"),
    Term(
        "launch",
        r"\blaunch(?:es)?\b",
        "one fresh process that measures cases in an order of its own: what is repeated to tell how sure a time is",
    ),
    Term(
        "replica, seed",
        r"\b(?:replicas?|seeds)\b",
        "an independently initialised model; replicas differ in their seed alone, so that 5 seeds are 5 replicas",
    ),
    Term(
        "settled",
        r"\bsettled\b",
        "two windows of samples in a row whose medians lie within 2 % of each other; times that never were are still "
        "moving, or the machine is noisy",
    ),
    Term(
        "told apart",
        r"\btold apart\b",
        "a test has p of at most 0.05 after adjusting for all tests, or the 95 % interval of a ratio leaves out 1; "
        "what is not told apart may differ all the same",
    ),
    Term(
        "adjusted p",
        r"\b(?:adjusted p\b|p-values(?= (?:are )?adjusted))",
        "p by Holm's method: times the number of tests for the smallest, one less for the next, and so on",
    ),
    Term("solve", r"\bsolve[sd]?\b", "a seed solves a task when its model fulfils the rule that stands at the task"),
    Term(
        "reach",
        r"\breach(?=(?:es)? (?:of|back|after|at)\b)",
        "how many time steps back the gradient of a loss at the last step is still more than a millionth of what it is "
        "there",
    ),
    Term(
        "roofline",
        r"\broofline\b",
        "the least time that arithmetic, bytes and waiting allow on this machine, by its calibration",
    ),
    Term("Pareto front", r"\bPareto front\b", "the cases that no other beats in cost and accuracy both"),
    Term(
        "pays",
        r"\b(?:does not pay|pays)\b",
        "what costs more pays where nothing that costs less is as accurate",
    ),
    Term("the floor", r"\bthe floor\b", "what is reached without recurrence: a case that is there to be beaten"),
)


def terms(documents: Sequence[Results]) -> list[Term]:
    """Return the words that may need an explanation, each once: of all documents, and of what their cases name."""
    found = [term for results in documents for term in _of(results)]
    return [*dict.fromkeys(found), *_GENERAL]


def _of(results: Results) -> Iterator[Term]:
    for case in results.cases:
        parameters = case["parameters"]
        yield from _connectivity(parameters.get("connectivity"))
        kernel = case.get("kernel")
        for name in (parameters.get("kernel"), kernel.get("name") if isinstance(kernel, dict) else None):
            if isinstance(name, str) and name in _KERNELS:
                # Versions name torch, too.
                alone = "" if name in {"torch", AUTO} else rf"|\b{name}\b"
                yield Term(f"kernel {name}", rf"(?<=kernel[= ]){name}\b{alone}", _KERNELS[name])
        for key, meanings in (("recompute", _RECOMPUTE), ("gradient", _GRADIENTS)):
            value = parameters.get(key)
            name = next(iter(value), None) if isinstance(value, dict) else value
            if isinstance(name, str) and name in meanings:
                yield Term(f"{key} {name}", rf"(?<={key}[= ]){name}\b", meanings[name])
        yield from _task(parameters.get("task"))
    for key in results.metric_keys():
        scope = (scope_of(key) or "").rpartition(".")[2]
        if scope in SCOPES:
            yield Term(f"scope {scope}", _SCOPE_PATTERNS.get(scope, rf"\bscope {scope}\b"), SCOPES[scope])


def _task(value: object) -> Iterator[Term]:
    """Yield a task and when it is solved, as far as this version knows it."""
    from pydantic import ValidationError

    from rnnbench.suite.schema import Parameters

    try:
        known = Parameters.model_validate({"task": value}).task
    except ValidationError:
        return
    if known is not None:
        # In brackets or after "task" alone: adding, text and others are words of plain prose.
        name = re.escape(known.kind)
        meaning = f"{known.summary}; solved when {known.success_rule}".replace("`", "")
        yield Term(f"task {known.kind}", rf"\b{name}\([^)]*\)|(?<=\btask ){name}\b", meaning)


def _connectivity(value: object) -> Iterator[Term]:
    """Yield the family of a connectivity, as far as this version knows it."""
    from pydantic import ValidationError

    from rnnbench.suite.schema import Parameters

    try:
        known = Parameters.model_validate({"connectivity": value}).connectivity
    except ValidationError:
        return
    family = known.label().partition("(")[0]
    yield Term(
        family,
        _PLAIN.get(family) or rf"(?<![\w=])(?<!recompute ){re.escape(family)}(?:\([^)]*\))?(?![\w(])",
        _SPECIAL.get(family) or known.summary.replace("`", ""),
    )
