"""Clusters served as a mixture of Gaussians: how dense each is where a customer stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, refuse_unknown
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import (
    UNUSUAL,
    Assignment,
    Served,
    by_chunks,
    chunks,
    margins,
)

__all__ = ["Mixture"]


@dataclass(frozen=True)
class Mixture(Served):
    """Gaussians with weights (m,), means (m, d) and precisions, which make k clusters.

    `factors` (m, d, d) are upper triangular, factor @ factor.T being the inverse of a covariance.
    `groups` (m,) is the cluster of each component, for several of them may make one cluster.
    A customer belongs to the most probable cluster; whose log density is below `unusual` belongs
    to none. The distance of an assignment is Mahalanobis' to the cluster's most probable
    component: about the square root of d for a usual customer.

    >>> model = Mixture(
    ...     np.array([0.5, 0.5]), np.array([[0.0], [9.0]]), np.ones((2, 1, 1)), np.arange(2)
    ... )
    >>> model.assign(np.array([[1.0], [9.5]])).distance.tolist()
    [1.0, 0.5]
    """

    kind: ClassVar[str] = "mixture"
    weights: Array
    means: Array
    factors: Array
    groups: NDArray[np.int32]
    unusual: float = -np.inf

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.means.shape[1])

    @property
    def n_clusters(self) -> int:
        """How many clusters the components make."""
        return int(self.groups.max()) + 1

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and Mahalanobis' distance, in one pass."""
        X = checked_matrix(X, self.n_features)
        cluster = np.empty(len(X), np.int32)
        probability, distance, margin = (np.empty(len(X)) for _ in range(3))
        for rows in chunks(len(X)):
            squared = self._squared(X[rows])
            logs = self._heights - squared / 2
            shares, density = self._posterior(logs)
            best = shares.argmax(axis=1)
            every = np.arange(len(best))
            logs[self.groups != best[:, None]] = -np.inf
            distance[rows] = np.sqrt(squared[every, logs.argmax(axis=1)])
            probability[rows], margin[rows] = shares[every, best], margins(shares, best)
            cluster[rows] = np.where(density < self.unusual, UNUSUAL, best)
        return Assignment(cluster, probability, distance, margin)

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(X, self.n_clusters, lambda rows: self._posterior(self._logs(rows))[0])

    def responsibilities(self, X: Array) -> Array:
        """Return the probabilities of the components (n, m); each row adds up to 1."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(X, len(self.weights), lambda rows: _softmax(self._logs(rows))[0])

    def log_density(self, X: Array) -> Array:
        """Return the natural logarithm of the density (n,) of the mixture at each row."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(X, 1, lambda rows: _softmax(self._logs(rows))[1][:, None])[:, 0]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is."""
        return {
            "weights": self.weights,
            "means": self.means,
            "factors": self.factors,
            "groups": self.groups,
            "unusual": np.array([self.unusual] if np.isfinite(self.unusual) else []),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        unusual = max([-np.inf, *arrays["unusual"].tolist()])
        return cls(**{**arrays, "unusual": unusual})

    @cached_property
    def _whitening(self) -> tuple[Array, Array]:
        """One matrix (d, m * d) that whitens for all components at once, and the means so."""
        d = self.n_features
        return (
            np.ascontiguousarray(self.factors.transpose(1, 0, 2).reshape(d, -1)),
            np.einsum("md,mde->me", self.means, self.factors).ravel(),
        )

    @cached_property
    def _heights(self) -> Array:
        diagonals = np.diagonal(self.factors, axis1=1, axis2=2)
        at_means = np.log(diagonals).sum(axis=1) - self.n_features / 2 * np.log(2 * np.pi)
        return np.asarray(np.log(self.weights) + at_means)

    @cached_property
    def _alone(self) -> bool:
        return np.array_equal(self.groups, np.arange(len(self.groups)))

    def _squared(self, X: Array) -> Array:
        factors, means = self._whitening
        with np.errstate(invalid="ignore", over="ignore"):  # refused below, for people
            white = (X @ factors - means).reshape(len(X), len(self.means), -1)
            squared = np.einsum("nmd,nmd->nm", white, white)
        refuse_unknown(squared)
        return np.asarray(squared)

    def _logs(self, X: Array) -> Array:
        return np.asarray(self._heights - self._squared(X) / 2)

    def _posterior(self, logs: Array) -> tuple[Array, Array]:
        """Return the probabilities of the clusters (n, k) and the log density (n,)."""
        shares, density = _softmax(logs)
        if not self._alone:
            shares = shares @ np.eye(self.n_clusters)[self.groups]
        return shares, density


def _softmax(logs: Array) -> tuple[Array, Array]:
    top = logs.max(axis=1, keepdims=True)
    shares = np.exp(logs - top)
    total = shares.sum(axis=1, keepdims=True)
    return shares / total, (top + np.log(total))[:, 0]
