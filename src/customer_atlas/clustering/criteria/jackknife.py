"""The standard errors of what is told of a division by a draw of the customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria.partition import Partition
from customer_atlas.clustering.lloyd import Array

__all__ = ["jackknife"]

_GROUPS = 10


def jackknife(
    X: Array, labels: NDArray[np.integer], weights: Array,
    measures: Sequence[Callable[[Partition], float]],
) -> tuple[float, ...]:  # fmt: skip
    """Return the standard error of each measure of the division `labels` (n,) of rows (n, d).

    A tenth of the rows is left out in turn, the others counting for it, and the spread of the ten
    values is that of draws of as many rows (the delete-a-group jackknife: Shao and Tu, 1995). The
    segments are taken as given: how they would change is what stability tells. 0 with fewer than
    ten rows a segment, of which too little can be left out.

    >>> X = np.random.default_rng(0).normal(size=(4000, 1))
    >>> mean = lambda part: float(np.average(part.centers[:, 0], weights=part.masses))
    >>> round(jackknife(X, np.zeros(4000, np.int32), np.ones(4000), [mean])[0], 2)
    0.02
    """
    k, groups = int(labels.max()) + 1, np.arange(len(X)) % _GROUPS
    if np.bincount(labels, minlength=k).min() < _GROUPS:
        return (0.0,) * len(measures)
    total = weights.sum()
    found = np.empty((_GROUPS, len(measures)))
    for group in range(_GROUPS):
        rows = groups != group
        kept = weights[rows]
        part = Partition.of(X[rows], labels[rows], kept * (total / kept.sum()))
        found[group] = [measure(part) for measure in measures]
    away = found - found.mean(axis=0)
    return tuple(np.sqrt((_GROUPS - 1) / _GROUPS * (away**2).sum(axis=0)).tolist())
