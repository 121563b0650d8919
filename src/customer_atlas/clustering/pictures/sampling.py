"""A few customers of each cluster, to draw or to measure: a stated number, evenly chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["even_rows"]


def even_rows(labels: NDArray[np.integer], most: int, least: int = 25) -> NDArray[np.int64]:
    """Return at most about `most` rows, so many of each cluster as its share, evenly spaced.

    A small cluster keeps `least` of its rows, or all it has; no two rows are the same.

    >>> even_rows(np.array([0] * 90 + [1] * 10), 20, least=5).tolist()[-6:]
    [85, 90, 92, 94, 96, 98]
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    chosen = []
    for one in np.unique(labels):
        (rows,) = np.nonzero(labels == one)
        size = min(len(rows), max(least, round(most * len(rows) / len(labels))))
        chosen.append(rows[np.arange(size) * len(rows) // size])
    return np.sort(np.concatenate(chosen))
