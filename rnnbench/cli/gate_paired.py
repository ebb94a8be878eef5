"""``rnnbench gate AB.json``: the gate on rounds that `rnnbench ab` took."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rnnbench.cli.gate_output import replay_words, tell
from rnnbench.errors import ExitCode

if TYPE_CHECKING:
    from rnnbench.results.paired import Paired


def gate_paired(
    document: Paired,
    path: Path,
    *,
    limits: Sequence[str],
    alpha: float | None,
    select: str | None,
    strict: bool,
    as_json: bool,
    junit: Path | None,
) -> ExitCode:
    """Decide what a document says, tell it, and return the exit code; ``path`` is where the document lies."""
    from rnnbench.analysis.limits import read_limits
    from rnnbench.analysis.paired_gate import paired_gate
    from rnnbench.analysis.paired_integrity import check_paired_figures
    from rnnbench.report.paired_account import paired_account
    from rnnbench.report.paired_json import paired_to_json

    check_paired_figures(document, str(path))
    rate = document.plan["alpha"] if alpha is None else alpha
    held = read_limits(document.suite["resolved"], (*document.plan["limits"], *limits), rate, str(path))
    found = paired_gate(document, str(path), held, select)
    code = found.exit_code(strict)
    replay = replay_words((path,), limits=limits, alpha=alpha, select=select, strict=strict)
    tell(paired_account(found), replay, partial(paired_to_json, found, code, replay) if as_json else None, junit)
    return code
