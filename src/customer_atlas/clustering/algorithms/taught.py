"""Labels that an algorithm found, with the student that serves for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.algorithms.clusterer import Found, by_weight, renumbered
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.students import fit_student

__all__ = ["taught"]


def taught(
    X: Array, labels: NDArray[np.integer], weights: Array, seed: int, facts: dict[str, Any],
    *, unusual: bool, rows: NDArray[np.intp] | None = None,
) -> Found:  # fmt: skip
    """Number the clusters by weight, and teach a student who is where.

    -1 is unusual, which nobody can be unless `unusual`. Where the labels (m,) are those of some
    `rows` (m,), drawn by weight, these count the same, and the student gives the others theirs.
    """
    if rows is None or len(rows) == len(X):
        ordered = renumbered(labels, _order(X, labels, weights))
        student = fit_student(X, ordered, weights, seed, unusual=unusual)
        return Found(student.served, ordered, {**facts, **student.facts})
    alike = np.ones(len(rows))
    ordered = renumbered(labels, _order(X[rows], labels, alike))
    student = fit_student(X[rows], ordered, alike, seed, unusual=unusual)
    everyone = student.served.predict(X)
    everyone[rows] = ordered
    order = _order(X, everyone, weights)
    if not np.array_equal(order, np.arange(len(order))):
        student = fit_student(X[rows], renumbered(ordered, order), alike, seed, unusual=unusual)
        everyone = renumbered(everyone, order)
    return Found(student.served, everyone, {**facts, **student.facts})


def _order(X: Array, labels: NDArray[np.integer], weights: Array) -> NDArray[np.intp]:
    inside, k = labels >= 0, int(labels.max()) + 1
    masses = np.bincount(labels[inside], weights[inside], k)
    sums = [np.bincount(labels[inside], (column * weights)[inside], k) for column in X.T]
    return by_weight(labels, weights, k, np.stack(sums, axis=1) / masses[:, None])
