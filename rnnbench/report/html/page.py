"""The whole page: answers and findings first, then tables, plots, machine and method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rnnbench import __version__
from rnnbench.analysis.glossary import terms
from rnnbench.report.header import header, machine_text, setting
from rnnbench.report.html.answer_table import answer_section
from rnnbench.report.html.assets import policy, script, style
from rnnbench.report.html.elements import listed, text
from rnnbench.report.html.figure import figures
from rnnbench.report.html.glossary import linked, words
from rnnbench.report.html.machine import definitions, method_section
from rnnbench.report.html.machines import across_section
from rnnbench.report.html.main_table import table_section
from rnnbench.report.html.overview import lead, overview_section
from rnnbench.report.plots.catalogue import plots
from rnnbench.results.document import Results

_QUESTION = "Is full connectivity in W_hh necessary?"


def to_html(documents: Sequence[Results]) -> str:
    """Return one self-contained page on one or several results documents, those of one suite side by side."""
    suites: dict[str, list[Results]] = {}
    for results in documents:
        suites.setdefault(results.suite["name"], []).append(results)
    names = list(suites)
    title = f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''}: rnnbench report"
    style_text, script_text = style(), script()
    contents = _contents(names) if len(names) > 1 else ""
    answers = overview_section(list(_places(suites))) if len(names) > 1 else ""
    body = "".join(
        _suite(name, members, f"suite-{index}", led=len(names) == 1)
        for index, (name, members) in enumerate(suites.items())
    )
    shown, used = linked(f"{answers}{body}", terms(documents))
    to_words = ' <a href="#words">Words</a> explains the terms.' if used else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy(style_text, script_text))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{style_text}</style>\n</head>\n<body>\n"
        f'<header class="top"><div><h1>{_QUESTION}</h1><p class="about">'
        f"{text(f'Measured by rnnbench; this report by version {__version__}. Intervals are 95 %.')}"
        f"{to_words}</p></div>"
        '<button type="button" class="theme" aria-pressed="false" hidden>Dark</button></header>\n'
        f"{contents}\n<main>{shown}"
        f'<section aria-labelledby="method"><h2 id="method">Method</h2>{definitions(documents)}{words(used)}</section>'
        "</main>\n"
        f"<script>{script_text}</script>\n</body>\n</html>\n"
    )


def _contents(names: Sequence[str]) -> str:
    links = "".join(f'<li><a href="#suite-{index}">{text(name)}</a></li>' for index, name in enumerate(names))
    return f'<nav aria-label="Suites"><ul>{links}</ul></nav>'


def _places(suites: Mapping[str, Sequence[Results]]) -> Iterator[tuple[str, str, Results]]:
    """Yield the place, the name and the document of each answer; documents of one suite by their machines, too."""
    for index, (name, members) in enumerate(suites.items()):
        for machine, one in zip(_names(members), members, strict=True):
            yield f"suite-{index}", name if len(members) == 1 else f"{name}, {machine}", one


def _suite(name: str, members: Sequence[Results], identity: str, led: bool) -> str:
    """Return the section of one suite, with its documents in columns.

    Parameters
    ----------
    led
        Whether it begins with its answer; of several suites the answers stand together at the top.
    """
    names = _names(members)
    several = len(members) > 1
    parts = [f'<section aria-labelledby="{identity}"><h2 id="{identity}">{text(name)}</h2>']
    description = members[0].suite.get("description")
    if description:
        parts.append(f"<p>{text(description)}</p>")
    parts.append(_beside([_findings(one, led) for one in members], names, "findings"))
    parts.append(across_section(members, names))
    for index, one in enumerate(members):
        heading = f"All cases{f', {names[index]}' if several else ''}"
        parts.append(f"<h3>{text(heading)}</h3>{table_section(one, f'{identity}-table-{index}')}")
    drawn = [figures(plots(one), f"{identity}-plot-{index}") for index, one in enumerate(members)]
    if any(drawn):
        parts.append(f"<h3>Plots</h3>{_beside(drawn, names, 'plots')}")
    parts.append(f"<h3>Machine and run</h3>{_beside([method_section(one) for one in members], names, 'machine')}")
    return "".join([*parts, "</section>"])


def _names(members: Sequence[Results]) -> list[str]:
    """Return what tells the documents of a suite apart: the machine, and the start where that is the same."""
    machines = [machine_text(one.machine) or str(one.machine.get("fingerprint") or "machine") for one in members]
    return [
        machine if machines.count(machine) == 1 else f"{machine}, {one.run['started']}"
        for machine, one in zip(machines, members, strict=True)
    ]


def _beside(parts: Sequence[str], names: Sequence[str], what: str) -> str:
    """Return one part as it is, several side by side under their names."""
    if len(parts) == 1:
        return parts[0]
    nothing = f"<p>No {what}.</p>"
    columns = "".join(
        f'<div><p class="about"><strong>{text(name)}</strong></p>{part or nothing}</div>'
        for part, name in zip(parts, names, strict=True)
    )
    return f'<div class="columns">{columns}</div>'


def _findings(results: Results, led: bool) -> str:
    usable = any(record["value"] is not None for case in results.cases for record in case["metrics"].values())
    parts = [f'<p class="about">{text(said)}</p>' for said in (setting(results), header(results)) if said]
    if not usable:
        parts.append(f'<p class="lead">{text(_nothing(results))}</p>')
    answer = (lead(results) if led else "") + answer_section(results) if usable else ""
    parts.append(f"<h3>{'Answer' if led else 'Figures of the answer'}</h3>{answer}" if answer else "")
    parts.append(f"<h3>Findings</h3>{listed(results.findings)}" if usable or results.findings else "")
    parts.append(f"<h3>Warnings</h3>{listed(results.warnings, 'warnings')}" if results.warnings else "")
    failed = [
        f"{case['name']}: {case['status']}: {case['reason'] or 'no reason was recorded'}" for case in results.failed
    ]
    parts.append(f"<h3>Failed cases</h3>{listed(failed)}" if failed else "")
    return "".join(parts)


def _nothing(results: Results) -> str:
    if not results.cases:
        return "This document has no cases: nothing was measured."
    failed = len(results.failed)
    how = f"{failed} of {len(results.cases)} failed" if failed else "none has a figure"
    return f"This document has no usable case: {how}. Nothing can be concluded from it."
