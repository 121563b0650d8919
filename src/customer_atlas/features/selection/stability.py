"""Features whose values are not spread today as they were at the earlier time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.data import excess_psi
from customer_atlas.features.selection.customers import Array, Column, Customers

__all__ = ["shift_between", "unstable"]

Counts = NDArray[np.int64]

_UNSTABLE = 0.5
_BINS = 10
_MOST_LEVELS = 20
_ALL_MOVED = 0.5


def unstable(
    columns: Sequence[Column], before: Customers
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the features that moved and why they go, and notes on those that moved and stay.

    A feature moved when its population stability index between the two times is above 0.5
    beyond what chance explains: twice the 0.25 that Siddiqi (2006) calls a large change, since a
    business that grows moves many features by that. Two kinds of move are no fault of a
    feature: one that is measured in days moves with the calendar, and where more than half of
    the others moved, the customers have become others, not the features.
    """
    moved = [
        (column, index)
        for column in columns
        if (index := shift_between(before.columns[column.info.name], column)) > _UNSTABLE
    ]
    clocks = [(column, index) for column, index in moved if column.info.unit == "days"]
    rest = [(column, index) for column, index in moved if column.info.unit != "days"]
    notes = []
    if clocks:
        notes.append(
            "Measured in days, moved by the calendar, and kept: "
            + ", ".join(f"'{column.info.name}' (index {index:.2f})" for column, index in clocks)
            + "."
        )
    timeless = sum(column.info.unit != "days" for column in columns)
    if len(rest) > max(1, _ALL_MOVED * timeless):
        notes.append(
            f"{len(rest)} of {timeless} features that are not measured in days moved: the "
            "customers are others than at the earlier time, and no feature is dropped for it."
        )
        return [], notes
    return [
        (
            column.info.name,
            f"Its values are not spread as they were at the earlier time: the population stability "
            f"index is {index:.2f} beyond chance (above {_UNSTABLE} is unstable).",
        )
        for column, index in rest
    ], notes


def shift_between(before: Column, now: Column) -> float:
    """Return the population stability index of a feature between two times, less chance.

    Numbers are counted between the deciles of `before`, categories by its 20 commonest levels and
    all others; to be unknown is a bin of its own.
    """
    count = _by_level if now.info.kind == "category" else _by_decile
    then, today = count(before, now)
    filled = then + today > 0
    return excess_psi(then[filled], today[filled], len(before.values), len(now.values))


def _by_decile(before: Column, now: Column) -> tuple[Counts, Counts]:
    known = before.values[~np.isnan(before.values)]
    edges = np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS)) if len(known) else known

    def count(values: Array) -> Counts:
        bins = np.searchsorted(edges, values[~np.isnan(values)])
        return np.append(np.bincount(bins, minlength=len(edges) + 1), np.isnan(values).sum())

    return count(before.values), count(now.values)


def _by_level(before: Column, now: Column) -> tuple[Counts, Counts]:
    counts = np.bincount(
        before.values[~np.isnan(before.values)].astype(np.int64), minlength=len(before.levels)
    )
    common = np.argsort(-counts, kind="stable")[:_MOST_LEVELS]
    bins = {before.levels[level]: place for place, level in enumerate(common)}

    def count(column: Column) -> Counts:
        places = np.array([bins.get(level, len(bins)) for level in column.levels], np.int64)
        codes = column.values[~np.isnan(column.values)].astype(np.int64)
        found = np.bincount(places[codes], minlength=len(bins) + 1)
        return np.append(found, np.isnan(column.values).sum())

    return count(before), count(now)
