"""The answer of each document in a line, and over several documents how these go together."""

from __future__ import annotations

from collections.abc import Sequence

from rnnbench.analysis.answer_line import Line
from rnnbench.analysis.overview import agreement, verdicts
from rnnbench.report.header import machine_text, setting, verdict
from rnnbench.report.html.cost_table import cost_table
from rnnbench.report.html.elements import text
from rnnbench.results.document import Results


def line_of(results: Results) -> Line | None:
    """Return the answer that a document's conclusions have, None where there is none."""
    found = results.conclusions.get("answer")
    return Line.of_json(found) if found else None


def lead(results: Results) -> str:
    """Return a document's own answer as HTML: verdict, answer, costs, how sure it is; empty if there is none."""
    line = line_of(results)
    said = verdict(results)
    return (f'<p class="lead">{text(said)}</p>' if said else "") + (_told(line, "lead") if line else "")


def overview_section(members: Sequence[tuple[str, str, Results]]) -> str:
    """Return the section at the top of the page.

    Parameters
    ----------
    members
        Of each document: the place of its section in the page, its name, and itself.
    """
    lines = [(name, line) for _, name, results in members if (line := line_of(results))]
    together = verdicts(lines) or [agreement(lines)]
    said = "".join(f'<p class="lead">{text(one)}</p>' for one in together if one)
    apart = _machines([results for _, _, results in members])
    said += f'<p class="about">{text(apart)}</p>' if apart else ""
    items = "".join(_item(place, name, results) for place, name, results in members)
    return (
        '<section class="overview" aria-labelledby="overview"><h2 id="overview">The answers</h2>'
        f"{said}<ul>{items}</ul>{cost_table(members)}</section>"
    )


def _item(place: str, name: str, results: Results) -> str:
    """Return one line: the suite with a link, what it asks, its answer."""
    line = line_of(results)
    link = f'<a href="#{text(place)}">{text(name)}</a>'
    asked = f": {text(line.question)}" if line else ""
    told = _told(line, "answers") if line else f"<p>{text(_without(results))}</p>"
    machine = machine_text(results.machine)
    measured = " ".join(part for part in (setting(results), f"Measured on {machine}." if machine else "") if part)
    where = f'<p class="about">{text(measured)}</p>' if measured else ""
    return f"<li><h3>{link}{asked}</h3>{told}{where}</li>"


def _machines(documents: Sequence[Results]) -> str:
    """Return that times do not compare across documents, where these come from several machines."""
    number = len({results.machine.get("fingerprint") for results in documents})
    if number < 2:
        return ""
    return (
        f"Measured on {number} machines: times compare within a document, not between documents of different machines."
    )


def _told(line: Line, kind: str) -> str:
    cost = f"<p>{text(line.cost)}</p>" if line.cost else ""
    sure = f'<p class="about">{text(f"How sure: {line.sure}")}</p>' if line.sure else ""
    return f'<p class="{kind}">{text(line.text)}</p>{cost}{sure}'


def _without(results: Results) -> str:
    """Return what stands for an answer where nothing is held against anything: the first finding."""
    return results.findings[0] if results.findings else "Nothing can be concluded from it."
