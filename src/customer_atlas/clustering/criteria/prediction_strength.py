"""Prediction strength: does one half of the customers foretell the segments of the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria.curve import Curve
from customer_atlas.clustering.criteria.stability import contingency
from customer_atlas.clustering.lloyd import Array

__all__ = ["mean_prediction_strength", "prediction_strength", "prediction_strength_curve"]

_STRONG = 0.8  # Tibshirani and Walther find 0.8 to 0.9 for well separated groups


def prediction_strength(
    own: NDArray[np.integer], foretold: NDArray[np.integer], weights: Array
) -> float:
    """Return the prediction strength of two labellings (n,) of the same customers.

    Of the pairs of customers that share a segment in `own`, the share that `foretold`, by a
    model of other customers, keeps together; the worst segment counts (Tibshirani and Walther,
    2005, Cluster validation by prediction strength). Weights are scaled to a mean of 1 and
    count as customers; segments of a single one have no pairs and are passed over.

    >>> own = np.array([0, 0, 0, 1, 1])
    >>> round(prediction_strength(own, np.array([0, 0, 1, 2, 2]), np.ones(5)), 3)
    0.333
    """
    table = contingency(own, foretold, weights)
    sizes = table.sum(axis=1)
    paired = sizes > 1.0 + 1e-9
    if not paired.any():
        return 0.0
    kept = (table * np.maximum(table - 1.0, 0.0)).sum(axis=1)[paired]
    return float(np.min(kept / (sizes * (sizes - 1.0))[paired]))


def mean_prediction_strength(
    labels: Sequence[NDArray[np.integer]], weights: Array
) -> tuple[float, float]:
    """Return mean and standard error over models of different draws, each foretold by the next.

    The draws, not the pairs, are taken as independent.

    >>> mean_prediction_strength([np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])], np.ones(4))
    (1.0, 0.0)
    """
    following = [*labels[1:], labels[0]]
    found = [prediction_strength(a, b, weights) for a, b in zip(labels, following, strict=True)]
    return float(np.mean(found)), float(np.std(found) / np.sqrt(len(found)))


def prediction_strength_curve(
    ks: Sequence[int], values: Sequence[float], errors: Sequence[float]
) -> Curve:
    """Return the curve of values by k; the largest k is picked that reaches 0.8.

    One standard error is allowed, as its authors do; where no k reaches it, one segment.
    """
    strong = [k for k, v, e in zip(ks, values, errors, strict=True) if v + e >= _STRONG]
    choice = max(strong, default=1)
    found = (
        f"{choice} segments are the most of which even the weakest keeps {_STRONG:.0%} together"
        if strong
        else f"with any number the weakest keeps less than {_STRONG:.0%} together"
    )
    return Curve(
        name="prediction_strength", title="Prediction strength", ks=tuple(ks),
        values=tuple(values), errors=tuple(errors), better="higher", choice=choice,
        sentence=(
            "Asks how many pairs of customers in one segment would still share one had other"
            f" customers been asked: {found}."
        ),
    )  # fmt: skip
