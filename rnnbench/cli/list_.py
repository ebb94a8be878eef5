"""``rnnbench list``: what suites can name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from rnnbench.cli.manual import Manual
from rnnbench.cli.plugin_option import plugin_option

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.table import Table

    from rnnbench.choice import Choice

_WORDS = ("connectivities", "cells", "kernels", "tasks", "initialisations", "decays", "measurements")


class _Word(click.Choice[str]):
    """One of the words, with a suggestion for a misspelt one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.choices:
            return str(value)
        from rnnbench.words import did_you_mean, quoted

        self.fail(f"cannot list {quoted(value)}{did_you_mean(value, _WORDS)}", param, ctx)


@click.command(
    name="list",
    cls=Manual,
    arguments={
        "connectivities": "which entries of W_hh may be non-zero",
        "cells": "what a step computes",
        "kernels": "how it is computed",
        "tasks": "what is learnt",
        "initialisations": "where weights start",
        "decays": "how the learning rate falls",
        "measurements": "what is found out about a case, with its metrics",
    },
    examples=("rnnbench list connectivities", "rnnbench list measurements"),
    exits={0: "listed", 2: "wrong command line"},
)
@click.argument("what", metavar="WHAT", type=_Word(_WORDS))
@plugin_option
def list_(what: str) -> None:
    """List what suites can name, with options, their defaults and what they mean. WHAT is one of the arguments below.

    docs/suites.md says more of each; `rnnbench schema suite` says it to editors.
    """
    from rich.console import Console

    Console().print(_TABLES[what]())


def _connectivities() -> Table:
    from rnnbench.connectivity import CONNECTIVITIES

    rows = []
    for connectivity in CONNECTIVITIES:
        rows.append((connectivity.kind, _options(connectivity), connectivity.count, connectivity.summary))
        rows += [(alias, "", "", f"the same as {_meant(connectivity, alias)}") for alias in connectivity.aliases]
    return _table(
        "connectivity: which entries of W_hh may be non-zero", ("name", "options", "weights", "meaning"), rows
    )


def _meant(choice: type[Choice], alias: str) -> str:
    """Return what an alias stands for: ``banded(1,1,circular=true)``."""
    from rnnbench.choice import compact

    return compact(choice(**choice.aliases[alias]))


def _cells() -> Table:
    from rnnbench.cell import CELLS

    rows = [(cell.name, " ".join(cell.gates), cell.summary) for cell in CELLS.values()]
    return _table(
        "cell: what a step makes of z = W x + b and its state; s is the logistic function",
        ("name", "gates", "meaning"),
        rows,
    )


def _kernels() -> Table:
    from rnnbench.kernels.catalogue import entries

    rows = [("auto", "the first of the following that can serve")]
    rows += [(kernel.name, kernel.summary) for kernel in entries()]
    return _table("kernel: how the recurrence is computed", ("name", "meaning"), rows)


def _tasks() -> Table:
    from rnnbench.tasks import TASKS

    rows = [(task.kind, _options(task), task.sizes, task.summary) for task in TASKS]
    return _table(
        "task: what `training` learns; sizes are those of input and answer",
        ("name", "options", "sizes", "meaning"),
        rows,
    )


def _initialisations() -> Table:
    from rnnbench.suite.initialisation import INITIALISATIONS

    rows = [(one.kind, _options(one), one.summary) for one in INITIALISATIONS]
    return _table("initialisation: where weights start", ("name", "options", "meaning"), rows)


def _decays() -> Table:
    from rnnbench.suite.decay import DECAYS

    rows = [(one.kind, _options(one), one.summary) for one in DECAYS]
    return _table("training.decay: how the learning rate falls", ("name", "options", "meaning"), rows)


def _measurements() -> Table:
    from rnnbench.measure.catalogue import MEASUREMENTS
    from rnnbench.suite.schema import MEASUREMENT_SETTINGS

    rows = [
        (f"{entry.name}:\n{entry.summary}", _options(MEASUREMENT_SETTINGS[entry.name]), "\n".join(entry.metrics))
        for entry in MEASUREMENTS
    ]
    return _table("measure: what is found out about a case", ("meaning", "settings", "metrics"), rows)


_TABLES: dict[str, Callable[[], Table]] = {
    "connectivities": _connectivities,
    "cells": _cells,
    "kernels": _kernels,
    "tasks": _tasks,
    "initialisations": _initialisations,
    "decays": _decays,
    "measurements": _measurements,
}


def _options(model: type[BaseModel]) -> str:
    """Return the options of a choice or measurement, one a line: ``lower`` if required, else ``circular=false``."""
    from rnnbench.choice import plain_text

    fields = model.model_fields.items()
    return "\n".join(key if field.is_required() else f"{key}={plain_text(field.default)}" for key, field in fields)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, leading=1 if "metrics" in columns else 0)
    for column in columns:
        table.add_column(column, no_wrap=column not in ("weights", "meaning"), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
