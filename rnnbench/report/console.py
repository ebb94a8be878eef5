"""Where tables are printed."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

UNLIMITED = 100_000
"""Columns of an output that is no terminal: a file or a pipe gets everything in full width."""


def stdout_console() -> Console:
    """Return a console on standard output; it respects NO_COLOR, and COLUMNS where that is set."""
    from rich.console import Console

    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that cannot show a character gets a question mark, not a crash.
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNLIMITED
    return console
