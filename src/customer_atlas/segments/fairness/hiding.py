"""Which counts stay hidden, so that no figure is about a handful of persons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.segments.fairness.report import FEW, HIDDEN

__all__ = ["hidden_cells"]


def hidden_cells(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which counts of groups by segments (g, s) are hidden.

    These are the counts of 1 to 4, all of segments in which fewer than 30 people can be compared,
    and, in a row or a column that has just one hidden count, the next smallest: else its sum would
    tell.

    >>> hidden_cells(np.array([[3, 40, 50], [60, 70, 80]])).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0]]
    """
    masked: NDArray[np.bool_] = (counts > 0) & (counts < HIDDEN) | (counts.sum(axis=0) < FEW)
    while True:
        before = masked.copy()
        for row in range(counts.shape[0]):
            _second(masked[row], counts[row])
        for column in range(counts.shape[1]):
            _second(masked[:, column], counts[:, column])
        if (masked == before).all():
            return masked


def _second(masked: NDArray[np.bool_], counts: NDArray[np.int64]) -> None:
    """Hide one more count of a line in which just one is hidden."""
    others = np.flatnonzero(~masked & (counts > 0))
    if masked.sum() == 1 and len(others):
        masked[others[counts[others].argmin()]] = True
