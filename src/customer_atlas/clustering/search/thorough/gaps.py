"""Gaps between and within segments, seen the same whatever scales and turns the columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.density import Neighbours, prominences
from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.search.candidate import ramp
from customer_atlas.clustering.search.plane import FEW, LOOKED_FROM, PROMINENT
from customer_atlas.clustering.separation import worst_neighbours

__all__ = ["separations"]

_VALLEY = (0.8, 0.4)  # density at the border over that at the lower side
_SURE = 2.0  # standard errors that the border may be higher than it was counted
_WINDOW = 0.25  # half width of the three places compared; half the way between means is 1
_A_COLUMN = 5  # rows for each column that is whitened
_LEAST = 10  # rows on each side for a valley to be looked for
_RIDGE = 1e-2  # of the mean variance, so that few rows still have a direction


def separations(X: Array, labels: NDArray[np.integer], seed: int) -> Array:
    """Return for each segment (k,) from 0 to 1 how far it stands apart and is one group itself.

    It is the product of two. Apart: the border with the neighbour that it is least separated
    from is a gap. One: where two-means divides the segment (of its columns as they are, and
    whitened), there is none; so segments that merge several groups are not taken for groups.

    In up to four columns a border is a gap as far as it is less dense than the middles of both
    sides. In more, customers of both sides are projected on Fisher's discriminant (1936), found
    on every other row and looked at on those between: there must be a valley half-way. So a gap
    that only shows once columns are scaled or turned counts as much as any.

    >>> draw = np.random.default_rng(0)
    >>> X = np.repeat([[0.0] * 5, [9.0] * 5, [30.0] * 5], 100, axis=0) + draw.normal(size=(300, 5))
    >>> separations(X, np.repeat([0, 1, 2], 100), 0).round(2).tolist()
    [1.0, 1.0, 1.0]
    >>> separations(X, np.repeat([0, 0, 1], 100), 0).round(2).tolist()
    [0.0, 1.0]
    """
    k = int(labels.max()) + 1
    if k < 2:
        return np.zeros(k)
    near = Neighbours.of(X, LOOKED_FROM) if X.shape[1] <= FEW else None
    if near is not None:
        apart = ramp(prominences(near, labels, LOOKED_FROM), *PROMINENT)
    else:
        apart = ramp(_valleys(X, labels), *_VALLEY)
    whole = [1.0 - _within(X, labels, j, near, seed) for j in range(k)]
    return np.asarray(apart * np.array(whole))


def _valleys(X: Array, labels: NDArray[np.integer]) -> Array:
    """Return for each segment (k,) the highest ratio of its borders with near neighbours."""
    k = int(labels.max()) + 1
    members = [np.flatnonzero(labels == j) for j in range(k)]
    centers = np.stack([X[rows].mean(axis=0) for rows in members])
    return worst_neighbours(centers, lambda i, j: _valley(X[members[i]], X[members[j]]))


def _within(
    X: Array, labels: NDArray[np.integer], j: int, near: Neighbours | None, seed: int
) -> float:
    """Return from 0 to 1 how clear a gap runs through a segment."""
    rows = np.flatnonzero(labels == j)
    if len(rows) < 2 * _LEAST:
        return 0.0
    clearest = 0.0
    sights = [X[rows]]
    if len(rows) >= _A_COLUMN * X.shape[1]:  # of fewer, whitening makes gaps by chance
        sights.append(_whitened(X[rows]))
    for points in sights:
        halves = lloyd(points, np.ones(len(rows)), 2, seed=seed, n_init=2).labels
        if min(np.bincount(halves, minlength=2)) < _LEAST:
            continue
        if near is None:
            gap = ramp(_valley(X[rows[halves == 0]], X[rows[halves == 1]]), *_VALLEY)
        else:
            parts = np.array(labels, np.int64)
            parts[rows[halves == 1]] = labels.max() + 1
            drops = prominences(near, parts, LOOKED_FROM)[[j, -1]]
            gap = ramp(drops.min(), *PROMINENT)
        clearest = max(clearest, float(gap))
    return clearest


def _valley(one: Array, other: Array) -> float:
    """Return the density at the border over that at the lower of the two sides.

    That at the border is at most what chance leaves open: a few rows make no valley.
    """
    if min(len(one), len(other)) < 4:
        return 0.0
    counts = np.zeros(3)
    for first in (0, 1):
        axis = _discriminant(one[first::2], other[first::2])
        left, right = one[1 - first :: 2] @ axis, other[1 - first :: 2] @ axis
        middle = (left.mean() + right.mean()) / 2
        half = (right.mean() - left.mean()) / 2
        if half <= 0:  # what parts them in some rows does not in the others
            return 1.0
        along = (np.concatenate([left, right]) - middle) / half
        counts += [(np.abs(along - place) < _WINDOW).sum() for place in (-1.0, 0.0, 1.0)]
    side = min(counts[0], counts[2])
    border = counts[1] + _SURE * np.sqrt(counts[1] + 1.0)
    return float(border / side) if side > 0 else 1.0


def _discriminant(one: Array, other: Array) -> Array:
    gaps = np.concatenate([one - one.mean(axis=0), other - other.mean(axis=0)])
    within = gaps.T @ gaps / len(gaps)
    scale = np.sqrt(np.maximum(np.diag(within), 1e-12 * max(float(np.trace(within)), 1e-300)))
    alike = within / np.outer(scale, scale) + _RIDGE * np.eye(len(scale))
    step = (other.mean(axis=0) - one.mean(axis=0)) / scale
    return np.asarray(np.linalg.solve(alike, step) / scale)


def _whitened(X: Array) -> Array:
    gaps = X - X.mean(axis=0)
    values, axes = np.linalg.eigh(gaps.T @ gaps / len(gaps))
    return np.asarray(gaps @ axes / np.sqrt(np.maximum(values, 1e-6 * max(values[-1], 1e-300))))
