"""Clusters that hang together, of any shape: spectral clustering."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from customer_atlas.clustering.algorithms.clusterer import Clusterer, Found, enough_rows
from customer_atlas.clustering.algorithms.taught import taught
from customer_atlas.clustering.checks import distinct_rows
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.microclusters import micro_clusters
from customer_atlas.clustering.served import nearest_centers, squared_distances
from customer_atlas.errors import ClusteringError

__all__ = ["Spectral"]

_EXACT = 2_000  # rows: their affinities take 32 MB, and their eigenvectors a second
_LANDMARKS = 1_000
_FIT_ROWS = 25_000  # that k-means is fitted to
_BLOCK = 8_192


class Spectral(Clusterer):
    """Spectral clustering: customers who are joined by chains of neighbours go together.

    The affinity of two customers falls with their squared distance over the product of
    their distances to the `neighbours`-th neighbour, so that dense and sparse groups count
    alike (self-tuning: Zelnik-Manor and Perona, 2004). K-means on the rows of the first
    eigenvectors of the normalised Laplacian, scaled to length 1, makes the clusters (Ng, Jordan
    and Weiss, 2001). Up to 2,000 different customers are compared with each other. More are
    compared with 1,000 landmarks, the middles of small clusters with their weights (Zhang and
    Kwok, 2010, Density-weighted Nystroem method), and get their place in the eigenvectors by the
    Nystroem extension (Williams and Seeger, 2001; Bengio et al., 2004): time O(n), memory the
    same whatever n. A student gives other customers a cluster. It always finds the same clusters.

    Facts: `points` compared with; `eigenvalues` of the Laplacian, one more than there are
    clusters: a wide gap before the last speaks for this number; those of the student.

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
        exact = distinct_rows(X, _EXACT + 1) <= _EXACT
        small = micro_clusters(X, weights, _EXACT if exact else _LANDMARKS, self.random_state)
        if self.n_clusters > len(small.masses):
            raise ClusteringError(
                f"{self.n_clusters} clusters were asked for; at most {len(small.masses)} can"
                " be told apart here."
            )
        affinity, local = self._affinity(small.centers)
        values, vectors, scale = self._spectrum(affinity, small.masses)
        first = vectors[:, : self.n_clusters]
        if exact:
            found = self._divided(first, small.masses)[small.of_row]
        else:
            weighing = first * scale[:, None] / (1.0 - values[: self.n_clusters])
            rows = self._extended(X, small.centers, local, weighing)
            found = self._divided(rows, weights)
        labels = np.unique(found, return_inverse=True)[1].reshape(-1)
        facts = {"points": len(small.masses), "eigenvalues": values.tolist()}
        return taught(X, labels, weights, self.random_state, facts, unusual=False)

    def _divided(self, rows: Array, weights: Array) -> NDArray[np.int32]:
        """Return the labels (n,) of k-means on rows (n, k) scaled to length 1."""
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-300)
        step = math.ceil(len(rows) / _FIT_ROWS)
        some, masses = np.ascontiguousarray(rows[::step]), weights[::step]
        fit = lloyd(some, masses, self.n_clusters, seed=self.random_state, n_init=20)
        return fit.labels if step == 1 else nearest_centers(rows, fit.centers)

    def _extended(self, X: Array, landmarks: Array, local: Array, weighing: Array) -> Array:
        """Return the place (n, k) of each row in the eigenvectors, by its affinity to landmarks."""
        middle, rows = landmarks.mean(axis=0), np.empty((len(X), weighing.shape[1]))
        near = min(self.neighbours, len(landmarks)) - 1  # a row is no landmark of its own
        for start in range(0, len(X), _BLOCK):
            block = slice(start, start + _BLOCK)
            squared = squared_distances(X[block] - middle, landmarks - middle)
            np.maximum(squared, 0.0, out=squared)
            own = np.sqrt(np.partition(squared, near, axis=1)[:, near])
            own = np.maximum(own, local.min())
            rows[block] = np.exp(-squared / (own[:, None] * local)) @ weighing
        return rows

    def _spectrum(self, affinity: Array, masses: Array) -> tuple[Array, Array, Array]:
        """Return the smallest eigenvalues of the Laplacian (k + 1,), their vectors, the scale."""
        shares = masses / masses.mean()
        degree = affinity @ shares  # a point of weight w stands for w customers
        scale = np.sqrt(shares / degree)
        m = len(masses)
        most = [max(0, m - self.n_clusters - 1), m - 1]
        values, vectors = eigh(
            affinity * scale * scale[:, None], subset_by_index=most, check_finite=False,
            overwrite_a=True,
        )  # fmt: skip
        return 1.0 - values[::-1], vectors[:, ::-1], scale

    def _affinity(self, points: Array) -> tuple[Array, Array]:
        """Return the affinities (m, m), and the distances (m,) that they are relative to."""
        squared = squared_distances(points - points.mean(axis=0), points - points.mean(axis=0))
        np.fill_diagonal(squared, 0.0)
        place = min(self.neighbours, len(points) - 1)
        local = np.sqrt(np.partition(squared, place, axis=1)[:, place])
        local = np.maximum(local, 1e-9 * max(float(local.max()), 1e-150))
        affinity = np.exp(-squared / (local * local[:, None]))
        return np.asarray((affinity + affinity.T) / 2), local
