"""Machine and method: what the figures were measured on and how, and what they mean."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnbench.report.header import machine_text
from rnnbench.report.html.elements import folded, table, text
from rnnbench.report.units import in_unit
from rnnbench.results.document import Results
from rnnbench.results.metrics import metric_kind

_METHOD = (
    "A time is the median over fresh processes (launches) of the median in each; its 95 % interval is Student's t "
    "on the logarithms of the launches' medians, because samples within one process are not independent. A ratio of "
    "two times has Welch's interval on logarithms. Fewer than three launches give no interval.",
    "What is learnt is judged over independently seeded models: accuracies have bootstrap intervals, shares of seeds "
    "exact binomial ones; tests are exact, and p-values are adjusted for their number (Holm).",
    "Before a kernel is timed, its states and every gradient are checked against a plain float64 loop; one that "
    "disagrees is not timed.",
    "Weights and bytes are counted, not sampled: they have no interval.",
)
_RATES = {
    "memory_bandwidth": "copy, memory",
    "last_cache_bandwidth": "copy, last cache",
    "cache_bandwidth": "copy, caches of the cores",
}


def method_section(results: Results) -> str:
    """Return how the figures came about, as HTML."""
    run = results.run
    facts = [
        ("machine", machine_text(results.machine) or "not recorded"),
        ("fingerprint", results.machine.get("fingerprint")),
        ("versions", _versions(results)),
        ("started", run["started"]),
        ("finished", run.get("finished") or "not finished"),
        ("launches", run.get("launches")),
        ("seed", run.get("seed")),
        ("command", _command(run.get("argv"))),
        ("commit", _commit(results.provenance.get("git"))),
        ("conditions", _conditions(results.data["conditions"])),
        ("suite", f"{results.suite['name']} ({results.suite.get('path') or 'path not recorded'})"),
    ]
    items = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in facts if value not in (None, ""))
    reached = list(_reached(results.calibration))
    calibrated = (
        table(
            ("what this machine reached", "best", "median", "spread"),
            reached,
            "Calibration; the lines of rooflines are the best of the repeats",
        )
        if reached
        else ""
    )
    return f"<dl>{items}</dl>{folded('Calibration', calibrated) if calibrated else ''}{_kernels(results)}"


def definitions(documents: Sequence[Results]) -> str:
    """Return what the figures mean and how they are measured, once for all documents."""
    keys = list(dict.fromkeys(key for results in documents for key in results.metric_keys()))
    kinds = {kind.name: kind for key in keys if (kind := metric_kind(key))}
    rows = [(kind.title, kind.summary, kind.name) for kind in kinds.values()]
    method = "".join(f"<p>{text(sentence)}</p>" for sentence in _METHOD)
    if rows:
        method += folded("What each figure is", table(("figure", "meaning", "name in documents"), rows, "Figures"))
    return method


def _kernels(results: Results) -> str:
    """Return which kernel ran each case, and what was passed over."""
    rows: list[tuple[str, str, str, str]] = []
    for case in results.cases:
        kernel = case.get("kernel")
        if isinstance(kernel, Mapping):
            rejected = kernel.get("rejected")
            passed = (
                [f"{one.get('name')}: {one.get('reason')}" for one in rejected or () if isinstance(one, Mapping)]
                if isinstance(rejected, list)
                else []
            )
            rows.append((case["name"], kernel.get("name") or "", kernel.get("remark") or "", "; ".join(passed)))
    heads = ("case", "kernel", "remark", "passed over")
    return folded("Kernels", table(heads, rows, "The kernel of each case")) if rows else ""


def _versions(results: Results) -> str:
    packages = results.provenance.get("packages")
    known = {"rnnbench": results.run.get("rnnbench_version"), "python": results.provenance.get("python")}
    known |= packages if isinstance(packages, Mapping) else {}
    return ", ".join(f"{name} {version}" for name, version in known.items() if version)


def _command(argv: Any) -> str:
    return shlex.join(map(str, argv)) if isinstance(argv, list) else ""


def _commit(git: Any) -> str:
    if not isinstance(git, Mapping):
        return ""
    return f"{git.get('commit')}{', with uncommitted changes' if git.get('dirty') else ''}"


def _conditions(conditions: Mapping[str, Any]) -> str:
    said = []
    for when in ("start", "end"):
        moment = conditions.get(when)
        load = moment.get("load") if isinstance(moment, Mapping) else None
        if isinstance(load, list) and load and isinstance(load[0], (int, float)):
            said.append(f"load {load[0]:.2g} at the {when}")
    return ", ".join(said)


def _reached(calibration: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str, str]]:
    """Yield what a calibration says, as far as it says it."""
    devices = (calibration or {}).get("devices")
    for device, figures in devices.items() if isinstance(devices, Mapping) else ():
        if not isinstance(figures, Mapping):
            continue
        named = [(title, figures.get(name)) for name, title in _RATES.items()]
        peaks = figures.get("gemm_peak")
        named += [(f"product, {dtype}", peak) for dtype, peak in peaks.items()] if isinstance(peaks, Mapping) else []
        for title, estimate in named:
            if isinstance(estimate, Mapping) and isinstance(estimate.get("value"), (int, float)):
                unit, spread, repeats = str(estimate.get("unit")), estimate.get("spread"), estimate.get("repeats")
                known = [value for value in repeats or () if isinstance(value, (int, float))]
                best = in_unit(unit, max(known)) if known else ""
                said = f"{100 * spread:.0f} %" if isinstance(spread, (int, float)) else ""
                yield f"{device}: {title}", best, in_unit(unit, estimate["value"]), said
