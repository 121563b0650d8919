"""How well one column tells another: the area under the ROC curve, and correlations."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.selection.customers import Array

__all__ = ["area_under_curve", "correlation", "ranks"]


def ranks(values: Array) -> Array:
    """Return the ranks of the values (n,) or of each column of (n, d); ties share their mean."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=0), dtype=np.float64)


def area_under_curve(ranked: Array, positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive has a higher rank than a negative; ties count half.

    That is the area under the ROC curve, from the statistic of Mann and Whitney (1947). There
    must be both kinds.

    >>> area_under_curve(ranks(np.array([1.0, 2.0, 2.0, 3.0])), np.array([0, 0, 1, 1]) > 0)
    0.875
    """
    positives = int(positive.sum())
    above = ranked[positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(positive) - positives)))


def correlation(x: Array, y: Array) -> float:
    """Return Pearson's correlation, of ranks Spearman's; 0 where one of them does not vary.

    >>> correlation(np.array([0.0, 0.0, 2.0, 2.0]), np.array([6.0, 6.0, 2.0, 2.0]))
    -1.0
    """
    x, y = x - x.mean(), y - y.mean()
    norm = np.sqrt(x @ x) * np.sqrt(y @ y)
    return float(np.clip(x @ y / norm, -1, 1)) if norm > 0 else 0.0
