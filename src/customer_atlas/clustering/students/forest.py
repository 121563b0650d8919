"""A forest that learns an algorithm's labels: scikit-learn's, turned into plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import Trees, single

__all__ = ["fit_trees"]

_TREES = 32  # a power of two, so that a share of one tree's vote is a binary fraction
_PARTS = 2.0**15  # of one tree's vote: 15 + 5 bits, where single precision has 24
_DEPTH = 16
_BEYOND = 10  # made-up rows on each side of each column


def fit_trees(
    X: Array, labels: NDArray[np.int32], weights: Array, seed: int, *, unusual: bool
) -> Trees:
    """Learn the labels (n,) of rows (n, d), from -1 (unusual) to k - 1, each of which occurs.

    Extremely randomised trees (Geurts, Ernst and Wehenkel, 2006), at most 16 deep. A threshold is
    rounded down to single precision, which changes nothing for rows that are compared in it.
    Where rows can be `unusual`, the trees also see made-up ones beyond all others, since they
    would otherwise take whoever is far away for the nearest cluster.
    """
    from sklearn.ensemble import ExtraTreesClassifier

    k = int(labels.max()) + 1
    far = _beyond(X, seed) if unusual else X[:0]
    classes = np.append(np.where(labels < 0, k, labels), np.full(len(far), k))
    masses = np.append(weights / weights.mean(), np.ones(len(far)))
    model = ExtraTreesClassifier(
        _TREES, max_depth=_DEPTH, max_features=None, random_state=seed
    ).fit(single(np.concatenate([X, far])), classes, sample_weight=masses)  # fmt: skip
    trees = [each.tree_ for each in model.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    return Trees(
        roots.astype(np.intp),
        np.concatenate([_children(*pair) for pair in zip(trees, roots, strict=True)]),
        np.concatenate([np.maximum(tree.feature, 0) for tree in trees]).astype(np.intp),
        _rounded_down(np.concatenate([tree.threshold for tree in trees])),
        np.concatenate([_votes(tree) for tree in trees]),
        _centers(X, labels, weights, k),
    )


def _beyond(X: Array, seed: int) -> Array:
    """Return copies of some rows, each moved in one column beyond the least or largest value."""
    draw = np.random.default_rng(seed)
    lows, highs = X.min(axis=0), X.max(axis=0)
    reach = np.where(highs > lows, highs - lows, 1.0)
    columns = np.repeat(np.arange(X.shape[1]), 2 * _BEYOND)
    far = X[draw.integers(len(X), size=len(columns))]
    steps = draw.uniform(0.2, 1.0, len(columns)) * reach[columns]
    above = np.arange(len(columns)) % 2 == 0
    far[np.arange(len(columns)), columns] = np.where(
        above, highs[columns] + steps, lows[columns] - steps
    )
    return far


def _children(tree: Any, root: int) -> NDArray[np.intp]:
    """Return the two nodes (m, 2) that follow, a leaf being followed by itself."""
    pairs = np.column_stack([tree.children_left, tree.children_right])
    return np.asarray(root + np.where(pairs < 0, np.arange(len(pairs))[:, None], pairs), np.intp)


def _rounded_down(thresholds: Array) -> NDArray[np.float32]:
    nearest = thresholds.astype(np.float32)
    return np.where(nearest > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)


def _votes(tree: Any) -> NDArray[np.float32]:
    counts = tree.value[:, 0, :]
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(np.round(shares * _PARTS) / (_PARTS * _TREES), np.float32)


def _centers(X: Array, labels: NDArray[np.int32], weights: Array, k: int) -> Array:
    inside = [labels == cluster for cluster in range(k)]
    return np.stack([np.average(X[rows], axis=0, weights=weights[rows]) for rows in inside])
