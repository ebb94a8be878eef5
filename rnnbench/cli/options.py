"""Options and arguments that several commands have: the same words, limits and completion everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from rnnbench.cli import complete

F = TypeVar("F", bound=Callable[..., Any])

_LONGEST_TIMEOUT_SECONDS = 1e8
"""Three years: what is longer overflows the clocks of some platforms."""


class Number(click.FloatRange):
    """A number within limits; NaN, which the limits of a range let through, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail with what is wrong with it."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


results_argument = click.argument("results", type=click.Path(path_type=Path), shell_complete=complete.documents)
"""``RESULTS``: one document."""


def _selection(*names: str) -> Callable[[F], F]:
    return click.option(
        *names,
        "select",
        metavar="EXPR",
        shell_complete=complete.expression,
        help="Only the cases whose names match: words with 'and', 'or', 'not' and parentheses.",
    )


select_cases = _selection("-k")
"""``-k``: an expression for :func:`rnnbench.suite.select.select_names`."""

select_case = _selection("--case", "-k")
"""``-k``, which where cases are shown one by one is also ``--case``."""

override_suite = click.option(
    "--set",
    "overrides",
    metavar="KEY=V1,V2",
    multiple=True,
    shell_complete=complete.setting,
    help="Override a key of the suite, or give an axis other values; may be repeated.",
)
"""``--set``: for :mod:`rnnbench.suite.overrides`."""

choose_device = click.option(
    "--device", metavar="DEVICE", help="Run on auto, cpu, cuda, cuda:N or mps, whatever the suite says."
)
"""``--device``."""

gate_as_json = click.option("--json", "as_json", is_flag=True, help="Print the gate as JSON.")
"""``--json`` of a gate."""

gate_as_junit = click.option(
    "--junit", metavar="FILE", type=click.Path(path_type=Path), help="Also write a JUnit test report."
)
"""``--junit`` of a gate."""

gate_strictly = click.option("--strict", is_flag=True, help="Exit with 4 where anything is left open.")
"""``--strict`` of a gate."""

gate_error_rate = click.option(
    "--alpha",
    metavar="RATE",
    type=Number(min=0, max=0.5, min_open=True),
    help="How often a gate on unchanged code may fail (default: the suite's, or 0.01).",
)
"""``--alpha`` of a gate."""


def gate_limits(worse: str) -> Callable[[F], F]:
    """``--limit``; ``worse`` says in the help how a limit is exceeded, and for which metrics."""
    return click.option(
        "--limit",
        "limits",
        metavar="[METRIC=]FRACTION",
        multiple=True,
        help=f"{worse} May be repeated; overrules the suite's `gate` section.",
    )


def give_up_after(seconds: float, what: str) -> Callable[[F], F]:
    """``--timeout``, by default ``seconds``; ``what`` says in the help what ends then."""
    return click.option(
        "--timeout",
        metavar="SECONDS",
        type=Number(min=0, min_open=True, max=_LONGEST_TIMEOUT_SECONDS),
        default=seconds,
        show_default=True,
        help=what,
    )


def choose_metrics(what: str) -> Callable[[F], F]:
    """``--metric``; ``what`` says in the help what is shown without it."""
    return click.option(
        "--metric",
        "metrics",
        metavar="NAME",
        multiple=True,
        shell_complete=complete.metrics,
        help=f"Only this metric, such as training_time or training_time.layer; may be repeated. Default: {what}",
    )
