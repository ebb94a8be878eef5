"""Earlier sessions on the same machine: what they tell of the noise between sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnbench.analysis.align import Case, Document, Pairing
from rnnbench.analysis.integrity import checked
from rnnbench.errors import RnnbenchError


@dataclass(frozen=True)
class Sessions:
    """Documents of earlier runs on the machine of a pairing.

    Attributes
    ----------
    documents
        Without the pairing's own, one per run, by time.
    left_out
        Why others do not count, with how many: ``{"of another machine": 2}``.
    """

    documents: tuple[Document, ...]
    left_out: Mapping[str, int]

    def cases(self) -> list[dict[str, Case]]:
        """Return the cases of each session by id."""
        return [{case["id"]: case for case in document.results.cases} for document in self.documents]


def read_sessions(paths: Sequence[Path], pairing: Pairing) -> Sessions:
    """Return the earlier sessions in files, and in folders of files.

    In a folder, what is no results document, or a damaged one, is left out and counted; a file is named on purpose.

    Raises
    ------
    RnnbenchError
        A file that is no results document, or a path that is not there.
    """
    left_out: dict[str, int] = {}
    own = {side.results.run["id"] for side in (pairing.base, pairing.new)}
    found: dict[str, Document] = {}
    for document in _documents(paths, left_out):
        run = document.results.run
        if run["id"] in own or run["id"] in found:
            continue
        reason = _reason(document, pairing)
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            found[run["id"]] = document
    ordered = sorted(found.values(), key=lambda document: str(document.results.run["started"]))
    return Sessions(tuple(ordered), left_out)


def _documents(paths: Sequence[Path], left_out: dict[str, int]) -> Iterable[Document]:
    for file, results in checked(paths):
        if isinstance(results, RnnbenchError):
            left_out["unreadable"] = left_out.get("unreadable", 0) + 1
        else:
            yield Document(str(file), results)


def _reason(document: Document, pairing: Pairing) -> str | None:
    """Return why a document does not count as an earlier session, or None."""
    results, new = document.results, pairing.new.results
    if results.machine.get("fingerprint") != new.machine.get("fingerprint"):
        return "of another machine"
    if results.run["started"] >= new.run["started"]:
        return "not earlier"
    common = {second["id"] for _, second in pairing.common}
    return None if any(case["id"] in common for case in results.cases) else "of other cases"
