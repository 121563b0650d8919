"""Clusters of any shape, served by a forest of decision trees as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, refuse_unknown
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.centroids import squared_distances
from customer_atlas.clustering.served.served import (
    UNUSUAL,
    Assignment,
    Served,
    by_chunks,
    chunks,
    margins,
)

__all__ = ["Trees", "single"]


@dataclass(frozen=True)
class Trees(Served):
    """Trees whose votes decide; their nodes stand one after the other.

    `roots` (t,) are numbers of nodes. A row goes from a node to its `children` (m, 2): to the
    first where its column `feature` (m,) is at most `threshold` (m,), else to the second; a leaf is
    its own child. `votes` (m, c) of the leaf where a row ends are added up over the trees;
    the class with most votes wins, the lower one when two tie. There are as many classes as
    `centers` (k, d), and one more, the last, where customers can be unusual.

    Columns, thresholds and votes are single precision, and votes are binary fractions whose sums
    are exact in it: so whatever evaluates the trees, in whatever order, gives the same label. The
    distance of an assignment is the Euclidean one to the cluster's centre.

    >>> model = Trees(
    ...     np.array([0]), np.array([[1, 2], [1, 1], [2, 2]]), np.zeros(3, int),
    ...     np.float32([4.5, 0, 0]), np.float32([[0, 0], [1, 0], [0, 1]]), np.array([[0.0], [9.0]]),
    ... )
    >>> model.predict(np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """

    kind: ClassVar[str] = "trees"
    roots: NDArray[np.intp]
    children: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]
    votes: NDArray[np.float32]
    centers: Array

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.centers.shape[1])

    @property
    def n_clusters(self) -> int:
        """How many clusters there are; unusual customers are none."""
        return len(self.centers)

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its centre, in one pass."""
        X = checked_matrix(X, self.n_features)
        cluster = np.empty(len(X), np.int32)
        probability, distance, margin = (np.empty(len(X)) for _ in range(3))
        for rows in chunks(len(X)):
            squared = squared_distances(X[rows], self.centers)
            votes = self._counted(X[rows])
            shares = self._shares(votes, squared)
            best = shares.argmax(axis=1)
            at = (np.arange(len(best)), best)
            distance[rows], probability[rows] = np.sqrt(squared[at]), shares[at]
            margin[rows] = margins(shares, best)
            cluster[rows] = np.where(self._unusual(votes), UNUSUAL, best)
        return Assignment(cluster, probability, distance, margin)

    def predict_proba(self, X: Array) -> Array:
        """Return the shares of the votes for clusters (n, k); each row adds up to 1."""
        X = checked_matrix(X, self.n_features)
        return by_chunks(
            X,
            self.n_clusters,
            lambda rows: self._shares(self._counted(rows), squared_distances(rows, self.centers)),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is."""
        names = ("roots", "children", "feature", "threshold", "votes", "centers")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(**arrays)

    @cached_property
    def _either(self) -> NDArray[np.intp]:
        """The child of node i where a row goes right, at 2 i, and where it goes left, after it."""
        return np.ascontiguousarray(self.children[:, ::-1]).ravel()

    def _counted(self, X: Array) -> Array:
        """Return the votes (n, c) for rows (n, d)."""
        refuse_unknown(X)
        values, firsts = single(X).ravel(), np.arange(len(X)) * self.n_features
        total = np.zeros((len(X), self.votes.shape[1]), np.float32)
        for root in self.roots:
            node = np.full(len(X), root)
            while True:
                left = values.take(firsts + self.feature.take(node)) <= self.threshold.take(node)
                below = self._either.take(2 * node + left)
                if np.array_equal(below, node):
                    break
                node = below
            total += self.votes.take(node, axis=0)
        return total.astype(np.float64)

    def _unusual(self, votes: Array) -> NDArray[np.bool_]:
        return np.asarray(votes.argmax(axis=1) >= self.n_clusters)

    def _shares(self, votes: Array, squared: Array) -> Array:
        """Return votes as shares of those for clusters; where none has any, the nearest has all."""
        inside = votes[:, : self.n_clusters]
        total = inside.sum(axis=1, keepdims=True)
        nearest = squared.argmin(axis=1)[:, None] == np.arange(self.n_clusters)
        return np.where(total > 0, inside / np.where(total > 0, total, 1.0), nearest)


def single(X: Array) -> NDArray[np.float32]:
    """Return the numbers in the precision that trees compare in, the largest ones cut off."""
    most = np.finfo(np.float32).max
    return np.clip(X, -most, most).astype(np.float32)
