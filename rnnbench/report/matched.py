"""Hidden sizes that were chosen to match a reference, in words: to what, and how near they came.

Documents are untrusted: what is missing or of another type is left unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rnnbench.report.printable import printable
from rnnbench.report.units import number
from rnnbench.results.document import Results, metric

_MOST_NAMED = 4
Record = Mapping[str, Any]


def match_notes(results: Results) -> Iterator[str]:
    """Yield a sentence for each reference that cases were matched to, with the sizes of the first cases."""
    found: dict[str, list[str]] = {}
    for case in results.cases:
        record = metric(case, "matched_hidden")
        aim = None if record is None else _aim(record)
        if record is None or aim is None or record["value"] is None:
            continue
        reached = _reached(record, metric(case, "match_ratio"))
        sizes = f"{_count(record['details'].get('reference_hidden'))} -> {_count(record['value'])}"
        found.setdefault(aim, []).append(f"{sizes} for {printable(case['name'])}{f' ({reached})' if reached else ''}")
    for aim, named in found.items():
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        yield f"hidden, to match {aim}: {', '.join(named[:_MOST_NAMED])}{more}"


def match_sentences(record: Record) -> Iterator[str]:
    """Yield what is to say of one chosen hidden size."""
    details = record["details"]
    aim = _aim(record)
    if aim is None:
        return
    own = details.get("parameters")
    reached = f": {_count(own)}" if _is_count(own) else ""
    yield f"hidden {_count(details.get('reference_hidden'))} -> {_count(record['value'])} to match {aim}{reached}."
    probes = details.get("probes")
    tried = [probe for probe in probes if isinstance(probe, Mapping)] if isinstance(probes, list) else []
    told = [
        f"{_count(probe.get('hidden'))} ({number(probe['ratio'])} times as long)"
        for probe in tried
        if isinstance(probe.get("ratio"), float)
    ]
    if told:
        yield f"The first launch tried {', '.join(told)}."


def _aim(record: Record) -> str | None:
    """Return what was to be matched: ``the 33,537 parameters of dense rnn with hidden 128``."""
    details = record["details"]
    like = details.get("reference")
    if not isinstance(like, str):
        return None
    if details.get("by") == "time":
        return f"the time of an iteration of {printable(like)}"
    if _is_count(details.get("reference_parameters")):
        return f"the {_count(details['reference_parameters'])} parameters of {printable(like)}"
    return None


def _reached(record: Record, ratio: Record | None) -> str:
    if _is_count(record["details"].get("parameters")):
        return f"{_count(record['details']['parameters'])} parameters"
    if ratio is None or ratio["value"] is None:
        return ""
    interval = "" if ratio["ci95"] is None else " [{}, {}]".format(*(f"{bound:.2f}" for bound in ratio["ci95"]))
    return f"{ratio['value']:.2f}x{interval} the time"


def _is_count(value: Any) -> bool:
    return type(value) in (int, float)


def _count(value: Any) -> str:
    return number(value, 0) if _is_count(value) else "?"
