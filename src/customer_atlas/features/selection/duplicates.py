"""Features that say again what an earlier one says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.selection.association import correlation, ranks
from customer_atlas.features.selection.customers import Array, Column

__all__ = ["duplicates"]

_ALIKE = 0.999
_WORTH_A_LOOK = 0.9
_ENOUGH = 20
_UNKNOWN_APART = 0.001
_TAILS = (0.01, 0.99)


def duplicates(columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Yield the features that repeat one that was kept earlier, and which one that is.

    Numbers repeat each other when Pearson's or Spearman's correlation is 0.999 or more, in
    either direction; categories when each level of one goes with one level of the other.
    Correlations are taken over the customers who do not have the commonest value of both: among
    a multitude who never returned anything, the count and the sum of returns look the same.
    Pearson's is taken of values clipped to their middle 98 %: it would follow one customer who
    is a thousand times larger than the rest. At least 20 customers must be able to contradict.
    """
    numbers = [column for column in columns if column.info.kind == "number"]
    worth = _candidates(numbers)
    places = {column.info.name: place for place, column in enumerate(numbers)}
    kept: list[Column] = []
    for column in columns:
        why = ""
        for other in kept:
            if column.info.kind != other.info.kind:
                continue
            if column.info.kind == "category":
                why = _same_levels(column, other)
            elif worth[places[column.info.name], places[other.info.name]]:
                why = _same_numbers(column, other)
            if why:
                break
        if why:
            yield column.info.name, why
        else:
            kept.append(column)


def _candidates(columns: Sequence[Column]) -> NDArray[np.bool_]:
    """Say of each pair whether a closer look is worth its time."""
    if len(columns) < 2 or not len(columns[0].values):
        return np.zeros((len(columns), len(columns)), dtype=bool)
    matrix = np.column_stack([_filled(column.values) for column in columns])
    clipped = np.clip(matrix, *np.quantile(matrix, _TAILS, axis=0))
    return np.asarray(
        np.maximum(_correlations(ranks(matrix)), _correlations(clipped)) >= _WORTH_A_LOOK
    )


def _filled(values: Array) -> Array:
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)


def _correlations(matrix: Array) -> Array:
    centred = matrix - matrix.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    centred /= np.where(norms > 0, norms, 1.0)
    return np.asarray(np.abs(centred.T @ centred))


def _same_numbers(column: Column, other: Column) -> str:
    x, y = column.values, other.values
    known = ~np.isnan(x) & ~np.isnan(y)
    if (np.isnan(x) != np.isnan(y)).mean() > _UNKNOWN_APART or not known.any():
        return ""
    x, y = x[known], y[known]
    telling = (x != _commonest(x)) | (y != _commonest(y))
    if telling.sum() < _ENOUGH:
        return ""
    if np.array_equal(x, y):
        return f"It is the same number as '{other.info.name}' for {_all(column)}."
    x, y = x[telling], y[telling]
    if np.ptp(x) == 0 and np.ptp(y) == 0:  # both have two values, and go together
        return f"It goes with '{other.info.name}' one to one for {_all(column)}."
    rank = correlation(ranks(x), ranks(y))
    linear = correlation(*(np.clip(v, *np.quantile(v, _TAILS)) for v in (x, y)))
    name, value = ("rank ", rank) if abs(rank) >= _ALIKE else ("", linear)
    if abs(value) < _ALIKE:
        return ""
    return (
        f"It repeats '{other.info.name}': their {name}correlation is {value:.4f} over the "
        f"{len(x):,} customers looked at whom either tells apart."
    )


def _commonest(values: Array) -> float:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()])


def _same_levels(column: Column, other: Column) -> str:
    x, y = column.counted(), other.counted()
    pairs = len(np.unique(np.column_stack([x, y]), axis=0))
    if not pairs == len(np.unique(x)) == len(np.unique(y)) or len(x) - pairs < _ENOUGH:
        return ""
    if int((x != _commonest(x)).sum()) < _ENOUGH:
        return ""
    return f"Each of its {pairs} values goes with one of '{other.info.name}', and the reverse."


def _all(column: Column) -> str:
    return f"all {len(column.values):,} customers looked at"
