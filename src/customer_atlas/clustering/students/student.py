"""The student that serves: the candidate that agrees more with its teacher on held-out rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.drawing import drawn
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.served import Prototypes, Served, Trees
from customer_atlas.clustering.students.agreement import agreement
from customer_atlas.clustering.students.forest import fit_trees
from customer_atlas.clustering.students.prototypes import fit_prototypes

__all__ = ["Student", "fit_student"]

_MOST_ROWS = 20_000
_HELD_OUT = 4  # one row in so many


@dataclass(frozen=True)
class Student:
    """A model that scores, and the facts on how well it learned."""

    served: Served
    facts: dict[str, Any]


def fit_student(
    X: Array, labels: NDArray[np.int32], weights: Array, seed: int, *, unusual: bool
) -> Student:
    """Learn the labels (n,) that an algorithm gave to rows (n, d), so that others can be scored.

    `unusual` says whether a customer can be like no group (-1), even if nobody here is.
    Prototypes and a forest learn from three rows of four, and are judged by the weight of
    the fourth on which they agree with the labels. The better one, prototypes where they are equal,
    learns from all rows and serves. At most 20,000 rows, drawn by weight, are learned from.

    Facts: `student`, its kind; `agreement` on the held-out rows, of `all`, of each cluster by its
    number, of `unusual` (None for a cluster of fewer than 4 rows); `rivals`, that of both.
    """
    if len(X) > _MOST_ROWS:
        rows = _some(labels, weights, seed)
        X, labels, weights = X[rows], labels[rows], np.ones(len(rows))
    held = _held_out(labels, seed)
    test = held if held.any() else np.ones(len(labels), bool)
    fits = {Prototypes.kind: fit_prototypes, Trees.kind: fit_trees}
    judged = {}
    for kind, fit in fits.items():
        student = fit(X[~held], labels[~held], weights[~held], seed, unusual=unusual)
        judged[kind] = agreement(labels[test], student.predict(X[test]), weights[test])
    best = max(judged, key=lambda kind: judged[kind]["all"])
    unmeasured = dict.fromkeys(map(str, range(int(labels.max()) + 1)))
    facts = {
        "student": best,
        "agreement": {**unmeasured, **judged[best]},
        "rivals": {kind: found["all"] for kind, found in judged.items()},
    }
    return Student(fits[best](X, labels, weights, seed, unusual=unusual), facts)


def _some(labels: NDArray[np.int32], weights: Array, seed: int) -> NDArray[np.intp]:
    """Return the rows to learn from; the heaviest of each cluster is always among them."""
    order = np.lexsort((-weights, labels))
    heaviest = order[np.flatnonzero(np.diff(labels[order], prepend=-2))]
    return np.union1d(drawn(weights, _MOST_ROWS, seed), heaviest)


def _held_out(labels: NDArray[np.int32], seed: int) -> NDArray[np.bool_]:
    """Return which rows (n,) are held out: each fourth of each cluster, in random order."""
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    sorted_labels = labels[order]
    firsts = np.searchsorted(sorted_labels, sorted_labels)
    held = np.empty(len(labels), bool)
    held[order] = (np.arange(len(order)) - firsts) % _HELD_OUT == _HELD_OUT - 1
    return held
