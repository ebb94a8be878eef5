"""What a plot says, as plain data in the units of its axes. It is drawn as SVG for the page, or by matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Axis:
    """An axis: its title with the unit, its scale, and the values that get a tick (else the drawing chooses)."""

    title: str
    log: bool = False
    ticks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Point:
    """A point with its 95 % intervals, or the spread of a ribbon, in both directions; ``name`` stands beside it."""

    x: float
    y: float
    y_range: tuple[float, float] | None = None
    x_range: tuple[float, float] | None = None
    name: str = ""


@dataclass(frozen=True)
class Series:
    """Points that belong together.

    Attributes
    ----------
    slot
        Which colour, marker and dash it has: the same label has the same slot in every plot of a document.
    style
        ``line``: connected; ``points``: not; ``ribbon``: connected, with the ranges as an area around it; ``curve``:
        connected, with the ranges in the table of figures alone.
    """

    label: str
    points: tuple[Point, ...]
    slot: int
    style: Literal["line", "points", "ribbon", "curve"] = "line"


@dataclass(frozen=True)
class Guide:
    """A line to hold the others against: a roof, a budget, a threshold."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Plot:
    """Lines and points over two axes.

    Attributes
    ----------
    kind
        Which plot it is, as a file name has it.
    setting
        What sets it apart from others of its kind; may be empty.
    title, description
        What it says, in one sentence; and what is drawn, for who cannot see it or wants to know.
    """

    kind: str
    setting: str
    title: str
    description: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    guides: tuple[Guide, ...] = ()


@dataclass(frozen=True)
class Bar:
    """One bar: its length, the text at its end, whether no end was seen, and whether it is drawn as an outline."""

    label: str
    value: float
    text: str
    slot: int
    open: bool = False
    outlined: bool = False


@dataclass(frozen=True)
class BarPlot:
    """Horizontal bars in groups, over a logarithmic axis that starts at 1."""

    kind: str
    setting: str
    title: str
    description: str
    x: Axis
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]


AnyPlot = Plot | BarPlot
