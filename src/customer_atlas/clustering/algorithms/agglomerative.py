"""Clusters merged two by two, with the tree of their merges."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found, enough_rows
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.merging import Linkage, merges
from customer_atlas.clustering.microclusters import micro_clusters
from customer_atlas.errors import ClusteringError

__all__ = ["Agglomerative"]

_MOST_POINTS = 4_000  # their distances take 128 MB
_MOST_MERGES = 200  # that are kept for a picture


class Agglomerative(Clusterer):
    """Hierarchical clustering: the closest two clusters merge, until `n_clusters` are left.

    `linkage` is `ward` (the least rise of the weighted sum of squares; Ward, 1963) or `average`
    (the least mean distance between customers; Sokal and Michener, 1958). Up to 4,000 different
    customers are merged one by one; more are first gathered into 4,000 small clusters with
    their weights, so time and memory (128 MB) stop growing there. A student gives other
    customers a cluster.

    Facts: `points` that were merged; `dendrogram`: `merges`, the last 200 in the format of
    scipy's linkage, and `weights`, of the clusters that these begin with; `heights` of the merge
    that made `n_clusters` and of the next one; those of the student.

    >>> X = np.array([[0.0], [0.2], [0.3], [9.0], [9.1]])
    >>> model = Agglomerative(2).fit(X)
    >>> model.labels_.tolist(), model.dendrogram_.shape
    ([0, 0, 0, 1, 1], (4, 4))
    """

    title = "hierarchical clustering"

    def __init__(
        self, n_clusters: int = 8, *, linkage: Linkage = "ward", random_state: int = 0
    ) -> None:
        self.n_clusters = n_clusters
        self.linkage = linkage
        self.random_state = random_state

    @property
    def dendrogram_(self) -> Array:
        """The last merges (up to 200, 4), as scipy's `dendrogram` draws them."""
        return np.array(self.facts_["dendrogram"]["merges"], dtype=np.float64).reshape(-1, 4)

    def _fit(self, X: Array, weights: Array) -> Found:
        if self.linkage not in ("ward", "average"):
            raise ClusteringError(
                f"Linkage {self.linkage!r} is not known; it is one of ward, average."
            )
        enough_rows(X, self.n_clusters)
        small = micro_clusters(X, weights, _MOST_POINTS, self.random_state)
        if self.n_clusters > len(small.masses):
            raise ClusteringError(
                f"{self.n_clusters} clusters were asked for; at most {len(small.masses)} can"
                " be told apart here."
            )
        found = merges(small.centers, small.masses, self.linkage)
        top = found.top(_MOST_MERGES)
        heights = np.append(0.0, found.table[:, 2])[::-1][self.n_clusters - 1 :: -1][:2]
        facts = {
            "points": len(small.masses),
            "heights": heights.tolist(),
            "dendrogram": {"merges": top.table.tolist(), "weights": top.masses.tolist()},
        }
        labels = found.cut(self.n_clusters)[small.of_row]
        return taught(X, labels, weights, self.random_state, facts, unusual=False)
