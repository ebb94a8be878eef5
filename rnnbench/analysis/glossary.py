"""Words of this tool that a document uses and that a reader of the field need not know, with what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rnnbench.kernel_names import KERNEL_SUMMARIES
from rnnbench.results.document import Results
from rnnbench.results.metrics import scope_of

SCOPES = {
    "recurrence": "the recurrence alone, with W x given",
    "layer": "the layer, W x included: what nn.RNN does",
    "model": "the model, with readout and loss",
}
_RECOMPUTE = {
    "every": "of the states only every so many are kept; the others are computed again, backward",
    "auto": "of the states one in each square root of T is kept; the others are computed again, backward",
    "stream": "the whole model runs a segment of the sequence at a time, and runs it again backward: inputs, readout "
    "and loss exist for one segment only",
}
_GRADIENTS = {
    "bptt": "backpropagation through time: needs the states of all time steps",
    "rtrl": "real-time recurrent learning: goes forward only, and carries along what each weight did to the state; the "
    "gradient is the same, the memory does not grow with T",
}


_SPECIAL = {
    "diagonal": "each unit feeds itself alone: a band with nothing below and above, banded(0,0)",
    "tridiagonal": "each unit feeds itself and its two neighbours: banded(1,1)",
    "random": "entries at random places, fixed by a seed of their own; their number is in brackets",
}
"""What is clearer than the family's own line, which speaks of its options."""


class Term(NamedTuple):
    """A word, how it stands in texts, and what it means."""

    name: str
    pattern: str
    meaning: str


_GENERAL = (
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
            if isinstance(name, str) and name in KERNEL_SUMMARIES:
                # Versions name torch, too.
                alone = "" if name == "torch" else rf"|\b{name}\b"
                yield Term(f"kernel {name}", rf"(?<=kernel[= ]){name}\b{alone}", KERNEL_SUMMARIES[name])
        for key, meanings in (("recompute", _RECOMPUTE), ("gradient", _GRADIENTS)):
            value = parameters.get(key)
            name = next(iter(value), None) if isinstance(value, dict) else value
            if isinstance(name, str) and name in meanings:
                yield Term(f"{key} {name}", rf"(?<={key}[= ]){name}\b", meanings[name])
    for key in results.metric_keys():
        scope = (scope_of(key) or "").rpartition(".")[2]
        if scope in SCOPES:
            yield Term(f"scope {scope}", rf"\bscope {scope}\b", SCOPES[scope])


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
        rf"(?<![\w=])(?<!recompute ){re.escape(family)}(?:\([^)]*\))?(?![\w(])",
        _SPECIAL.get(family) or known.summary.replace("`", ""),
    )
