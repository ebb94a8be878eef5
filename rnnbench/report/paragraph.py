"""Sentences and lists on a console, wrapped to be read."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from rnnbench.report.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

READABLE = 100
"""Sentences are wrapped at this width, however wide the terminal is."""


def paragraph(console: Console, text: str, bullet: str = "", style: str = "") -> None:
    """Print a text wrapped to a readable width, with a hanging bullet."""
    lines = textwrap.wrap(
        text,
        min(console.width, READABLE),
        initial_indent=bullet,
        subsequent_indent=" " * len(bullet),
        break_on_hyphens=False,
    )
    for line in lines:
        console.print(Text(line, style=style), soft_wrap=True)


def section(console: Console, title: str, texts: Sequence[str]) -> None:
    """Print a title with a bulleted list, or nothing where the list is empty."""
    if not texts:
        return
    console.print()
    console.print(Text(title, style="bold"), soft_wrap=True)
    for text in texts:
        paragraph(console, printable(text), bullet="- ")
