"""A gate as Markdown: the step summary of GitHub Actions."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.report.change_columns import metric_title
from rnnbench.report.gate_account import Account
from rnnbench.report.gate_words import change_text, missing, n_text, outcome_text, percent, summary
from rnnbench.report.markdown import escaped, row

_LISTED = 200
"""Lines, the gravest first: a step summary may be 1 MiB long."""


def to_markdown(account: Account, replay: Sequence[str]) -> str:
    """Return the lines that are not SAME as a table, with what the gate says below."""
    order = list(Outcome)
    open_ = [line for line in account.lines if line.outcome not in (Outcome.SAME, Outcome.MISSING)]
    shown = sorted(open_, key=lambda line: order.index(line.outcome))
    lines = [f"### rnnbench gate: {escaped(summary(account.lines))}", ""]
    if shown:
        lines.append(row(["case", "metric", "change (%)", "limit (%)", "p", "n", "verdict"]))
        lines.append(row(["---", "---", "---:", "---:", "---:", "---:", "---"]))
        lines += [_row(line) for line in shown[:_LISTED]]
        if len(shown) > _LISTED:
            lines += ["", f"and {len(shown) - _LISTED:,} more."]
        lines.append("")
    lines += [f"- **MISSING**: {escaped(text)}" for text in missing(account.lines)]
    lines += [f"- {escaped(difference)}" for difference in account.differences]
    lines += ["", "  \n".join(escaped(text) for text in account.notes)]
    lines += ["", f"Replay: {escaped(shlex.join(replay))}"]
    return "\n".join(lines) + "\n"


def _row(line: Line) -> str:
    cells = [
        line.name,
        metric_title(line.metric),
        change_text(line),
        percent(line.threshold or line.limit),
        "" if line.p is None else f"{line.p:.2g}",
        n_text(line),
    ]
    return row([*map(escaped, cells), f"**{outcome_text(line)}**"])
