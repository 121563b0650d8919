"""Clusters of any shape, served by prototypes: small groups of customers, each with a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.checks import checked_matrix, refuse_unknown
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served.served import UNUSUAL, Assignment, Served, margins

__all__ = ["Prototypes"]

_IN_CACHE = 2_000_000  # distances at a time


@dataclass(frozen=True)
class Prototypes(Served):
    """The cluster of the nearest prototype, of p points (p, d), with a probability.

    `clusters` (p,) is the cluster of each prototype, in rising order. `radii` (p,) says how far
    a prototype reaches: who is farther from the nearest one belongs to none. It is empty (0,)
    where nobody is unusual. The probability is a softmax of the squared distances to the nearest
    prototype of each cluster, over twice `variance`; the distance of an assignment is that to
    the nearest prototype of the cluster.

    >>> points = np.array([[0.0], [1.0], [9.0]])
    >>> model = Prototypes(points, np.array([0, 0, 1], np.int32), np.ones(3), 1.0)
    >>> model.predict(np.array([[1.2], [8.1], [5.0]])).tolist()
    [0, 1, -1]
    """

    kind: ClassVar[str] = "prototypes"
    points: Array
    clusters: NDArray[np.int32]
    radii: Array
    variance: float

    @property
    def n_features(self) -> int:
        """How many columns a matrix must have."""
        return int(self.points.shape[1])

    @property
    def n_clusters(self) -> int:
        """How many clusters the prototypes stand for."""
        return int(self.clusters[-1]) + 1

    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its nearest prototype."""
        X = checked_matrix(X, self.n_features)
        cluster = np.empty(len(X), np.int32)
        probability, distance, margin = (np.empty(len(X)) for _ in range(3))
        for rows in self._slices(len(X)):
            squared, nearest = self._squared(X[rows])
            best = squared.argmin(axis=1)
            at = (np.arange(len(best)), best)
            shares = self._shares(squared)
            distance[rows], probability[rows] = np.sqrt(squared[at]), shares[at]
            margin[rows] = margins(shares, best)
            cluster[rows] = best
            if len(self.radii):
                cluster[rows][distance[rows] > self.radii[nearest]] = UNUSUAL
        return Assignment(cluster, probability, distance, margin)

    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""
        return self._shares(self.squared_by_cluster(X))

    def squared_by_cluster(self, X: Array) -> Array:
        """Return the squared distances (n, k) to the nearest prototype of each cluster."""
        X = checked_matrix(X, self.n_features)
        found = np.empty((len(X), self.n_clusters))
        for rows in self._slices(len(X)):
            found[rows] = self._squared(X[rows])[0]
        return found

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is."""
        return {
            "points": self.points,
            "clusters": self.clusters,
            "radii": self.radii,
            "variance": np.float64(self.variance).reshape(1),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""
        return cls(
            arrays["points"], arrays["clusters"], arrays["radii"], float(arrays["variance"][0])
        )

    @cached_property
    def _firsts(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.diff(self.clusters, prepend=-1))

    @cached_property
    def _heights(self) -> Array:
        return np.asarray(np.einsum("ij,ij->i", self.points, self.points))

    def _slices(self, rows: int) -> Iterator[slice]:
        """Yield slices of rows whose distances to all prototypes stay in the cache."""
        step = max(64, _IN_CACHE // len(self.points))
        return (slice(start, start + step) for start in range(0, rows, step))

    def _squared(self, X: Array) -> tuple[Array, NDArray[np.intp]]:
        """Return squared distances (n, k) to each cluster, and the nearest prototypes (n,).

        The second is empty where nobody asks for it, since nobody is unusual.
        """
        with np.errstate(invalid="ignore"):  # refused below, with a message for people
            scores = X @ (-2.0 * self.points.T)
            scores += self._heights
            squared = np.minimum.reduceat(scores, self._firsts, axis=1)
            squared += np.einsum("ij,ij->i", X, X)[:, None]
        refuse_unknown(squared)
        nearest = scores.argmin(axis=1) if len(self.radii) else np.empty(0, np.intp)
        return np.maximum(squared, 0.0, out=squared), nearest

    def _shares(self, squared: Array) -> Array:
        logits = (squared.min(axis=1, keepdims=True) - squared) / max(2 * self.variance, 1e-300)
        shares = np.exp(logits)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))
