"""Runs of one suite on several machines, side by side: what each says by itself, and where they agree."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.align import Document, align
from rnnbench.analysis.machines import rank_agreement, within_machines
from rnnbench.report.change_columns import metric_title, ratio_with_interval
from rnnbench.report.html.elements import table, text
from rnnbench.results.document import Results

_TIMES = ("training_time", "forward_time")


def across_section(documents: Sequence[Results], names: Sequence[str]) -> str:
    """Return the first document's machine beside each other one, as HTML; nothing where they have no time in common.

    Times of two machines are not held against each other: each case over its baseline is, on each machine.
    """
    parts = []
    for other, name in zip(documents[1:], names[1:], strict=True):
        if other.machine.get("fingerprint") == documents[0].machine.get("fingerprint"):
            continue
        pairing = align(Document(names[0], documents[0]), Document(name, other))
        key = next((key for key in documents[0].metric_keys() if key.partition(".")[0] in _TIMES), None)
        found = within_machines(pairing, key) if key else []
        if not key or not found:
            continue
        rows = [
            (
                one.name,
                one.baseline,
                ratio_with_interval(one.base.ratio, one.base.interval),
                ratio_with_interval(one.new.ratio, one.new.interval),
            )
            for one in found
        ]
        heads = ("case", "over", names[0], name)
        parts.append(table(heads, rows, f"{metric_title(key)}: each case over its baseline, on each machine"))
        agreement = rank_agreement(pairing, key)
        if agreement:
            parts.append(
                f"<p>{text(f'Of {agreement.told_apart} pairs of cases that both machines tell apart, they order ')}"
                f"{text(f'{agreement.alike} alike (Kendall tau {agreement.tau:.2f}).')}</p>"
            )
    return f"<h3>Between the machines</h3>{''.join(parts)}" if parts else ""
