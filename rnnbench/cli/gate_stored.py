"""``rnnbench gate BASE NEW``: the gate on two stored runs of one suite on one machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rnnbench.cli.gate_output import replay_words, tell
from rnnbench.errors import ExitCode


def gate_stored(
    base: Path,
    new: Path,
    *,
    earlier: Sequence[Path],
    limits: Sequence[str],
    alpha: float | None,
    select: str | None,
    strict: bool,
    as_json: bool,
    junit: Path | None,
) -> ExitCode:
    """Decide whether ``new`` is worse than ``base``, tell it, and return the exit code."""
    from rnnbench.analysis.align import Document, align, check_documents
    from rnnbench.analysis.arrange import selected
    from rnnbench.analysis.gate import gate
    from rnnbench.analysis.limits import read_limits
    from rnnbench.analysis.sessions import read_sessions
    from rnnbench.report.gate_account import stored_account
    from rnnbench.report.gate_json import to_json
    from rnnbench.results.document import Results

    documents = [Document(str(path), Results.read(path)) for path in (base, new)]
    check_documents(documents)
    pairing = align(*documents)
    if select is not None:
        pairing = selected(pairing, select)
    held = read_limits(documents[1].results.suite["resolved"], limits, alpha, str(new))
    found = gate(pairing, read_sessions(earlier, pairing), held)
    code = found.exit_code(strict)
    replay = replay_words((base, new), earlier=earlier, limits=limits, alpha=alpha, select=select, strict=strict)
    tell(stored_account(found), replay, partial(to_json, found, code, replay) if as_json else None, junit)
    return code
