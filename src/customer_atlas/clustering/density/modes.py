"""The modes of a density, those that stand out: topological mode analysis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.density.neighbours import Neighbours
from customer_atlas.clustering.lloyd import Array

__all__ = ["EDGES", "modes", "prominences"]

EDGES = 10  # neighbours that a customer is connected with


def modes(near: Neighbours, count: int, prominence: float) -> NDArray[np.int32]:
    """Return the mode (n,) that each customer belongs to, numbered from 0 by height.

    Everyone climbs to the densest neighbour until there is none denser; a hill whose top is
    less than `prominence` (a logarithm) above the saddle to a higher hill becomes part of it.
    Since the density from `count` neighbours has a standard error of 1 / sqrt(count), the
    prominence of hills of chance is a few times that. This is ToMATo (Chazal, Guibas, Oudot and
    Skraba, 2013, Persistence-based clustering in Riemannian manifolds).

    >>> X = np.concatenate([np.linspace(0, 1, 20), np.linspace(5, 6, 20)])[:, None]
    >>> np.bincount(modes(Neighbours.of(X, 5), 5, 1.0)).tolist()
    [20, 20]
    """
    density = near.log_density(count)
    size = len(density)
    order = np.lexsort((np.arange(size), -density))
    rank = np.empty(size, np.int64)
    rank[order] = np.arange(size)
    one, other = near.edges(EDGES)
    steepest = rank.copy()
    np.minimum.at(steepest, one, rank[other])
    top = _climbed(order[steepest])
    parent = {int(hill): int(hill) for hill in np.unique(top)}
    for low, high, saddle in _saddles(top, density, one, other):
        a, b = _root(parent, low), _root(parent, high)
        if rank[a] > rank[b]:
            a, b = b, a
        if a != b and density[b] - saddle < prominence:
            parent[b] = a
    kept = np.array([_root(parent, hill) for hill in sorted(parent)])
    owner = kept[np.searchsorted(np.array(sorted(parent)), top)]
    highest = order[np.sort(rank[np.unique(owner)])]
    number = np.empty(size, np.int32)
    number[highest] = np.arange(len(highest), dtype=np.int32)
    return np.asarray(number[owner])


def _climbed(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    while True:
        further = parent[parent]
        if (further == parent).all():
            return parent
        parent = further


def _saddles(
    top: NDArray[np.int64], density: Array, one: NDArray[np.int64], other: NDArray[np.int64]
) -> list[tuple[int, int, float]]:
    """Return the highest saddle between each two hills that touch, the highest first."""
    across = top[one] < top[other]
    low, high = top[one][across], top[other][across]
    height = np.minimum(density[one], density[other])[across]
    order = np.lexsort((-height, high, low))
    low, high, height = low[order], high[order], height[order]
    first = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0))[: len(low)]
    low, high, height = low[first], high[first], height[first]
    order = np.lexsort((high, low, -height))
    return list(zip(low[order].tolist(), high[order].tolist(), height[order].tolist(), strict=True))


def _root(parent: dict[int, int], hill: int) -> int:
    while parent[hill] != hill:
        parent[hill] = parent[parent[hill]]
        hill = parent[hill]
    return hill


def prominences(near: Neighbours, labels: NDArray[np.integer], count: int) -> Array:
    """Return for each cluster (k,) how far its border with the worst neighbour lies below.

    It is the logarithm of the density around the lower of two neighbours' middles over that
    along their border: 0 or less where a cloud was cut through, infinite where no customer's
    neighbour is in another cluster. The upper tenth stands for the middle, as for the border,
    since the highest of many estimates is chance.
    """
    density, k = near.log_density(count), int(labels.max()) + 1
    middle = np.array([np.quantile(density[labels == j], 0.9) for j in range(k)])
    one, other = near.edges(EDGES)
    across = labels[one] < labels[other]
    low, high = labels[one][across], labels[other][across]
    height = np.minimum(density[one], density[other])[across]
    order = np.lexsort((-height, high, low))
    low, high, height = low[order], high[order], height[order]
    starts = np.flatnonzero((np.diff(low, prepend=-1) != 0) | (np.diff(high, prepend=-1) != 0))
    lengths = np.diff(np.append(starts, len(low)))
    # Of an edge or two across, nothing is known of a border but that it is thin.
    saddles = height[starts + np.minimum(lengths - 1, np.maximum(2, lengths // 10))]
    saddles = saddles - (lengths <= 2)
    a, b = low[starts], high[starts]
    drop = np.minimum(middle[a], middle[b]) - saddles
    worst = np.full(k, np.inf)
    np.minimum.at(worst, a, drop)
    np.minimum.at(worst, b, drop)
    return worst
