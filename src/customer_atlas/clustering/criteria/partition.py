"""The sizes, centres and scatter of a division of customers: what several indices share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Partition"]

_NOTHING = 1e-12  # of the whole scatter: less is rounding, or customers who are all alike


@dataclass(frozen=True)
class Partition:
    """k segments that any algorithm made, summed up; those without customers are left out.

    `masses` (k,) are the weights, which count as customers; `centers` (k, d) the means;
    `scatter` (k,) the weighted sums of squared distances to the own centre, and `spread` (k,)
    the weighted mean distances to it.
    """

    masses: Array
    centers: Array
    scatter: Array
    spread: Array

    @classmethod
    def of(cls, X: Array, labels: NDArray[np.integer], weights: Array) -> Partition:
        """Sum up the segments `labels` (n,) of the rows of `X` (n, d) with weights (n,).

        >>> X = np.array([[0.0], [2.0], [9.0]])
        >>> found = Partition.of(X, np.array([0, 0, 7]), np.ones(3))
        >>> found.centers.ravel().tolist(), found.scatter.tolist(), found.spread.tolist()
        ([1.0, 9.0], [2.0, 0.0], [1.0, 0.0])
        """
        own = np.unique(labels, return_inverse=True)[1]
        masses = _sums(own, weights)
        member = np.zeros((len(masses), len(X)))
        member[own, np.arange(len(X))] = weights
        centers = (member @ X) / masses[:, None]
        away = X - centers[own]
        squared = np.einsum("ij,ij->i", away, away)
        return cls(
            masses=masses, centers=centers, scatter=_sums(own, weights * squared),
            spread=_sums(own, weights * np.sqrt(squared)) / masses,
        )  # fmt: skip

    @property
    def within(self) -> float:
        """The inertia: what is left of the scatter within the segments."""
        return float(self.scatter.sum())

    @property
    def between(self) -> float:
        """The scatter of the centres, with their masses, around the common mean."""
        away = self.centers - np.average(self.centers, axis=0, weights=self.masses)
        return float((self.masses @ (away**2)).sum())

    @property
    def floored(self) -> float:
        """The inertia, at least a trillionth of the whole scatter, so that it has a logarithm."""
        return max(self.within, _NOTHING * (self.within + self.between))


def _sums(own: NDArray[np.integer], values: Array) -> Array:
    return np.asarray(np.bincount(own, values), np.float64)
