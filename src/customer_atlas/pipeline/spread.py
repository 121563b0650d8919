"""How the values of a feature are spread over the customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo

__all__ = ["PERCENTILES", "Spread", "numbers_of", "spread_of"]

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
_BINS = 12
_LEVELS = 12
_CENTRAL = (0.01, 0.99)


@dataclass(frozen=True)
class Spread:
    """How many customers have a value, and which.

    Of numbers: `zeros` are exactly 0, `percentiles` are of all that is known, and `counts` are of
    the others than 0 between two `edges` each, of the central 98 % of them; edges lie halfway
    between whole numbers, where all are whole. Of categories: `levels` are the most frequent ones
    with their counts.
    """

    customers: int
    known: int
    zeros: int = 0
    percentiles: Mapping[int, float] = field(default_factory=dict)
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    levels: tuple[tuple[str, int], ...] = ()

    @property
    def coverage(self) -> float:
        """The share (0 to 1) of the customers for whom it is known."""
        return self.known / self.customers if self.customers else 0.0

    @property
    def median(self) -> float | None:
        """The median of what is known; None for categories, and where nothing is."""
        return self.percentiles.get(50)


def spread_of(column: pa.ChunkedArray, info: FeatureInfo) -> Spread:
    """Return how a feature's column is spread; where a missing value means none, it is a 0.

    >>> info = FeatureInfo("orders", "rfm", "orders", "orders", zero=True)
    >>> spread = spread_of(pa.chunked_array([[None, 1.0, 1.0, 3.0]]), info)
    >>> spread.known, spread.zeros, spread.median, spread.counts
    (4, 1, 1.0, (2, 0, 1))
    """
    if info.kind == "category":
        return _of_levels(column)
    if info.kind == "list":
        return Spread(
            len(column), int(pc.sum(pc.greater(pc.list_value_length(column), 0)).as_py() or 0)
        )
    values = numbers_of(column, info)
    known = values[~np.isnan(values)]
    if not len(known):
        return Spread(len(values), 0)
    found = np.percentile(known, PERCENTILES).tolist()
    others = known[known != 0]
    edges, counts = _histogram(others) if len(others) else ((), ())
    return Spread(
        len(values),
        len(known),
        len(known) - len(others),
        dict(zip(PERCENTILES, found, strict=True)),
        edges,
        counts,
    )


def numbers_of(column: pa.ChunkedArray, info: FeatureInfo) -> NDArray[np.float64]:
    """Return a column as numbers (n,), NaN where it is unknown."""
    numbers = column.cast(pa.float64())
    values = np.asarray(pc.fill_null(numbers, 0.0 if info.zero else np.nan), dtype=np.float64)
    return np.where(np.isfinite(values), values, 0.0 if info.zero else np.nan)


def _of_levels(column: pa.ChunkedArray) -> Spread:
    counted = pc.value_counts(column.cast(pa.string()).drop_null()).to_pylist()
    ranked = sorted(((one["values"], one["counts"]) for one in counted), key=_most_frequent)
    known = sum(count for _, count in ranked)
    return Spread(len(column), known, levels=tuple(ranked[:_LEVELS]))


def _most_frequent(level: tuple[str, int]) -> tuple[int, str]:
    return -level[1], level[0]


def _histogram(values: NDArray[np.float64]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    low, high = np.quantile(values, _CENTRAL, method="inverted_cdf")
    inside = values[(values >= low) & (values <= high)]
    if bool((inside == np.floor(inside)).all()):
        width = np.ceil((high - low + 1) / _BINS)
        edges = np.arange(low, high + width + 1, width) - 0.5
    elif high > low:
        edges = np.linspace(low, high, _BINS + 1)
    else:
        return (float(low), float(high)), (len(inside),)
    counts, _ = np.histogram(inside, edges)
    return tuple(edges.tolist()), tuple(counts.tolist())
