"""The same algorithm fitted again, to other customers or from another seed, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import contingency
from customer_atlas.clustering.lloyd import Array

if TYPE_CHECKING:
    from customer_atlas.clustering.algorithms import Clusterer

__all__ = ["matched", "recognised", "refit", "resample"]


def refit(
    model: Clusterer, X: Array, weights: Array, rows: NDArray[np.integer], seed: int
) -> Clusterer:
    """Return the algorithm of a fitted `model` fitted anew, with its settings and another seed.

    To the `rows` (m,) of a matrix (n, d) and their weights; a row that is named twice counts
    twice.
    """
    from sklearn.base import clone

    again: Clusterer = clone(model)
    if "random_state" in again.get_params(deep=False):
        again.set_params(random_state=seed)
    return again.fit(X[rows], sample_weight=weights[rows])


def resample(weights: Array, seed: int, size: int | None = None) -> NDArray[np.int64]:
    """Return rows drawn with replacement: a bootstrap sample of those whom weights stand for.

    A row of the sample of a stratified draw stands for as many customers as its weight says, so
    all rows have the same chance and keep their weights.

    >>> resample(np.ones(4), 0).shape
    (4,)
    """
    rows = np.random.default_rng(seed).integers(0, len(weights), size or len(weights))
    return np.sort(rows)


def matched(
    reference: NDArray[np.integer], labels: NDArray[np.integer], weights: Array, k: int
) -> NDArray[np.int32]:
    """Return labels (n,) under the numbers of the k reference segments that they are most like.

    One segment is matched to one, such that their Jaccard similarities add up to the most (the
    assignment problem; Kuhn, 1955). A segment that is like none has a number from k on, and
    labels below 0, of unusual customers, stay.

    >>> matched(np.array([0, 0, 1]), np.array([1, 1, 0]), np.ones(3), 2).tolist()
    [0, 0, 1]
    """
    from scipy.optimize import linear_sum_assignment

    inside = (reference >= 0) & (labels >= 0)
    count = int(labels.max(initial=-1)) + 1
    if count == 0 or not inside.any():
        return labels.astype(np.int32)
    shared = np.zeros((k, count))
    table = contingency(reference[inside], labels[inside], weights[inside], k)
    shared[:, : table.shape[1]] = table
    sides = _masses(reference, weights, k)[:, None] + _masses(labels, weights, count)[None, :]
    scale = weights[inside].mean()
    union = np.maximum(sides / scale - shared, 1e-12)
    mine, theirs = linear_sum_assignment(shared / union, maximize=True)
    alike = shared[mine, theirs] > 0
    numbers = np.full(count + 1, -1, np.int32)
    numbers[theirs[alike]] = mine[alike]
    others = np.flatnonzero(numbers[:count] < 0)
    numbers[others] = k + np.arange(len(others))
    return np.where(labels < 0, labels, numbers[labels]).astype(np.int32)


def recognised(
    clusters: NDArray[np.integer], labels: NDArray[np.integer], weights: Array,
    segments: NDArray[np.integer],
) -> NDArray[np.int32]:  # fmt: skip
    """Return labels (n,) as segments, where several clusters are one segment.

    They are matched to the model's own `clusters` (n,), each of which is part of a segment (k,);
    what is like none has a number beyond all segments, and labels below 0 stay.

    >>> one = np.array([0, 1, 1])
    >>> recognised(np.array([0, 1, 2]), np.array([2, 1, 0]), np.ones(3), one).tolist()
    [0, 1, 1]
    """
    found = matched(clusters, labels, weights, len(segments))
    beyond = int(segments.max()) + 1 - len(segments)
    known = segments[np.clip(found, 0, len(segments) - 1)]
    return np.where(
        found < 0, found, np.where(found < len(segments), known, found + beyond)
    ).astype(np.int32)


def _masses(labels: NDArray[np.integer], weights: Array, k: int) -> Array:
    inside = labels >= 0
    return np.asarray(np.bincount(labels[inside], weights[inside], k), np.float64)
