"""Clusters served by their centres: the nearest one, and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, refuse_unknown
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import Assignment, Served, by_chunks, chunks, margins

__all__ = ["Centroids", "nearest_centers", "spread_along", "squared_distances"]


@dataclass(frozen=True)
class Centroids(Served):
    """The nearest of k centres (k, d), with a probability.

    A membership probability is the posterior of a mixture of spherical Gaussians with equal
    weights and one variance, so that the most probable cluster is always the nearest one; the
    variance is that of the customers around their centres, in the space that the centres span.

    >>> import numpy as np
    >>> model = Centroids(np.array([[0.0], [9.0]]), 1.0)
    >>> model.predict(np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """

    kind: ClassVar[str] = "centroids"
    centers: Array
    variance: float

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.centers.shape[1])

    @property
    def n_clusters(self) -> int:
        """How many centres there are."""
        return len(self.centers)

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the nearest cluster of each row (n,); the lower number when two tie."""
        return nearest_centers(checked_matrix(X, self.n_features), self.centers)

    def distances(self, X: Array) -> Array:
        """Return the Euclidean distances (n, k) of the rows to all centres."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(
            X, self.n_clusters, lambda rows: np.sqrt(squared_distances(rows, self.centers))
        )

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(
            X, self.n_clusters, lambda rows: self._posterior(squared_distances(rows, self.centers))
        )

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its centre, in one pass."""
        X = checked_matrix(X, self.n_features)
        cluster = np.empty(len(X), np.int32)
        probability, distance, margin = (np.empty(len(X)) for _ in range(3))
        for rows in chunks(len(X)):
            squared = squared_distances(X[rows], self.centers)
            nearest = squared.argmin(axis=1)
            at = (np.arange(len(nearest)), nearest)
            cluster[rows], distance[rows] = nearest, np.sqrt(squared[at])
            shares = self._posterior(squared)
            probability[rows], margin[rows] = shares[at], margins(shares, nearest)
        return Assignment(cluster, probability, distance, margin)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is."""
        return {"centers": self.centers, "variance": np.float64(self.variance).reshape(1)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(arrays["centers"], float(arrays["variance"][0]))

    def _posterior(self, squared: Array) -> Array:
        logits = -(squared - squared.min(axis=1, keepdims=True)) / max(2 * self.variance, 1e-300)
        likelihood = np.exp(logits)
        return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))


def nearest_centers(X: Array, centers: Array) -> NDArray[np.int32]:
    """Return the number of the nearest centre (n,) of each row, the lowest when several tie.

    Written for speed: scores lie one centre a line, so that the maximum runs over whole lines.

    >>> import numpy as np
    >>> nearest_centers(np.array([[0.0], [5.0]]), np.array([[4.0], [1.0]])).tolist()
    [1, 0]
    """
    k = len(centers)
    half = (np.einsum("ij,ij->i", centers, centers) / 2)[:, None]
    code = np.uint8 if k <= 256 else np.uint32
    labels = np.empty(len(X), np.int32)
    for rows in chunks(len(X)):
        with np.errstate(invalid="ignore"):  # refused below, with a message for people
            scores = centers @ X[rows].T
        scores -= half
        best = scores.max(axis=0)
        refuse_unknown(best)
        last = np.zeros(len(best), code)
        for j in range(k - 1):
            np.maximum(last, (scores[j] == best).astype(code) * code(k - 1 - j), out=last)
        labels[rows] = k - 1 - last.astype(np.int32)
    return labels


def squared_distances(X: Array, centers: Array) -> Array:
    """Return the squared Euclidean distances (n, k) of rows to centres.

    Raises `ClusteringError` where a row holds what is missing or infinite.

    >>> import numpy as np
    >>> squared_distances(np.array([[3.0, 4.0]]), np.zeros((1, 2))).tolist()
    [[25.0]]
    """
    with np.errstate(invalid="ignore"):  # refused below, with a message for people
        squared = X @ (-2.0 * centers.T)
        squared += np.einsum("ij,ij->i", centers, centers)
        squared += np.einsum("ij,ij->i", X, X)[:, None]
    refuse_unknown(squared)
    return np.maximum(squared, 0.0, out=squared)


def spread_along(centers: Array, residuals: Array, weights: Array) -> float:
    """Return the variance of residuals (n, d) in the space that the centres span.

    >>> import numpy as np
    >>> ends = np.array([[0.0, 0.0], [9.0, 0.0]])
    >>> spread_along(ends, np.array([[1.0, 7.0], [-1.0, -7.0]]), np.ones(2))
    1.0
    """
    spread = centers - centers.mean(axis=0)
    directions = np.linalg.svd(spread, full_matrices=False)[2][: max(1, len(centers) - 1)]
    along = (residuals @ directions.T) ** 2
    return float(np.average(along.mean(axis=1), weights=weights))
