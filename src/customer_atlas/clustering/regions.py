"""Regions of the customers, small and remote ones too, so that a small draw holds rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.drawing import drawn, effective_rows
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import nearest_centers, squared_distances
from customer_atlas.clustering.starts import merged

__all__ = ["COMMON", "Regions"]

COMMON = 0.01  # the share from which on groups have rows enough in any draw
_FEWEST = 20  # rows of the sample that a group needs, to be more than chance
_REGIONS = 50
_ROUNDS = 6
_A_ROUND = 100
_BLOCK = 8192


@dataclass(frozen=True)
class Regions:
    """The region (n,) that each row is in; `smallest` is the share of a group to be found."""

    of_row: NDArray[np.int32]
    smallest: float

    @classmethod
    def of(cls, X: Array, weights: Array, min_share: float, seed: int) -> Self | None:
        """Divide rows (n, d) into up to 50 regions, or return None where any draw is enough.

        That is where `min_share` is 0.01 or more, or so few rows that less would be a handful.
        Several hundred rows that lie far from one another (Bahmani et al., 2012, Scalable
        k-means++) are middles of small pieces, and the pieces are merged as `merged` merges
        where small groups are to last. Cost: O(n d).
        """
        smallest = max(min_share, _FEWEST / effective_rows(weights))
        if smallest >= COMMON:
            return None
        middles = _spread_out(X, weights, seed)
        nearest = nearest_centers(X, middles)
        masses = np.bincount(nearest, weights, len(middles)).astype(np.float64)
        used = masses > 0
        centers, masses = middles[used], masses[used]
        count = min(_REGIONS, len(centers))
        whole = merged(centers, masses, {count}, smallest=smallest).get(count, centers)
        return cls(nearest_centers(X, whole), smallest)

    def least_share(self, weights: Array) -> float:
        """Return the share that a group must have here, to be `smallest` of all customers.

        Two standard errors less, since so many rows tell a share no closer.
        """
        return self.smallest * (1 - 2 / float(np.sqrt(self.smallest * effective_rows(weights))))

    def drawn(self, weights: Array, most: int, seed: int) -> tuple[NDArray[np.intp], Array]:
        """Return sorted numbers of about `most` rows, and how much each stands for (m,).

        Half of them are shared out by the regions' weights and half evenly, so that each region
        has its rows; what they stand for adds up to the weight of their region.
        """
        sizes = np.bincount(self.of_row, weights)
        used = np.flatnonzero(sizes)
        takes = np.ceil(most / 2 * (sizes / sizes.sum() + 1 / len(used))).astype(int)
        rows, masses = [], []
        for region in used.tolist():
            inside = np.flatnonzero(self.of_row == region)
            some = inside[drawn(weights[inside], int(takes[region]), seed + region, least=1)]
            rows.append(some)
            masses.append(np.full(len(some), sizes[region] / len(some)))
        chosen = np.concatenate(rows)
        order = np.argsort(chosen)
        return chosen[order], np.concatenate(masses)[order]


def _spread_out(X: Array, weights: Array, seed: int) -> Array:
    """Return rows drawn round by round, each by its weight and squared distance to the others."""
    draw = np.random.default_rng(seed)
    first = draw.choice(len(X), 1, p=weights / weights.sum())
    centers, far = X[first], _to_nearest(X, X[first])
    for _ in range(_ROUNDS):
        chances = weights * far
        if not chances.any():
            break
        ends = np.cumsum(chances)
        places = np.searchsorted(ends, draw.random(_A_ROUND) * ends[-1], side="right")
        new = X[np.unique(np.minimum(places, len(X) - 1))]
        centers = np.concatenate([centers, new])
        far = np.minimum(far, _to_nearest(X, new))
    return np.unique(centers, axis=0)


def _to_nearest(X: Array, centers: Array) -> Array:
    """Return the squared distance (n,) of each row to the nearest of some rows of the same."""
    parts = [
        squared_distances(X[start : start + _BLOCK], centers).min(axis=1)
        for start in range(0, len(X), _BLOCK)
    ]
    return np.asarray(np.maximum(np.concatenate(parts), 0.0))
