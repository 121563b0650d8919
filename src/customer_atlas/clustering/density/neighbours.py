"""Each customer's nearest neighbours, and how densely customers lie there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["DIMENSION_FROM", "Neighbours", "joined", "nearest_label"]

DIMENSION_FROM = 20  # neighbours that the intrinsic dimension is estimated from
_HIGHEST = 6.0  # densities of higher powers of a distance say nothing but noise
_LEAST = 1e-9


@dataclass(frozen=True)
class Neighbours:
    """The nearest neighbours of customers: `distances` and `rows` (n, m), the nearest first.

    >>> near = Neighbours.of(np.array([[0.0], [1.0], [3.0]]), 1)
    >>> near.rows.ravel().tolist(), near.distances.ravel().tolist()
    ([1, 0, 1], [1.0, 1.0, 2.0])
    """

    distances: Array
    rows: NDArray[np.int64]
    width: int

    @classmethod
    def of(cls, X: Array, count: int) -> Neighbours:
        """Find `count` neighbours (fewer where there are fewer rows) of each row of `X` (n, d)."""
        from sklearn.neighbors import NearestNeighbors

        count = min(count, len(X) - 1)
        found = NearestNeighbors(n_neighbors=count).fit(X).kneighbors()
        return cls(found[0], found[1].astype(np.int64), X.shape[1])

    @cached_property
    def dimension(self) -> float:
        """The intrinsic dimension: how fast neighbours become many, 1 to 6.

        Levina and Bickel (2004), with the mean taken of the inverses (MacKay and Ghahramani,
        2005).
        """
        near = np.maximum(self.distances[:, :DIMENSION_FROM], _LEAST)
        if near.shape[1] < 2:
            return 1.0
        steps = np.log(near[:, -1:] / near[:, :-1]).mean(axis=1)
        steps = steps[steps > 0]
        if not len(steps):
            return 1.0
        return float(np.clip(1.0 / steps.mean(), 1.0, min(self.width, _HIGHEST)))

    def log_density(self, count: int) -> Array:
        """Return the logarithm of the density (n,) from the distances to `count` neighbours.

        The distances' root mean square stands for the radius, which is smoother than the last
        of them (Biau and others, 2011). Up to a constant, with a standard error of about
        1 / sqrt(count).
        """
        near = np.maximum(self.distances[:, :count], _LEAST)
        return np.asarray(-self.dimension / 2.0 * np.log(np.mean(near * near, axis=1)))

    def edges(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the two ends of the edges to `count` neighbours, each edge once a direction."""
        near = self.rows[:, :count]
        ends = np.repeat(np.arange(len(near)), near.shape[1]), near.ravel()
        return np.concatenate(ends), np.concatenate(ends[::-1])


def nearest_label(
    X: Array, labels: NDArray[np.integer], others: Array
) -> NDArray[np.int32]:  # fmt: skip
    """Return for each of the `others` (m, d) the label (m,) of the nearest row of `X` (n, d).

    >>> nearest_label(np.array([[0.0], [9.0]]), np.array([3, 4]), np.array([[8.0]])).tolist()
    [4]
    """
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(X).kneighbors(others, return_distance=False)
    return np.asarray(labels[nearest[:, 0]], np.int32)


def joined(X: Array, labels: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the labels (n,) with those below 0 in the cluster of the nearest row that has one.

    >>> joined(np.array([[0.0], [1.0], [9.0]]), np.array([0, -1, 1])).tolist()
    [0, 0, 1]
    """
    outside = labels < 0
    found = np.array(labels, np.int32)
    if outside.all():
        found[:] = 0
    elif outside.any():
        found[outside] = nearest_label(X[~outside], labels[~outside], X[outside])
    return found
