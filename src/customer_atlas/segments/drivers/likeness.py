"""Features that tell the same: their ranks go together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["TOGETHER", "tell_the_same"]

TOGETHER = 0.8
"""The least rank correlation, either way, of two features that tell the same."""

Floats = NDArray[np.float64]


def tell_the_same(matrix: Floats, categories: list[int]) -> list[list[int]]:
    """Return groups of the columns of rows (n, d): each with all that go with its first.

    Groups are made from the first column on; who is in one is in no other. Categories, and what
    is the same for everybody, stand alone. Unknown values have the middle rank.

    >>> x = np.array([1.0, 2.0, 3.0, 4.0])
    >>> tell_the_same(np.column_stack([x, [3.0, 1.0, 4.0, 1.0], x**3]), [])
    [[0, 2], [1]]
    """
    ranks = np.column_stack([_ranks(column) for column in matrix.T])
    ranks[:, categories] = 0.0
    length = np.sqrt((ranks**2).sum(axis=0))
    together = np.abs(ranks.T @ ranks) >= TOGETHER * np.outer(length, length)
    alone = length == 0
    groups: list[list[int]] = []
    left = list(range(matrix.shape[1]))
    while left:
        first = left[0]
        mine = [at for at in left if at == first or (not alone[at] and together[first, at])]
        mine = [first] if alone[first] else mine
        groups.append(mine)
        left = [at for at in left if at not in mine]
    return groups


def _ranks(values: Floats) -> Floats:
    """Return ranks with the mean taken off, ties sharing theirs."""
    known = ~np.isnan(values)
    out = np.zeros(len(values))
    if known.any():
        _, place, count = np.unique(values[known], return_inverse=True, return_counts=True)
        middle = np.cumsum(count) - (count + 1) / 2
        out[known] = middle[place] - middle[place].mean()
    return out
