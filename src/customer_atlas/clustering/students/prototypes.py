"""Prototypes that learn an algorithm's labels: small groups within each cluster."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array, lloyd
from customer_atlas.clustering.served import Prototypes, squared_distances

__all__ = ["fit_prototypes"]

_MOST = 1000  # prototypes: scoring stays one small matrix product
_CUSTOMERS_EACH = 4
_LEAST = 8  # prototypes of a cluster, if it has as many customers
_STEPS = 10
_BEYOND = 2.0  # times the farthest of its customers, where nobody unusual is nearer
_VARIANCES = np.geomspace(1e-3, 10.0, 25)  # of the typical squared distance to a prototype


def fit_prototypes(X: Array, labels: NDArray[np.int32], weights: Array, seed: int) -> Prototypes:
    """Learn the labels (n,) of rows (n, d), from -1 (unusual) to k - 1, each of which occurs.

    Each cluster gets prototypes in proportion to its rows, one to about four, and at most about
    1,000 in all, which k-means spreads over it. Where some rows are unusual, a prototype reaches
    as far as makes fewest mistakes on the rows that are nearest to it.
    """
    k = int(labels.max()) + 1
    inside = int((labels >= 0).sum())
    share = min(1.0 / _CUSTOMERS_EACH, _MOST / inside)
    points = [_within(X[labels == c], weights[labels == c], share, seed) for c in range(k)]
    clusters = np.repeat(np.arange(k, dtype=np.int32), [len(each) for each in points])
    model = Prototypes(np.concatenate(points), clusters, np.empty(0), 1.0)
    radii = _reaches(model, X, labels, weights) if inside < len(X) else np.empty(0)
    variance = _variance(model, X[labels >= 0], labels[labels >= 0], weights[labels >= 0])
    return Prototypes(model.points, clusters, radii, variance)


def _within(X: Array, weights: Array, share: float, seed: int) -> Array:
    """Return the middles (p, d) of small groups of the rows of one cluster."""
    count = min(len(X), max(_LEAST, round(share * len(X))))
    start = X[np.sort(np.random.default_rng(seed).permutation(len(X))[:count])]
    fit = lloyd(X, weights, count, seed=seed, start=start, max_iter=_STEPS)
    return fit.centers[np.unique(fit.labels)]


def _reaches(
    model: Prototypes, X: Array, labels: NDArray[np.int32], weights: Array
) -> Array:  # fmt: skip
    nearest, distance = _nearest(model, X)
    radii = np.zeros(len(model.points))
    order = np.lexsort((distance, nearest))
    parts = np.split(order, np.searchsorted(nearest[order], np.arange(1, len(radii))))
    for number, rows in enumerate(parts):
        if len(rows):
            radii[number] = _reach(distance[rows], labels[rows] >= 0, weights[rows])
    return radii


def _reach(distance: Array, usual: NDArray[np.bool_], weights: Array) -> float:
    """Return the reach that divides the usual from the unusual with fewest mistakes.

    `distance` rises. The reach ends half way to the next unusual customer, or at twice the
    distance of the last one within, whichever is nearer.
    """
    gains = np.cumsum(np.where(usual, weights, -weights))
    last = len(gains) - 1 - int(np.argmax(gains[::-1]))
    if gains[last] <= 0:
        return 0.0
    most = _BEYOND * float(distance[last])
    return min(most, float(distance[last] + distance[last + 1]) / 2) if last + 1 < len(gains) else most


def _nearest(model: Prototypes, X: Array) -> tuple[NDArray[np.intp], Array]:
    nearest, distance = np.empty(len(X), np.intp), np.empty(len(X))
    for start in range(0, len(X), 4096):
        rows = slice(start, start + 4096)
        squared = squared_distances(X[rows], model.points)
        nearest[rows] = squared.argmin(axis=1)
        distance[rows] = np.sqrt(squared.min(axis=1))
    return nearest, distance


def _variance(model: Prototypes, X: Array, labels: NDArray[np.int32], weights: Array) -> float:
    """Return the variance with which the probabilities tell the labels best (least log loss)."""
    squared = model.squared_by_cluster(X)
    own = squared[np.arange(len(X)), labels]
    typical = float(np.average(own, weights=weights))
    if typical <= 0:
        return 1e-12
    losses = []
    for variance in _VARIANCES * typical:
        logits = -squared / (2 * variance)
        top = logits.max(axis=1)
        total = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
        losses.append(np.average(total + own / (2 * variance), weights=weights))
    return float(_VARIANCES[int(np.argmin(losses))] * typical)
