"""Which columns are left out together: a feature's, or a pack's where there are too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["MOST", "Part", "left_out"]

MOST = 30
"""So many refits may leave something out."""

Part = tuple[str, NDArray[np.intp]]  # a name, and the columns that go with it


def left_out(
    X: Array, weights: Array, labels: NDArray[np.integer], names: Sequence[str],
    packs: Sequence[str] = (),
) -> tuple[list[Part], str]:  # fmt: skip
    """Return what is left out in turn, and a sentence where that is not simply each feature.

    `names` (d,) are the features of the columns of `X` (n, d). Past 30 features that is each of
    their `packs` (d,), or, of one pack, the 30 features on which the segments differ most.

    >>> X = np.eye(4)
    >>> parts, note = left_out(X, np.ones(4), np.array([0, 0, 1, 1]), ["a", "b", "b", "c"])
    >>> [(name, columns.tolist()) for name, columns in parts], note
    ([('a', [0]), ('b', [1, 2]), ('c', [3])], '')
    """
    parts = _grouped(names)
    if len(parts) == 1:
        return [], f"There is one feature, {names[0]}, so there is none to leave out."
    if len(parts) <= MOST:
        return parts, ""
    by_pack = _grouped(packs) if packs else []
    if 1 < len(by_pack) <= MOST:
        return by_pack, f"There are {len(parts)} features, so each pack of them is left out whole."
    apart = _between(X, weights, labels)
    heaviest = sorted(parts, key=lambda part: -apart[part[1]].sum())[:MOST]
    return heaviest, (
        f"There are {len(parts)} features; left out in turn are the {MOST} on which the segments"
        " differ most."
    )


def _grouped(names: Sequence[str]) -> list[Part]:
    listed = np.array(names, dtype=object)
    return [(name, np.flatnonzero(listed == name)) for name in dict.fromkeys(names)]


def _between(X: Array, weights: Array, labels: NDArray[np.integer]) -> Array:
    """Return the variance (d,) of each column that lies between the segments."""
    own = labels - labels.min()
    mass = np.bincount(own, weights)
    sums = np.stack([np.bincount(own, column * weights) for column in X.T], axis=1)
    there = mass > 0
    means = sums[there] / mass[there, None]
    middle = np.average(X, axis=0, weights=weights)
    return np.asarray((mass[there, None] * (means - middle) ** 2).sum(axis=0) / mass.sum())
