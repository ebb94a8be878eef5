"""Whether a linear recurrence in real Jordan form is the same: how far outputs differ, and what the form saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnnbench.analysis.contrast import Case
from rnnbench.analysis.wording import Finding, factor, listing, plural, sentence

_SCHUR = "schur_form"
_APART = "not_equivalent"


def equivalence_finding(cases: Sequence[Case]) -> Finding | None:
    """Return what was found out about the cases that have a form of their own, None if there are none."""
    measured = [case for case in cases if _record(case, "equivalence_error")["value"] is not None]
    if not measured:
        return None
    jordan = [case for case in measured if _SCHUR not in _record(case, "equivalence_error")["flags"]]
    others = [case for case in measured if case not in jordan]
    parts = []
    if jordan:
        parts.append(f"In real Jordan form, {_same(jordan)}, with {_weights(jordan)}{_speed(jordan)}")
    if others:
        named = plural(len(others), "case")
        verb = "takes" if len(others) == 1 else "take"
        parts.append(
            f"{named} whose eigenvectors are too near to each other {verb} the real Schur form: {_same(others)}"
        )
    controls = [case for case in measured if _record(case, "equivalence_error_tanh")["value"] is not None]
    if controls:
        least = min(_record(case, "equivalence_error_tanh")["value"] for case in controls)
        parts.append(f"under tanh the same change of basis moves outputs by {least:.2g} of the largest, or more")
    return {"text": sentence("; ".join(parts)), "equivalence": [_figures(case) for case in measured]}


def _same(cases: Sequence[Case]) -> str:
    """Return how many give the same outputs, and the largest errors by dtype."""
    equal = [case for case in cases if _APART not in _record(case, "equivalence_error")["flags"]]
    largest: dict[str, float] = {}
    for case in cases:
        record = _record(case, "equivalence_error")
        dtype = str(record["details"].get("dtype", "unknown"))
        largest[dtype] = max(largest.get(dtype, 0.0), record["value"])
    errors = listing(f"{error:.1g} in {dtype}" for dtype, error in sorted(largest.items()))
    return f"{len(equal)} of {len(cases)} linear recurrences give the same outputs (relative error at most {errors})"


def _weights(cases: Sequence[Case]) -> str:
    shares = [
        record["value"] / record["details"]["dense"]
        for case in cases
        if (record := _record(case, "form_nonzeros"))["value"] is not None
    ]
    return f"{_between(shares, '{:.2g}'.format)} of the non-zeros" if shares else "other non-zeros"


def _speed(cases: Sequence[Case]) -> str:
    ratios = [
        record["value"] for case in cases if (record := _record(case, "form_speedup.recurrence"))["value"] is not None
    ]
    return f" at {_between(ratios, factor)} the speed of dense (recurrence, forward)" if ratios else ""


def _between(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Return ``0.01 to 0.12``, or the one value there is."""
    low, high = write(min(values)), write(max(values))
    return low if low == high else f"{low} to {high}"


def _record(case: Case, key: str) -> Mapping[str, Any]:
    empty: dict[str, Any] = {"value": None, "flags": [], "details": {}}
    found: Mapping[str, Any] = case["metrics"].get(key) or empty
    return found


def _figures(case: Case) -> dict[str, Any]:
    keys = ("equivalence_error", "equivalence_error_tanh", "basis_condition", "form_nonzeros")
    return {"case": case["name"], **{key: _record(case, key)["value"] for key in keys}}
