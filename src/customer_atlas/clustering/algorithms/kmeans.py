"""K-means with restarts."""

from __future__ import annotations

import math

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import (
    Clusterer,
    Found,
    by_weight,
    enough_rows,
    renumbered,
)
from customer_atlas.clustering.lloyd import Array, Lloyd, lloyd
from customer_atlas.clustering.served import Centroids, spread_along
from customer_atlas.clustering.starts import ward_starts

__all__ = ["KMeans"]

_RESTART_ROWS = 25_000  # restarts matter more than rows; the best is then fitted to all


class KMeans(Clusterer):
    """K-means (Lloyd, 1982; k-means++ by Arthur and Vassilvitskii, 2007) for weighted customers.

    It takes the best inertia of `n_init` k-means++ draws and one start from Ward's merging,
    tried on up to 25,000 rows spread over the table, and goes on from there on all rows.
    Facts: `inertia` (weighted sum of squared distances over the sum of weights).

    >>> X = np.array([[0.0, 0.0], [0.2, 0.0], [0.1, 0.1], [9.0, 9.0], [9.0, 9.2]])
    >>> model = KMeans(2).fit(X)
    >>> model.predict(X).tolist(), model.shares_.tolist()
    ([0, 0, 0, 1, 1], [0.6, 0.4])
    """

    title = "k-means"
    served_: Centroids

    def __init__(self, n_clusters: int = 8, *, n_init: int = 10, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        enough_rows(X, self.n_clusters)
        fit = self._best(X, weights)
        order = by_weight(fit.labels, weights, self.n_clusters, fit.centers)
        centers = np.ascontiguousarray(fit.centers[order])
        variance = spread_along(centers, X - fit.centers[fit.labels], weights)
        return Found(
            Centroids(centers, variance),
            renumbered(fit.labels, order),
            {"inertia": fit.inertia / float(weights.sum())},
        )

    def _best(self, X: Array, weights: Array) -> Lloyd:
        k, seed = self.n_clusters, self.random_state
        step = math.ceil(len(X) / _RESTART_ROWS)
        some, masses = X[::step], weights[::step]
        fits = [lloyd(some, masses, k, seed=seed, n_init=self.n_init)]
        starts = ward_starts(some, masses, [k], seed=seed) if k > 1 else {}
        fits += [lloyd(some, masses, k, seed=seed, start=start) for start in starts.values()]
        best = min(fits, key=lambda fit: fit.inertia)
        if step == 1:
            return best
        return lloyd(X, weights, k, seed=seed, start=best.centers)
