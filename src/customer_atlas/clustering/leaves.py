"""The leaves of BIRCH: many small clusters, each kept as a weight, a centre and a scatter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.running import sums_by_label
from customer_atlas.clustering.served import nearest_centers, squared_distances

__all__ = ["Leaves"]

_BLOCK = 1024
_JOINED = 0.1
_WIDER = 1.02


@dataclass(frozen=True)
class Leaves:
    """Clustering features (Zhang, Ramakrishnan and Livny, 1996) of m leaves.

    Centres (m, d), weights (m,), and scatters (m,): the weighted sums of squared distances to
    the centres. A leaf takes in what keeps its radius, the root of scatter by weight, within
    `radius`. Where leaves become more than `most`, the radius grows and they are merged.

    They are a list and not a tree: one matrix product with a few hundred centres takes less
    time than a walk down a tree, and finds the nearest leaf for certain.

    >>> X = np.array([[0.0], [1.0], [9.0]])
    >>> leaves = Leaves.none(1, most=9, radius=1.0).grown(X, np.ones(3))
    >>> leaves.centers.ravel().tolist(), leaves.masses.tolist(), leaves.scatters.tolist()
    ([0.5, 9.0], [2.0, 1.0], [0.5, 0.0])
    """

    centers: Array
    masses: Array
    scatters: Array
    most: int
    radius: float

    @classmethod
    def none(cls, width: int, *, most: int, radius: float) -> Leaves:
        """Return no leaf yet, of rows that have `width` columns."""
        return cls(np.empty((0, width)), np.empty(0), np.empty(0), most, radius)

    def grown(self, X: Array, weights: Array) -> Leaves:
        """Return the leaves after more rows (n, d), block by block."""
        leaves = self
        for start in range(0, len(X), _BLOCK):
            rows, masses = X[start : start + _BLOCK], weights[start : start + _BLOCK]
            leaves = leaves._with(rows, masses, np.zeros(len(rows)))
            while len(leaves.centers) > self.most:
                leaves = leaves._coarser()
        return leaves

    def _with(self, X: Array, masses: Array, scatters: Array) -> Leaves:
        """Add clustering features: to the nearest leaf where it stays small, else as new ones."""
        new, leaves = np.ones(len(X), bool), self
        if len(self.centers):
            nearest = nearest_centers(X, self.centers)
            gaps = X - self.centers[nearest]
            squared = np.einsum("ij,ij->i", gaps, gaps)
            new = ~self._fits(
                squared, masses, scatters, self.masses[nearest], self.scatters[nearest]
            )
            old = ~new
            leaves = self._absorbed(
                X[old], masses[old], scatters[old] + masses[old] * squared[old], nearest[old]
            )
        return leaves._and_new(X[new], masses[new], scatters[new])

    def _fits(
        self, squared: Array, masses: Array, scatters: Array, others: Array, theirs: Array
    ) -> NDArray[np.bool_]:
        together = masses + others
        scatter = scatters + theirs + masses * others / together * squared
        return np.asarray(scatter <= self.radius**2 * together)

    def _absorbed(self, X: Array, masses: Array, around: Array, leaf: NDArray[np.int32]) -> Leaves:
        """Add to each leaf what is in it; `around` are scatters about the leaf's old centre."""
        m = len(self.centers)
        together = self.masses + np.bincount(leaf, masses, m)
        sums = sums_by_label(X - self.centers[leaf], masses, leaf, m)
        steps = sums / together[:, None]
        scatters = self.scatters + np.bincount(leaf, around, m)
        scatters -= together * np.einsum("ij,ij->i", steps, steps)
        return replace(
            self, centers=self.centers + steps, masses=together, scatters=np.maximum(scatters, 0.0)
        )

    def _and_new(self, X: Array, masses: Array, scatters: Array) -> Leaves:
        """Add new leaves: the first row that is left, and all that fit to it, again and again."""
        leaf = np.full(len(X), -1, np.int32)
        left, count = np.arange(len(X)), 0
        while len(left):
            first = left[0]
            gaps = X[left] - X[first]
            squared = np.einsum("ij,ij->i", gaps, gaps)
            others, theirs = np.full(len(left), masses[first]), np.full(len(left), scatters[first])
            joins = self._fits(squared, masses[left], scatters[left], others, theirs)
            joins[0] = True
            leaf[left[joins]] = count
            left, count = left[~joins], count + 1
        together = np.bincount(leaf, masses, count)
        centers = sums_by_label(X, masses, leaf, count) / together[:, None]
        gaps = X - centers[leaf]
        inside = scatters + masses * np.einsum("ij,ij->i", gaps, gaps)
        return replace(
            self,
            centers=np.concatenate([self.centers, centers]),
            masses=np.concatenate([self.masses, together]),
            scatters=np.concatenate([self.scatters, np.bincount(leaf, inside, count)]),
        )

    def _coarser(self) -> Leaves:
        """Return fewer leaves of a larger radius: a tenth of them fit to their neighbour."""
        squared = squared_distances(self.centers, self.centers)
        np.fill_diagonal(squared, np.inf)
        other, rows = squared.argmin(axis=1), np.arange(len(squared))
        together = self.masses + self.masses[other]
        scatter = self.scatters + self.scatters[other]
        scatter += self.masses * self.masses[other] / together * squared[rows, other]
        radius = float(np.sqrt(np.quantile(scatter / together, _JOINED)))
        empty = Leaves.none(
            self.centers.shape[1], most=self.most, radius=max(radius, _WIDER * self.radius)
        )
        return empty._with(self.centers, self.masses, self.scatters)
