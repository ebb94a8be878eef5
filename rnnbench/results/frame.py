"""A results document as a table for pandas, which is imported here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rnnbench.choice import plain_text
from rnnbench.errors import RnnbenchError

if TYPE_CHECKING:
    from rnnbench.results.document import Results

COLUMNS = ("case", "status", "metric", "value", "low", "high", "unit", "better", "kernel")


def to_frame(results: Results) -> Any:
    """Return a ``pandas.DataFrame`` with one row per case and metric, and a column for each parameter.

    Columns: :data:`COLUMNS` (``low`` and ``high`` are the ends of the 95 % interval, NaN where there is none), then the
    parameters of the cases (``connectivity``, ``hidden``, ...), choices in the notation of suites. Units are SI. A case
    without figures has one row, without a metric.

    Raises
    ------
    RnnbenchError
        pandas is not installed.
    """
    try:
        import pandas  # type: ignore[import-untyped,unused-ignore]  # stubs are not asked for
    except ImportError as error:
        raise RnnbenchError("Results.to_frame() needs pandas: install it with `pip install pandas`") from error
    return pandas.DataFrame(list(rows(results)), columns=columns(results))


def columns(results: Results) -> list[str]:
    """Return the names of the columns."""
    return [*COLUMNS, *dict.fromkeys(key for case in results for key in case.parameters if key != "measure")]


def rows(results: Results) -> Iterator[dict[str, Any]]:
    """Yield one row per case and metric."""
    for case in results:
        parameters = {key: _cell(value) for key, value in case.parameters.items() if key != "measure"}
        same = {"case": case.name, "status": case.status, "kernel": case.kernel, **parameters}
        for metric in case.metrics.values():
            low, high = metric.ci95 or (None, None)
            said = {"metric": metric.key, "value": metric.value, "unit": metric.unit, "better": metric.better}
            yield {**same, **said, "low": low, "high": high}
        if not case.metrics:
            yield same


def _cell(value: Any) -> Any:
    """Return a parameter as one value: a choice ``{name: options}`` as ``name(key=value)``."""
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, options),) = value.items()
        if isinstance(options, Mapping):
            return f"{name}({','.join(f'{key}={plain_text(option)}' for key, option in options.items())})"
    return plain_text(value) if isinstance(value, (Mapping, list)) else value
