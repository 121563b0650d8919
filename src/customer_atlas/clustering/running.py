"""Centres that move as rows come: weighted means, kept up to date block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.served import Centroids, nearest_centers, spread_along
from customer_atlas.clustering.served.served import chunks

__all__ = ["Running", "mean_cost", "sums_by_label"]


@dataclass(frozen=True)
class Running:
    """Centres (k, d), the weight (k,) behind each, and the variance around them.

    >>> begun = Running(np.array([[0.0], [9.0]]), np.ones(2), 0.0)
    >>> begun.moved(np.array([[1.0], [2.0]]), np.ones(2)).centers.ravel().tolist()
    [1.0, 9.0]
    """

    centers: Array
    masses: Array
    variance: float

    @classmethod
    def begun(cls, X: Array, weights: Array, k: int, *, seed: int, n_init: int) -> Running:
        """Return the best of `n_init` k-means fits to the rows of `X` (n, d)."""
        fit = lloyd(X, weights, k, seed=seed, n_init=n_init)
        masses = np.asarray(np.bincount(fit.labels, weights, k), np.float64)
        residuals = X - fit.centers[fit.labels]
        return cls(fit.centers, masses, spread_along(fit.centers, residuals, weights))

    @property
    def served(self) -> Centroids:
        """The form that scores."""
        return Centroids(self.centers, self.variance)

    def faded(self, factor: float) -> Running:
        """Return the same centres, with less weight behind them."""
        return Running(self.centers, self.masses * factor, self.variance)

    def taken(self, order: NDArray[np.intp]) -> Running:
        """Return the clusters in another order."""
        centers = np.ascontiguousarray(self.centers[order])
        return Running(centers, self.masses[order], self.variance)

    def moved(self, X: Array, weights: Array) -> Running:
        """Return the means of what came before and the rows (n, d), each at its nearest centre.

        The rows are placed by the centres as they were before (MacQueen, 1967, in blocks, as
        Sculley, 2010, has it).
        """
        labels = nearest_centers(X, self.centers)
        added = np.bincount(labels, weights, len(self.masses))
        masses = self.masses + added
        rate = np.divide(1.0, masses, out=np.zeros_like(masses), where=masses > 0)[:, None]
        sums = sums_by_label(X, weights, labels, len(masses))
        centers = self.centers + (sums - added[:, None] * self.centers) * rate
        spread = spread_along(centers, X - self.centers[labels], weights)
        share = float(weights.sum() / masses.sum())
        return Running(centers, masses, self.variance + share * (spread - self.variance))


def sums_by_label(X: Array, weights: Array, labels: NDArray[np.int32], k: int) -> Array:
    """Return the weighted sum (k, d) of the rows (n, d) of each label.

    >>> sums_by_label(np.array([[1.0], [2.0], [4.0]]), np.ones(3), np.array([1, 0, 1]), 2).tolist()
    [[2.0], [5.0]]
    """
    from scipy.sparse import csr_matrix

    # One line a row, with its weight in the column of its label: its transpose adds rows up.
    places = csr_matrix((weights, labels, np.arange(len(X) + 1)), shape=(len(X), k))
    return np.asarray(places.T @ X)


def mean_cost(X: Array, weights: Array, centers: Array, labels: NDArray[np.int32]) -> float:
    """Return the weighted mean of the squared distances of rows (n, d) to their centres.

    >>> mean_cost(np.array([[3.0], [1.0]]), np.ones(2), np.zeros((1, 1)), np.zeros(2, np.int32))
    5.0
    """
    total = 0.0
    for rows in chunks(len(X)):
        residuals = X[rows] - centers[labels[rows]]
        total += float(weights[rows] @ np.einsum("ij,ij->i", residuals, residuals))
    return total / float(weights.sum())
