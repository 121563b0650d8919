"""Rows drawn by weight, for what takes no weights or not so many rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["drawn", "effective_rows"]

_LEAST = 1000


def effective_rows(weights: Array) -> float:
    """Return how many rows of equal weight tell as much as these (Kish, 1965).

    >>> effective_rows(np.array([1.0, 1.0, 1.0])), effective_rows(np.array([5.0, 1e-9]))
    (3.0, 1.0...)
    """
    scaled = weights / weights.max()
    return float(scaled.sum() ** 2 / (scaled**2).sum())


def drawn(weights: Array, most: int, seed: int, *, least: int = _LEAST) -> NDArray[np.intp]:
    """Return sorted numbers of at most `most` rows, each drawn once, in proportion to its weight.

    All rows are taken where they weigh the same and are few enough. Else a systematic draw
    (Madow, 1949) over the rows in random order takes as many as leave the heaviest at most
    once, or `least` if that is fewer and the weights leave so many in effect: a row that weighs
    more than a whole step is then taken once all the same.

    >>> drawn(np.ones(4), 9, 0).tolist(), len(drawn(np.ones(100), 10, 0))
    ([0, 1, 2, 3], 10)
    """
    once = int(weights.sum() / weights.max() * (1 + 1e-12))
    count = min(most, round(effective_rows(weights)), max(least, once))
    if count >= len(weights):
        return np.arange(len(weights))
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(weights))
    ends = np.cumsum(weights[order])
    steps = (np.arange(count) + draw.random()) * (ends[-1] / count)
    places = np.minimum(np.searchsorted(ends, steps, side="right"), len(weights) - 1)
    return np.unique(order[places])
