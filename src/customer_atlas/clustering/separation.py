"""Which segments stand apart: is there a valley between a segment and each neighbour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["VALLEY", "valley_ratios", "worst_neighbours"]

VALLEY = 0.8  # a border with at most this part of the lower side's density is a valley
_NEIGHBOURS = 4
_WINDOW = 0.25  # half width of the three places compared; half the way between centres is 1


def valley_ratios(X: Array, weights: Array, labels: NDArray[np.integer], centers: Array) -> Array:
    """Return for each segment the density at its border over that at the sides (k,).

    The customers of two segments are projected on the line that joins the centres. The density
    half-way is divided by the lower of the densities around the two centres; the worst of the
    four nearest neighbours counts. A single cloud that was cut in two has 1 or more (1.4 for a
    Gaussian); two Gaussians whose centres lie three deviations apart have 0.65.

    >>> import numpy as np
    >>> X = np.concatenate([np.linspace(-1, 1, 50), np.linspace(9, 11, 50)])[:, None]
    >>> valley_ratios(X, np.ones(100), np.repeat([0, 1], 50), np.array([[0.0], [10.0]])).tolist()
    [0.0, 0.0]
    """
    members = [np.flatnonzero(labels == j) for j in range(len(centers))]

    def ratio(i: int, j: int) -> float:
        rows = np.concatenate([members[i], members[j]])
        return _border_ratio(X[rows], weights[rows], centers[i], centers[j])

    return worst_neighbours(centers, ratio)


def worst_neighbours(centers: Array, ratio: Callable[[int, int], float]) -> Array:
    """Return for each segment (k,) the highest `ratio` with one of its four nearest neighbours."""
    k = len(centers)
    gaps = ((centers[:, None] - centers[None, :]) ** 2).sum(axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argsort(gaps, axis=1, kind="stable")[:, : min(_NEIGHBOURS, k - 1)]
    pairs = sorted({(min(i, j), max(i, j)) for i in range(k) for j in nearest[i].tolist()})
    worst = np.zeros(k)
    for i, j in pairs:
        found = ratio(i, j)
        worst[i], worst[j] = max(worst[i], found), max(worst[j], found)
    return worst


def _border_ratio(X: Array, weights: Array, one: Array, other: Array) -> float:
    half = (other - one) / 2
    along = (X - (one + other) / 2) @ half / max(float(half @ half), 1e-300)
    left, border, right = (
        float(weights[np.abs(along - place) < _WINDOW].sum()) for place in (-1.0, 0.0, 1.0)
    )
    side = min(left, right)
    return border / side if side > 0 else 0.0
