"""From who kept a segment to the probability of keeping it: rising curves over the margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["Kept", "rising"]

_CELLS = 24
_ENOUGH = 20.0  # customers of a segment in a cell: with fewer, a refit says less of them
_PRIOR = 2.0  # refits that the curve of all segments counts for in that of each


@dataclass(frozen=True)
class Kept:
    """Who kept a segment in refits, counted by margin: of r refits, k segments and m cells.

    `knots` (m,) are the mean margins of the cells, `counts` (k, m) and `masses` (k, m) the rows
    in each and their weight, `shares` (r, k, m) the share of that weight that was kept.
    """

    knots: Array
    counts: Array
    masses: Array
    shares: Array

    @classmethod
    def count(
        cls,
        margin: Array,
        segment: NDArray[np.integer],
        kept: NDArray[np.bool_],
        weights: Array,
        k: int,
    ) -> Kept:
        """Count rows by their margin (n,) and segment (n,), and who `kept` (r, n) it.

        Cells hold fewer rows the lower the margin, where a little of it matters most.
        """
        cell = _cells(margin)
        m = int(cell.max()) + 1
        place: NDArray[np.intp] = segment.astype(np.intp) * m + cell
        knots = np.bincount(cell, margin) / np.bincount(cell)
        masses = np.asarray(np.bincount(place, weights, k * m), np.float64)
        divisor = np.maximum(masses, 1e-300)
        shares = [np.bincount(place, weights * one, k * m) / divisor for one in kept]
        counts: Array = np.bincount(place, minlength=k * m).reshape(k, m).astype(np.float64)
        kept_shares = np.stack(shares).reshape(len(kept), k, m)
        return cls(np.asarray(knots), counts, masses.reshape(k, m), kept_shares)

    def curves(self, refits: NDArray[np.integer]) -> Array:
        """Return the probability (k, m) that a customer of each segment in each cell keeps it.

        It rises with the margin. A segment's own curve counts as many refits as there are, and
        that of all segments two: so a segment that dissolves has a low one of its own.
        """
        mean = self.shares[refits].mean(axis=0)
        mass = self.masses.sum(axis=0)
        common = rising((mean * self.masses).sum(axis=0) / mass, mass)
        evidence = len(refits) * np.minimum(1.0, self.counts / _ENOUGH)
        blended = (evidence * mean + _PRIOR * common) / (evidence + _PRIOR)
        return np.stack([rising(y, w) for y, w in zip(blended, evidence + _PRIOR, strict=True)])


def _cells(margin: Array) -> NDArray[np.intp]:
    edges = np.unique(np.quantile(margin, np.linspace(0.0, 1.0, _CELLS + 1) ** 2))
    found = np.searchsorted(edges[1:-1], margin, side="right")
    return np.unique(found, return_inverse=True)[1].ravel()


def rising(values: Array, weights: Array) -> Array:
    """Return the rising values (m,) that are nearest to these, by weighted squares.

    Neighbours that fall are pooled (Ayer, Brunk, Ewing, Reid and Silverman, 1955).

    >>> rising(np.array([0.2, 0.6, 0.4]), np.ones(3)).tolist()
    [0.2, 0.5, 0.5]
    """
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        size = 1
        while pools and pools[-1][0] >= value:
            before, mass, more = pools.pop()
            value = (before * mass + value * weight) / (mass + weight)
            weight, size = mass + weight, size + more
        pools.append((value, weight, size))
    return np.repeat([value for value, _, _ in pools], [size for _, _, size in pools])
