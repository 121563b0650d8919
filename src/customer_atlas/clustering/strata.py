"""Cells of alike customers, and how many of each cell a sample takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.features import FeatureInfo

__all__ = ["Strata", "allocation"]

_TELLING = 4
_CUTS = (0.002, 0.02, 0.25, 0.5, 0.75, 0.98, 0.998)


@dataclass(frozen=True)
class Strata:
    """Cells by the quantiles of up to four features; what is unknown has a quantile of its own.

    The features are those that together tell most of all number features: one after the other,
    the one that takes most variance from what is left of the ranks' correlations (column
    subset selection). The quantiles cut off the outer 2 % and 0.2 %, where small segments live.
    """

    features: tuple[str, ...]
    cuts: tuple[tuple[float, ...], ...]

    @classmethod
    def fit(cls, table: pa.Table, infos: Sequence[FeatureInfo], most_cells: int) -> Strata:
        """Choose features and cuts from a fair draw of customers.

        Fewer than four features are taken where their cells could be more than `most_cells`.
        """
        numbers = [info for info in infos if info.kind == "number"]
        values = [_numbers(table, info.name) for info in numbers]
        most = int(np.log(max(1, most_cells)) / np.log(len(_CUTS) + 2))
        positions = _telling([_filled(column) for column in values], min(_TELLING, most))
        return cls(
            tuple(numbers[j].name for j in positions), tuple(_bounds(values[j]) for j in positions)
        )

    def cells(self, table: pa.Table) -> NDArray[np.int32]:
        """Return the number of the cell (n,) that each customer of a table is in."""
        cells = np.zeros(table.num_rows, np.int32)
        for name, cuts in zip(self.features, self.cuts, strict=True):
            values = _numbers(table, name)
            place = np.searchsorted(cuts, values, side="left") + 1
            cells = cells * (len(cuts) + 2) + np.where(np.isnan(values), 0, place)
        return cells.astype(np.int32)


def allocation(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how many to take from cells of these sizes (c,), about `total` in all.

    Half in proportion to the sizes, half to their square roots; at least one each, at most
    all. What full cells cannot give is shared out among the others.

    >>> import numpy as np
    >>> allocation(np.array([10_000, 100]), 200).tolist()
    [189, 10]
    """
    wish = 0.5 * sizes / sizes.sum() + 0.5 * np.sqrt(sizes) / np.sqrt(sizes).sum()
    low, high = 0.0, float(sizes.sum()) / float(wish.min())
    for _ in range(200):  # halving finds the factor whose capped sum is the total
        factor = (low + high) / 2
        if np.minimum(sizes, factor * wish).sum() < total:
            low = factor
        else:
            high = factor
    takes = np.maximum(1, np.floor(np.minimum(sizes, low * wish) + 1e-6))
    return np.asarray(takes, dtype=np.int64)


def _bounds(values: Array) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    return (
        tuple(np.unique(np.quantile(known, _CUTS, method="lower")).tolist()) if len(known) else ()
    )


def _numbers(table: pa.Table, name: str) -> Array:
    return np.asarray(table.column(name).cast(pa.float64()).fill_null(np.nan))


def _filled(values: Array) -> Array:
    return np.where(np.isnan(values), -np.inf, values)


def _telling(values: Sequence[Array], most: int) -> list[int]:
    varied = [j for j, column in enumerate(values) if len(column) and column.min() < column.max()]
    if not varied:
        return []
    ranks = np.stack([np.searchsorted(np.sort(values[j]), values[j]) for j in varied], axis=1)
    left = np.corrcoef(ranks, rowvar=False).reshape(len(varied), len(varied))
    chosen: list[int] = []
    while len(chosen) < min(most, len(varied)):
        variance = np.diag(left)
        told = np.where(variance > 1e-6, (left**2).sum(axis=0) / np.maximum(variance, 1e-6), -1)
        best = int(np.argmax(told))
        if told[best] < 0:
            break
        chosen.append(best)
        left = left - np.outer(left[:, best], left[best]) / variance[best]
    return [varied[j] for j in chosen]
