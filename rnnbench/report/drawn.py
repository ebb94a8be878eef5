"""Bars and curves in tables, as large as the terminal has room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnbench.report.columns import Column
from rnnbench.report.layout import GAP, SetColumn, fold, set_column

_SIZES = ((8, True), (5, True), (8, False), (5, False))
"""Widths of bars, and whether curves stand beside them: what is tried, the largest first."""


def with_drawings(
    columns: Sequence[Column], room: int, ascii_only: bool, in_order: bool = False
) -> list[list[SetColumn]]:
    """Return the columns of each table, as :func:`fold` does, with drawings where they cost no further table.

    Columns that are drawings alone (curves) are left out where there is no room for them. ``in_order`` keeps columns as
    they are given; else those of a group stand together.
    """
    columns = [replace(column, group="") for column in columns] if in_order else columns
    sizes: dict[str, tuple[int, bool]] = {}
    tables = fold(_set(columns, sizes, ascii_only), room)
    drawable = [
        column.group for column in columns if any(cell.share is not None or cell.curve for cell in column.cells)
    ]
    for group in dict.fromkeys(drawable):
        for size in _SIZES:
            tried = fold(_set(columns, {**sizes, group: size}, ascii_only), room)
            if len(tried) <= max(1, len(tables)) and _fits(tried, room):
                sizes[group], tables = size, tried
                break
    return tables


def _set(columns: Sequence[Column], sizes: dict[str, tuple[int, bool]], ascii_only: bool) -> list[SetColumn]:
    made = []
    for column in columns:
        bars, curves = sizes.get(column.group, (0, False))
        if curves or not _is_drawing(column):
            made.append(set_column(column, bars, ascii_only))
    return made


def _is_drawing(column: Column) -> bool:
    return any(cell.curve for cell in column.cells)


def _fits(tables: Sequence[Sequence[SetColumn]], room: int) -> bool:
    return all(sum(GAP + column.width for column in part) <= room for part in tables)
