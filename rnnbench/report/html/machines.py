"""Runs of one suite on several machines, side by side: what each says by itself, and where they agree."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.align import Document, align
from rnnbench.analysis.change import Change
from rnnbench.analysis.machines import rank_agreement, within_machines
from rnnbench.errors import RnnbenchError
from rnnbench.report.change_columns import metric_title, ratio_with_interval
from rnnbench.report.html.elements import table, text
from rnnbench.results.document import Results

_TIMES = ("training_time", "forward_time")


def across_section(documents: Sequence[Results], names: Sequence[str]) -> str:
    """Return the first document's machine beside each other one, as HTML; nothing where there is one machine.

    Times of two machines are not held against each other: each case over its baseline is, on each machine.
    """
    first = documents[0]
    parts = [
        _pair(Document(names[0], first), Document(name, other))
        for other, name in zip(documents[1:], names[1:], strict=True)
        if other.machine.get("fingerprint") != first.machine.get("fingerprint")
    ]
    return f"<h3>Between the machines</h3>{''.join(parts)}" if any(parts) else ""


def _pair(here: Document, there: Document) -> str:
    try:
        pairing = align(here, there)
    except RnnbenchError as error:
        # Nothing in common, say: the page still shows each by itself.
        return f"<p>{text(error.message)}</p>"
    key = next((key for key in here.results.metric_keys() if key.partition(".")[0] in _TIMES), None)
    found = within_machines(pairing, key) if key else []
    if not key or not found:
        return ""
    rows = [(one.name, one.baseline, *(_ratio(change) for change in (one.base, one.new))) for one in found]
    caption = f"{metric_title(key)}: each case over its baseline, on each machine"
    said = table(("case", "over", here.name, there.name), rows, caption)
    agreement = rank_agreement(pairing, key)
    if agreement:
        order = f"Of {agreement.told_apart} pairs of cases that both machines tell apart, they order {agreement.alike} "
        said += f"<p>{text(f'{order}alike (Kendall tau {agreement.tau:.2f}).')}</p>"
    return said


def _ratio(change: Change) -> str:
    return ratio_with_interval(change.ratio, change.interval)
