"""What GitHub Actions shows of a gate: annotations on the run, and a step summary.

Source: "Workflow commands for GitHub Actions", docs.github.com/actions/reference/workflow-commands-for-github-actions;
its toolkit (github.com/actions/toolkit, packages/core/src/command.ts) has the escapes. A step shows ten annotations of
a kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rnnbench.analysis.gate_line import Line, Outcome
from rnnbench.errors import RnnbenchError
from rnnbench.report.gate_words import line_text, missing

_MOST = 10
_TITLE = "rnnbench gate"
_SUMMARY_BYTES = 1 << 20


def in_actions(environment: Mapping[str, str]) -> bool:
    """Return whether this is a step of GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def workflow_commands(lines: Sequence[Line]) -> Iterator[str]:
    """Yield a workflow command for each line that fails the gate, and for each that only would: errors and warnings."""
    errors = [line_text(line) for line in lines if line.failing]
    errors += [f"MISSING: {text}" for text in missing(lines)]
    warnings = [line_text(line) for line in lines if line.outcome is Outcome.REGRESSED and not line.failing]
    for command, texts in (("error", errors), ("warning", warnings)):
        shown = texts if len(texts) <= _MOST else texts[: _MOST - 1]
        for text in shown:
            yield f"::{command} title={_TITLE}::{_escaped(text)}"
        if len(texts) > len(shown):
            yield f"::{command} title={_TITLE}::and {len(texts) - len(shown):,} more, see the step summary"


def append_summary(environment: Mapping[str, str], markdown: str) -> None:
    """Append to the step summary, where the environment names its file; what is there stays.

    Raises
    ------
    RnnbenchError
        The file cannot be written.
    """
    path = environment.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(markdown.encode()[:_SUMMARY_BYTES].decode(errors="ignore"))
    except OSError as error:
        raise RnnbenchError(f"{path}: the step summary cannot be written ({error.strerror})") from error


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
