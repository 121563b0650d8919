"""How far from its middle a customer of each segment may plausibly be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["distance_fences"]

_FAR_OUT = 3.0  # interquartile ranges beyond the upper quartile
_AT_LEAST = 2.0  # times the upper quartile
_ENOUGH = 8


def distance_fences(distance: Array, segment: NDArray[np.integer], weights: Array, k: int) -> Array:
    """Return the distance (k,) beyond which a member of each segment is an outlier.

    It is Tukey's fence for what is far out (1977, Exploratory Data Analysis) on the logarithm of
    the distances of the members: three interquartile ranges beyond the upper quartile, and twice
    that quartile at least, since distances that are nearly alike would fence in too narrowly.
    Who stands on the middle itself says nothing of distances. A segment with fewer than eight
    others has no fence: infinity.

    >>> distance = np.append(np.linspace(1.0, 2.0, 50), 90.0)
    >>> distance_fences(distance, np.zeros(51, int), np.ones(51), 1).round(1).tolist()
    [5.2]
    """
    fences = np.full(k, np.inf)
    away = distance > 1e-9 * max(float(np.average(distance, weights=weights)), 1e-300)
    for j in range(k):
        members = away & (segment == j)
        if members.sum() >= _ENOUGH:
            low, high = _quartiles(distance[members], weights[members])
            fences[j] = high * max(_AT_LEAST, (high / low) ** _FAR_OUT)
    return fences


def _quartiles(values: Array, weights: Array) -> tuple[float, float]:
    order = np.argsort(values)
    shares = np.cumsum(weights[order])
    places = np.searchsorted(shares, shares[-1] * np.array([0.25, 0.75]))
    low, high = values[order][places].tolist()
    return low, high
