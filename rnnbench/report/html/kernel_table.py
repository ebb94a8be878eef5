"""Kernels of a document as a table: each case beside torch's layer, beside dense, and beside the suite's baseline."""

from __future__ import annotations

from rnnbench.analysis.contrast import Contrast
from rnnbench.analysis.cost import held, pass_of
from rnnbench.analysis.kernel_contrast import TORCH, Timed, timed_kernels
from rnnbench.analysis.weights import recurrent_weights
from rnnbench.analysis.wording import count
from rnnbench.report.html.elements import table
from rnnbench.report.units import number, unit_for

_NOTHING = "–"


def kernel_table(contrast: Contrast) -> str:
    """Return the table as HTML; nothing unless torch's layers were timed."""
    key, timed = timed_kernels(contrast)
    shown = [one for one in timed if key in one.case["metrics"]]
    if not shown:
        return ""
    unit = unit_for("s", [one.case["metrics"][key]["value"] or 0.0 for one in shown])
    layers = "/".join(dict.fromkeys(TORCH.get(one.cell, one.cell) for one in shown if one.torch))
    heads = ["setting", "connectivity", "kernel", "recurrent weights", f"time ({unit.name})"]
    heads += [f"beside {layers} (dense)", "beside dense, same kernel", f"beside {contrast.baseline}, same connectivity"]
    rows = [_row(one, key, unit.factor) for one in shown]
    kept = [index for index in range(len(heads)) if any(row[index] not in ("", _NOTHING) for row in rows)]
    caption = (
        f"A {pass_of(key)}; what has an x is a ratio of times, what is in brackets a 95 % interval over the launches"
    )
    if not any("peak_memory" in one.case["metrics"] for one in shown):
        caption += "; memory was not measured here"
    return table([heads[index] for index in kept], [[row[index] for index in kept] for row in rows], caption)


def _row(one: Timed, key: str, factor: float) -> list[str]:
    value = one.case["metrics"][key]["value"]
    time = _NOTHING if value is None else number(value / factor)
    weights = recurrent_weights(one.case)
    known = _NOTHING if weights is None else count(weights)
    beside = (one.torch, one.dense, one.baseline)
    return [one.setting, one.connectivity, one.kernel, known, time, *(held(ratio) or _NOTHING for ratio in beside)]
