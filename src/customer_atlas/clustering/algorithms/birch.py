"""BIRCH: one pass makes many small leaves, and these are merged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms.clusterer import (
    Found,
    by_weight,
    enough_rows,
)
from customer_atlas.clustering.algorithms.streaming import Known, Streaming
from customer_atlas.clustering.leaves import Leaves
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.running import mean_cost
from customer_atlas.clustering.served import Centroids, nearest_centers, spread_along
from customer_atlas.clustering.starts import merged
from customer_atlas.errors import ClusteringError

__all__ = ["Birch"]


class Birch(Streaming):
    """BIRCH (Zhang, Ramakrishnan and Livny, 1996): leaves of one pass, merged by Ward's criterion.

    Each row joins the nearest leaf, or begins one where that leaf's radius would exceed
    `threshold`. Without a threshold it begins at 0, and grows whenever there are more than
    `max_leaves`. The leaves, with their weights, are merged two by two to `n_clusters`, and
    k-means goes on over the leaves from there; everyone belongs to the nearest centre. These
    are the paper's phases 1, 3 and 4.
    With `n_clusters` None and a threshold the leaves themselves are the clusters.

    Memory does not grow with the rows. `partial_fit` goes on with more of them; the clusters
    keep their numbers, each that of the nearest cluster before. Nothing is drawn by chance:
    `random_state` changes nothing.
    Facts of `fit`: `leaves`, `radius` (the threshold that they came to), and `inertia`
    (weighted sum of squared distances over the sum of weights).

    >>> X = np.array([[0.0], [0.2], [0.1], [9.0], [9.2]])
    >>> Birch(2).fit(X).partial_fit(X[3:]).predict(X).tolist()
    [0, 0, 0, 1, 1]
    """

    title = "BIRCH"
    served_: Centroids

    def __init__(
        self, n_clusters: int | None = 8, *, threshold: float | None = None,
        max_leaves: int = 500, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.threshold = threshold
        self.max_leaves = max_leaves
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        enough_rows(X, self.n_clusters or 1)
        self._leaves = leaves = self._none(X).grown(X, weights)
        centers = self._merged(leaves)
        labels = nearest_centers(X, centers)
        masses = np.bincount(labels, weights, len(centers))
        order = by_weight(labels, weights, len(centers), centers)[: np.count_nonzero(masses)]
        centers = np.ascontiguousarray(centers[order])
        labels = nearest_centers(X, centers)
        facts = {
            "leaves": len(leaves.centers),
            "radius": leaves.radius,
            "inertia": mean_cost(X, weights, centers, labels),
        }
        return Found(_served(leaves, centers), labels, facts)

    def _more(self, X: Array, weights: Array) -> Known:
        leaves: Leaves | None = getattr(self, "_leaves", None)
        if leaves is None:
            enough_rows(X, self.n_clusters or 1)
            leaves = self._none(X)
        leaves = leaves.grown(X, weights)
        centers = self._merged(leaves)
        if hasattr(self, "served_") and len(centers) == len(self.served_.centers):
            centers = centers[_same_numbers(centers, self.served_.centers)]
        self._leaves = leaves
        masses = np.bincount(nearest_centers(leaves.centers, centers), leaves.masses, len(centers))
        return Known(_served(leaves, centers), np.asarray(masses))

    def _none(self, X: Array) -> Leaves:
        if self.n_clusters is None and self.threshold is None:
            raise ClusteringError("BIRCH needs a number of clusters, or the threshold of a leaf.")
        most = max(self.max_leaves, 4 * (self.n_clusters or 1))
        return Leaves.none(X.shape[1], most=most, radius=float(self.threshold or 0.0))

    def _merged(self, leaves: Leaves) -> Array:
        if self.n_clusters is None:
            return leaves.centers
        if len(leaves.centers) < self.n_clusters:
            raise ClusteringError(
                f"A threshold of {leaves.radius:g} left {len(leaves.centers)} leaves for"
                f" {self.n_clusters} clusters. Give a lower threshold, or none."
            )
        if self.n_clusters == 1:
            return np.average(leaves.centers, axis=0, weights=leaves.masses)[None]
        k, points, masses = self.n_clusters, leaves.centers, leaves.masses
        start = merged(points, masses, [k])[k]
        return lloyd(points, masses, k, seed=self.random_state, start=start).centers


def _served(leaves: Leaves, centers: Array) -> Centroids:
    gaps = leaves.centers - centers[nearest_centers(leaves.centers, centers)]
    within = float(leaves.scatters.sum() / leaves.masses.sum()) / centers.shape[1]
    return Centroids(centers, spread_along(centers, gaps, leaves.masses) + within)


def _same_numbers(centers: Array, before: Array) -> NDArray[np.intp]:
    """Return the order of centres in which each is nearest to the one before, all together."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    return np.asarray(linear_sum_assignment(cdist(before, centers, "sqeuclidean"))[1])
