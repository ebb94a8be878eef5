"""Every plot that there is, in the order in which a reader asks."""

from __future__ import annotations

from collections.abc import Iterator

from rnnbench.report.plots import (
    accuracy_cost,
    crossover,
    gradient_decay,
    learning_curve,
    max_length,
    memory_length,
    roofline,
    scaling,
)
from rnnbench.report.plots.plot import AnyPlot
from rnnbench.report.plots.setting import Setting
from rnnbench.results.document import Results

_MODULES = (
    accuracy_cost,
    learning_curve,
    max_length,
    gradient_decay,
    memory_length,
    scaling,
    crossover,
    roofline,
)
KINDS = tuple(module.KIND for module in _MODULES)


def plots(results: Results) -> Iterator[AnyPlot]:
    """Yield every plot that the document has the data for."""
    setting = Setting.of(results)
    for module in _MODULES:
        yield from module.plots(setting)
