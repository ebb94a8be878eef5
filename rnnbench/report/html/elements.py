"""Elements of the page. Every text goes through :func:`text`: documents are untrusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rnnbench.report.printable import printable


def text(value: object) -> str:
    """Return a text as HTML that shows it as it is, in elements and attributes alike."""
    return escape(printable(value))


def name_text(name: object) -> str:
    """Return the name of a case as HTML, which may be broken after its slashes."""
    return text(name).replace("/", "/<wbr>")


def listed(texts: Iterable[str], kind: str = "") -> str:
    """Return plain texts as a list, or nothing."""
    items = "".join(f"<li>{text(item)}</li>" for item in texts)
    return f'<ul class="{kind}">{items}</ul>' if items else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """Return plain texts as a table that scrolls by itself where it is too wide; the first column names the rows."""
    head = "".join(f'<th scope="col">{text(cell)}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{name_text(first)}</th>{"".join(f"<td>{text(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return scrolling(
        f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>", caption
    )


def scrolling(html: str, label: str) -> str:
    """Return HTML in a box that scrolls sideways, also by the keyboard, so that the page does not."""
    return f'<div class="wide" role="region" tabindex="0" aria-label="{text(label)}">{html}</div>'


def folded(summary: str, html: str) -> str:
    """Return HTML that opens on demand."""
    return f"<details><summary>{text(summary)}</summary>{html}</details>"
