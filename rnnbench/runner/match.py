"""Cases whose hidden size was chosen: what a document says of that, and how a resumed run takes it up again.

A size that is counted out (``match: parameters``) is known with the suite. One that is measured (``match: time``) comes
from the first launch of the job ``match``; from then on the document's parameters have it as ``hidden``, beside
``scaled_from``, the size that the suite gives. The case's id and name do not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnbench.analysis.aggregate import metric_record
from rnnbench.choice import kind_of
from rnnbench.errors import RnnbenchError
from rnnbench.measure.catalogue import MATCH
from rnnbench.results.figure import Observation
from rnnbench.suite.case import Case
from rnnbench.suite.equal_size import LARGEST, NO_NEAR_MATCH, OFF, described, nearest_size
from rnnbench.suite.match import MatchTime, reference
from rnnbench.suite.size import total_parameters
from rnnbench.suite.suite import Suite


def counted_match(case: Case) -> dict[str, Any]:
    """Return the metrics of a hidden size that was counted out; none where it was not."""
    if case.timed_match or case.scaled_from is None:
        return {}
    like = reference(case.written)
    own, target = total_parameters(case.parameters), total_parameters(like)
    details = {
        "by": "parameters",
        "reference": described(like),
        "reference_hidden": like.hidden,
        "parameters": own,
        "reference_parameters": target,
    }
    flags = [NO_NEAR_MATCH] if abs(own / target - 1) > OFF else []
    chosen = metric_record("matched_hidden", case.parameters.hidden, None, None, flags, details)
    return {"matched_hidden": chosen, "match_ratio": metric_record("match_ratio", own / target, None, None, [], {})}


def matched(case: Case, observation: Observation) -> Case:
    """Return a case with the hidden size that the first launch of its match has found."""
    (hidden,) = observation.figures["matched_hidden"].values
    assert hidden is not None  # noqa: S101 - an exact figure has a value
    return case.scaled(int(hidden))


def chosen_before(case: Case, entry: Mapping[str, Any]) -> Case:
    """Return a case with the size that a document's entry of it says was found; as it is where none was."""
    hidden = entry["parameters"].get("hidden")
    if not case.timed_match or not entry["done"].get(MATCH) or type(hidden) is not int or not 1 <= hidden <= LARGEST:
        return case
    # The document may come from anyone: a size at which the case does not exist is none.
    return case.scaled(hidden) if nearest_size(case.parameters, hidden) == hidden else case


def as_written(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case's parameters as in a document, without what was measured of them."""
    said = dict(resolved)
    if kind_of(said.get("match")) != MatchTime.kind or "scaled_from" not in said:
        return said
    hidden = said.pop("scaled_from")
    return {**said, "hidden": hidden}


def require_sizes(suite: Suite, command: str) -> None:
    """Refuse cases whose hidden size is still to be measured.

    Raises
    ------
    RnnbenchError
        The suite has one; ``command`` is what cannot measure it.
    """
    for case in suite.cases:
        if case.timed_match:
            raise RnnbenchError(
                f"{suite.path}: case {case.name}: `match: time` has its hidden size measured by `rnnbench run`, not by "
                f"`{command}`: leave the case out with -k, or give the size that a run has found: --set match=none "
                "--set hidden=N"
            )
