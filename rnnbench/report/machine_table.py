"""What ``rnnbench machine`` found, for people: the fingerprint, the noise, and what the machine can reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rnnbench.report.header import machine_text
from rnnbench.report.paragraph import paragraph
from rnnbench.report.printable import printable
from rnnbench.report.units import in_unit

if TYPE_CHECKING:
    from rich.console import Console

_INGREDIENTS = {
    "model": "processor",
    "design": "its design",
    "logical": "logical cores",
    "physical": "physical cores",
    "affinity": "cores of this process",
    "quota": "cores of the quota",
    "memory_gib": "class of memory (GiB)",
    "gpus": "GPUs, driver",
    "os": "system",
}
_BANDWIDTHS = {
    "memory_bandwidth": "copy, memory",
    "last_cache_bandwidth": "copy, last cache",
    "cache_bandwidth": "copy, caches of each core",
}
_LATENCIES = {"dispatch_latency": "one small torch operation", "dependent_latency": "one dependent addition"}
WIDEST = 140
"""A table is no wider, however wide the terminal is."""


def render_machine(document: Mapping[str, Any], console: Console) -> None:
    """Print the document of ``rnnbench machine``: three tables with a sentence above each."""
    machine = document["machine"]
    paragraph(console, printable(f"{machine_text(machine)}; fingerprint {machine['fingerprint']}."))
    paragraph(console, "Timings compare where these are the same:")
    _table(
        console, ("what", "here"), [(_INGREDIENTS[key], _said(value)) for key, value in document["ingredients"].items()]
    )
    _render_noise(document["noise"], console)
    _render_calibration(document["calibration"], console)


def _render_noise(noise: Mapping[str, Any], console: Console) -> None:
    limits = noise["thresholds"]
    paragraph(
        console,
        f"Noise: {noise['verdict']}. One in twenty of {noise['repeats']:,} passes over a fixed work took at least "
        f"{100 * noise['excess']:.1f} % longer than the median (quiet up to {100 * limits['quiet']:g} %, moderate up "
        f"to {100 * limits['moderate']:g} %).",
    )
    rows = [(finding["subject"], finding["found"], finding["advice"] or "-") for finding in noise["findings"]]
    _table(console, ("looked at", "found", "advice"), rows)


def _render_calibration(calibration: Mapping[str, Any], console: Console) -> None:
    for device, figures in calibration["devices"].items():
        threads = calibration["threads"]
        with_threads = f" with {threads} {'thread' if threads == 1 else 'threads'}" if device == "cpu" else ""
        measured = f"measured {figures['measured']} in {figures['seconds']:g} s"
        text = f"What {device}{with_threads} can reach, by torch {calibration['torch']}, {measured}"
        busy = "; the machine was busy then: calibrate again when it is quiet" if figures["busy"] else ""
        paragraph(console, printable(f"{text}{busy}."))
        _table(console, ("figure", "median", "spread", "of"), list(_figures(figures)))


def _figures(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, title in _BANDWIDTHS.items():
        if figures[name] is None:
            continue
        details = figures[name]["details"]
        small = "" if details.get("beyond_caches", True) else ", less than 4 caches or the cache unknown"
        yield _row(title, figures[name], f"arrays of {in_unit('bytes', details['array_bytes'])}{small}")
    for dtype, peak in figures["gemm_peak"].items():
        size = peak["details"]["size"]
        yield _row(f"product, {dtype}", peak, f"matrices of {size} x {size}")
    for name, title in _LATENCIES.items():
        if figures[name] is not None:
            ((_, count),) = figures[name]["details"].items()
            yield _row(title, figures[name], f"{count:,} in a row")


def _row(title: str, estimate: Mapping[str, Any], of: str) -> tuple[str, str, str, str]:
    return title, in_unit(estimate["unit"], estimate["value"]), f"{100 * estimate['spread']:.0f} %", of


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(" ".join(part for part in gpu if part) for gpu in value) or "none"
    return "none" if value is None else str(value)


def _table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under ``columns``; the last column folds where the terminal is narrow."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table, width=min(console.width, WIDEST))
