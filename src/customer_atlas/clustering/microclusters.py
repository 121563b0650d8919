"""Many small clusters that stand for the rows, for algorithms that compare all with all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.served import nearest_centers

__all__ = ["MicroClusters", "micro_clusters"]

_ROWS = 25_000  # that the middles are found with
_STEPS = 8


@dataclass(frozen=True)
class MicroClusters:
    """Middles (m, d), their weights (m,), and which of them stands for each row (n,)."""

    centers: Array
    masses: Array
    of_row: NDArray[np.intp]


def micro_clusters(X: Array, weights: Array, most: int, seed: int) -> MicroClusters:
    """Gather the rows of `X` (n, d) into at most `most` small clusters.

    Rows that are equal are one, so that a weight counts exactly like so many customers; where
    more than `most` differ, k-means on up to 25,000 of them, drawn by weight, makes the clusters.

    >>> found = micro_clusters(np.array([[5.0], [1.0], [5.0]]), np.array([1.0, 2.0, 3.0]), 9, 0)
    >>> found.centers.ravel().tolist(), found.masses.tolist(), found.of_row.tolist()
    ([1.0, 5.0], [2.0, 4.0], [1, 0, 1])
    """
    distinct, of_row = np.unique(X, axis=0, return_inverse=True)
    of_row = of_row.reshape(-1)
    masses = np.bincount(of_row, weights).astype(np.float64)
    if len(distinct) <= most:
        return MicroClusters(distinct, masses, of_row)
    some = drawn(masses, _ROWS, seed)
    start = distinct[np.sort(np.random.default_rng(seed).permutation(some)[:most])]
    drawn_masses = masses[some] if len(some) == len(masses) else np.ones(len(some))
    fit = lloyd(distinct[some], drawn_masses, len(start), seed=seed, start=start, max_iter=_STEPS)
    nearest = nearest_centers(distinct, fit.centers)
    used, place = np.unique(nearest, return_inverse=True)
    sums = np.bincount(place.reshape(-1), masses).astype(np.float64)
    return MicroClusters(fit.centers[used], sums, place.reshape(-1)[of_row])
