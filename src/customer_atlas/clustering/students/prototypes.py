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
_NEIGHBOURS = 3  # that tell how dense the prototypes of a cluster lie
_BEYOND = 1.5
_VARIANCES = np.geomspace(1e-3, 10.0, 25)  # of the typical squared distance to a prototype


def fit_prototypes(
    X: Array, labels: NDArray[np.int32], weights: Array, seed: int, *, unusual: bool
) -> Prototypes:
    """Learn the labels (n,) of rows (n, d), from -1 (unusual) to k - 1, each of which occurs.

    Each cluster gets prototypes in proportion to its rows, one to about four, and at most about
    1,000 in all, which k-means spreads over it. Where rows can be `unusual`, prototypes
    reach as far as makes fewest mistakes on the rows.
    """
    k = int(labels.max()) + 1
    inside = int((labels >= 0).sum())
    share = min(1.0 / _CUSTOMERS_EACH, _MOST / inside)
    points = [_within(X[labels == c], weights[labels == c], share, seed) for c in range(k)]
    clusters = np.repeat(np.arange(k, dtype=np.int32), [len(each) for each in points])
    model = Prototypes(np.concatenate(points), clusters, np.empty(0), 1.0)
    radii = _reaches(model, X, labels, weights) if unusual else np.empty(0)
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
    """Return how far each prototype reaches: all the same multiple of the spacing around it.

    The multiple is that which makes fewest mistakes on the rows: half way to the next unusual one,
    or half as far again as the farthest of all, where nobody is beyond.
    """
    spacing = _spacing(model)
    nearest, distance = _nearest(model, X)
    ratio = distance / np.maximum(spacing[nearest], 1e-300)
    order = np.argsort(ratio, kind="stable")
    ratio = ratio[order]
    gains = np.cumsum(np.where(labels[order] >= 0, weights[order], -weights[order]))
    last = int(np.argmax(gains))
    if last + 1 < len(ratio):
        return spacing * float(ratio[last : last + 2].mean())
    return spacing * max(_BEYOND * float(ratio[last]), 1e-9)


def _spacing(model: Prototypes) -> Array:
    """Return the root mean square distance (p,) to the few nearest prototypes of the cluster."""
    spacing = np.empty(len(model.points))
    for cluster in range(model.n_clusters):
        points = model.points[model.clusters == cluster]
        squared = np.sort(squared_distances(points, points), axis=1)[:, 1 : _NEIGHBOURS + 1]
        spacing[model.clusters == cluster] = np.sqrt(squared.mean(axis=1)) if len(points) > 1 else 0
    return np.where(spacing > 0, spacing, spacing[spacing > 0].min(initial=1.0))


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
