"""Clusters that hang together, of any shape: spectral clustering."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found, enough_rows
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.microclusters import micro_clusters
from customer_atlas.clustering.served import squared_distances
from customer_atlas.errors import ClusteringError

__all__ = ["Spectral"]

_MOST_POINTS = 2_000  # their affinities take 32 MB, and their eigenvectors a second or two


class Spectral(Clusterer):
    """Spectral clustering: customers who are joined by chains of neighbours go together.

    The affinity of two customers falls with their squared distance over the product of
    their distances to the `neighbours`-th neighbour, so that dense and sparse groups count
    alike (self-tuning: Zelnik-Manor and Perona, 2004). K-means on the rows of the first
    eigenvectors of the normalised Laplacian, scaled to length 1, makes the clusters (Ng, Jordan
    and Weiss, 2001). Up to 2,000 different customers are compared with each other; more are
    gathered into 2,000 small clusters with their weights first (Yan, Huang and Jordan, 2009). A
    student gives other customers a cluster. It always finds the same clusters.

    Facts: `points` compared; `eigenvalues` of the Laplacian, one more than there are clusters: a
    wide gap before the last speaks for this number; those of the student.

    >>> angle = np.linspace(0, 6.28, 200)
    >>> ring = np.column_stack([np.cos(angle), np.sin(angle)])
    >>> np.bincount(Spectral(2).fit(np.concatenate([ring, 4 * ring])).labels_).tolist()
    [200, 200]
    """

    title = "spectral clustering"

    def __init__(self, n_clusters: int = 8, *, neighbours: int = 7, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.neighbours = neighbours
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        if self.neighbours < 1:
            raise ClusteringError(f"At least 1 neighbour is needed; found {self.neighbours}.")
        enough_rows(X, self.n_clusters)
        small = micro_clusters(X, weights, _MOST_POINTS, self.random_state)
        if self.n_clusters > len(small.masses):
            raise ClusteringError(
                f"{self.n_clusters} clusters were asked for; at most {len(small.masses)} can"
                " be told apart here."
            )
        values, vectors = self._spectrum(small.centers, small.masses)
        rows = vectors[:, : self.n_clusters]
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
        fit = lloyd(rows, small.masses, self.n_clusters, seed=self.random_state, n_init=20)
        labels = np.unique(fit.labels, return_inverse=True)[1].reshape(-1)[small.of_row]
        facts = {"points": len(small.masses), "eigenvalues": values.tolist()}
        return taught(X, labels, weights, self.random_state, facts, unusual=False)

    def _spectrum(self, points: Array, masses: Array) -> tuple[Array, Array]:
        """Return the smallest eigenvalues of the Laplacian (k + 1,), and their vectors."""
        affinity = self._affinity(points)
        shares = masses / masses.mean()
        degree = affinity @ shares  # a point of weight w stands for w customers
        scale = np.sqrt(shares / degree)
        affinity *= scale * scale[:, None]
        m = len(points)
        most = [max(0, m - self.n_clusters - 1), m - 1]
        values, vectors = eigh(affinity, subset_by_index=most, overwrite_a=True, check_finite=False)
        return 1.0 - values[::-1], vectors[:, ::-1]

    def _affinity(self, points: Array) -> Array:
        squared = squared_distances(points - points.mean(axis=0), points - points.mean(axis=0))
        np.fill_diagonal(squared, 0.0)
        place = min(self.neighbours, len(points) - 1)
        local = np.sqrt(np.partition(squared, place, axis=1)[:, place])
        local = np.maximum(local, 1e-9 * max(float(local.max()), 1e-150))
        affinity = np.exp(-squared / (local * local[:, None]))
        return np.asarray((affinity + affinity.T) / 2)
