"""Agreement of partitions, and how well segments survive another draw of the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.lloyd import Array

__all__ = [
    "Stability",
    "adjusted_rand",
    "contingency",
    "jaccard",
    "pairs",
    "stability",
    "stability_curve",
]

_Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Stability:
    """How models of resamples agree: mean adjusted Rand index, its error, Jaccard a segment."""

    mean: float
    error: float
    jaccard: Array


def stability(
    reference: _Labels, resampled: Sequence[_Labels], weights: Array, k: int
) -> Stability:
    """Compare the labels that models of resamples give to the same customers.

    `mean` is the mean adjusted Rand index of all pairs of resampled models (`error`: its
    standard error, taking the resamples, not the pairs, as independent); `jaccard` (k,) is, for
    each segment of the reference, the mean of its best Jaccard similarity in each resampled
    model (Hennig, 2007, Cluster-wise assessment of cluster stability).

    >>> import numpy as np
    >>> labels = np.array([0, 0, 1, 1])
    >>> found = stability(labels, [labels, 1 - labels], np.ones(4), 2)
    >>> found.mean, found.jaccard.tolist()
    (1.0, [1.0, 1.0])
    """
    found = [adjusted_rand(a, b, weights) for a, b in combinations(resampled, 2)]
    best = [jaccard(reference, labels, weights, k) for labels in resampled]
    error = float(np.std(found) / np.sqrt(len(resampled)))
    return Stability(float(np.mean(found)), error, np.asarray(np.mean(best, axis=0)))


def adjusted_rand(a: _Labels, b: _Labels, weights: Array | None = None) -> float:
    """Return the adjusted Rand index of two labellings (Hubert and Arabie, 1985).

    1 for the same partition, about 0 for unrelated ones. Weights are scaled to a mean of 1 and
    then count as customers.

    >>> import numpy as np
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([5, 5, 3, 3]))
    1.0
    """
    table = contingency(a, b, np.ones(len(a)) if weights is None else weights)
    both, rows, columns = (pairs(x) for x in (table, table.sum(axis=1), table.sum(axis=0)))
    expected = rows * columns / max(pairs(table.sum()), 1e-12)
    largest = (rows + columns) / 2
    return 1.0 if largest <= expected else float((both - expected) / (largest - expected))


def jaccard(reference: _Labels, labels: _Labels, weights: Array, k: int) -> Array:
    """Return for each of the k reference segments its best Jaccard similarity (k,).

    A segment that holds none of the customers has 0.

    >>> import numpy as np
    >>> jaccard(np.array([0, 0, 1]), np.array([0, 1, 1]), np.ones(3), 2).tolist()
    [0.5, 0.5]
    """
    table = contingency(reference, labels, weights, k)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    return np.asarray((table / np.maximum(union, 1e-12)).max(axis=1))


def contingency(a: _Labels, b: _Labels, weights: Array, rows: int | None = None) -> Array:
    """Return the weight that each segment of `a` shares with each of `b`, the mean weight 1."""
    rows = rows or int(a.max()) + 1
    columns = int(b.max()) + 1
    cells = np.bincount(a * columns + b, weights / weights.mean(), rows * columns)
    return np.asarray(cells, np.float64).reshape(rows, columns)


def pairs(counts: Array) -> float:
    """Return how many pairs of customers there are within groups of these sizes."""
    return float(np.sum(counts * (counts - 1.0)) / 2.0)


def stability_curve(ks: Sequence[int], values: Sequence[float], errors: Sequence[float]) -> Curve:
    """Return the curve of values by k; the largest k within one error of the best is picked."""
    top, error = max(zip(values, errors, strict=True), key=lambda pair: pair[0])
    choice = max(k for k, value in zip(ks, values, strict=True) if value >= top - error)
    return Curve(
        name="stability", title="Stability under resampling", ks=tuple(ks),
        values=tuple(values), errors=tuple(errors), better="higher", choice=choice,
        sentence=(
            "Asks whether the same segments come back when other customers are drawn (1 is"
            f" always, 0 is chance): the most that do so as well as any number are {choice}"
            f" segments (at best {top:.2f})."
        ),
    )  # fmt: skip
