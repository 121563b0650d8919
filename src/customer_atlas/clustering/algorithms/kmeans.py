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
from customer_atlas.clustering.regions import Regions
from customer_atlas.clustering.served import Centroids, spread_along
from customer_atlas.clustering.starts import ward_starts

__all__ = ["KMeans"]

_RESTART_ROWS = 25_000  # restarts matter more than rows; the best is then fitted to all


class KMeans(Clusterer):
    """K-means (Lloyd, 1982; k-means++ by Arthur and Vassilvitskii, 2007) for weighted customers.

    It takes the best inertia of `n_init` k-means++ draws and one start from Ward's merging,
    tried on up to 25,000 rows spread over the table, and goes on from there on all rows. With
    `smallest`, a share below 0.01, it begins with remote groups of that share, though dividing a
    large one would bring the inertia lower, and goes on from there.
    Facts: `inertia` (weighted sum of squared distances over the sum of weights).

    >>> X = np.array([[0.0, 0.0], [0.2, 0.0], [0.1, 0.1], [9.0, 9.0], [9.0, 9.2]])
    >>> model = KMeans(2).fit(X)
    >>> model.predict(X).tolist(), model.shares_.tolist()
    ([0, 0, 0, 1, 1], [0.6, 0.4])
    """

    title = "k-means"
    served_: Centroids

    def __init__(
        self, n_clusters: int = 8, *, n_init: int = 10, smallest: float | None = None,
        random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.smallest = smallest
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
        regions = Regions.of(X, weights, self.smallest, seed) if self.smallest and k > 1 else None
        if regions is not None:
            return self._with_small(X, weights, regions)
        step = math.ceil(len(X) / _RESTART_ROWS)
        some, masses = X[::step], weights[::step]
        fits = [lloyd(some, masses, k, seed=seed, n_init=self.n_init)]
        starts = ward_starts(some, masses, [k], seed=seed) if k > 1 else {}
        fits += [lloyd(some, masses, k, seed=seed, start=start) for start in starts.values()]
        best = min(fits, key=lambda fit: fit.inertia)
        if step == 1:
            return best
        return lloyd(X, weights, k, seed=seed, start=best.centers)

    def _with_small(self, X: Array, weights: Array, regions: Regions) -> Lloyd:
        k, seed = self.n_clusters, self.random_state
        rows, masses = regions.drawn(weights, _RESTART_ROWS, seed)
        start = ward_starts(X[rows], masses, [k], seed=seed, smallest=regions.smallest)
        fit = lloyd(X[rows], masses, k, seed=seed, start=start.get(k))
        return lloyd(X, weights, k, seed=seed, start=fit.centers)
