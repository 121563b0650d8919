"""The gap statistic: are segments tighter than those of customers without any structure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.lloyd import Array

__all__ = ["box_reference", "gap_curve", "ward_log_inertia"]

_NOTHING = 1e-12  # of the whole scatter: less is rounding, or rows that are all alike


def gap_curve(
    own: Array, means: Array, deviations: Array, *, references: int, ks: Sequence[int] | None = None
) -> Curve:
    """Return the gaps by k and the k of the one-standard-error rule.

    `own` (m,) is the log inertia of the data, `means` and `deviations` (m,) those of so many
    `references` without structure, all by k, which is 1 to m unless `ks` says otherwise. The
    gap is how much the references' log inertia is above; its error is the deviation times
    sqrt(1 + 1/references). The smallest k is picked whose gap is at least that of the next
    less its error (Tibshirani, Walther and Hastie, 2001); none where the gap rises to the end.

    >>> curve = gap_curve(
    ...     np.array([5.0, 3.0, 2.9]), np.array([5.0, 4.5, 4.2]), np.full(3, 0.1), references=10)
    >>> curve.choice, [round(gap, 1) for gap in curve.values]
    (2, [0.0, 1.5, 1.3])
    """
    numbers = tuple(ks) if ks is not None else tuple(range(1, len(own) + 1))
    gaps = means - own
    errors = deviations * math.sqrt(1 + 1 / references)
    enough = np.flatnonzero(gaps[:-1] >= gaps[1:] - errors[1:])
    choice = numbers[int(enough[0])] if len(enough) else None
    found = (
        f"it keeps growing up to {numbers[-1]} segments, so it picks none" if choice is None
        else "no division gains over such customers" if choice == 1
        else f"the advantage stops growing at {choice} segments"
    )  # fmt: skip
    return Curve(
        name="gap", title="Gap statistic", ks=numbers, values=tuple(gaps.tolist()),
        errors=tuple(errors.tolist()), better="higher", choice=choice,
        sentence=(
            "Compares how tight the segments are with those found among made-up customers who"
            f" have no groups: {found}."
        ),
    )  # fmt: skip


def ward_log_inertia(X: Array, most: int) -> Array:
    """Return the log inertia (most,) of the rows of `X` (n, d) in 1 to `most` <= n groups.

    The groups are those of Ward's merging (1963), whose every step adds half the square of its
    height to the inertia. Time and memory grow with n squared: made for 1,000 rows.

    >>> np.exp(ward_log_inertia(np.array([[0.0], [2.0], [9.0]]), 2)).round(6).tolist()
    [44.666667, 2.0]
    """
    from scipy.cluster.hierarchy import ward

    added = ward(X)[:, 2] ** 2 / 2
    inertia = np.concatenate([[0.0], np.cumsum(added)])[::-1][:most]
    return np.asarray(np.log(np.maximum(inertia, max(_NOTHING * inertia[0], 1e-300))))


def box_reference(X: Array, seed: int) -> NDArray[np.float64]:
    """Return as many rows as `X` (n, d), drawn evenly from the box around its principal axes.

    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> drawn = box_reference(X, 0)
    >>> bool(np.allclose(drawn[:, 0], drawn[:, 1])), drawn.shape
    (True, (3, 2))
    """
    mean = X.mean(axis=0)
    axes = np.linalg.svd(X - mean, full_matrices=False)[2]
    along = (X - mean) @ axes.T
    drawn = np.random.default_rng(seed).uniform(along.min(axis=0), along.max(axis=0), along.shape)
    return np.asarray(drawn @ axes + mean)
