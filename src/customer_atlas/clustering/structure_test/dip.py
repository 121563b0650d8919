"""The dip: how far a sample is from every distribution with one mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.structure_test.hull import convex_knots

__all__ = ["dip"]

_EQUAL = 1e-12


def dip(values: Array) -> float:
    """Return the dip of `values` (n,): the least distance to a distribution with one mode.

    The distance is the largest between the two distribution functions; the dip is at least
    1 / 2n and at most 1/4 (Hartigan and Hartigan, The dip test of unimodality, Annals of
    Statistics 13, 1985). The interval of the mode shrinks, with a convex fit before it and a
    concave one after it, until the two fits over what is left are nearer than the dip so far.
    Equal values are a step that no density follows: spread ties before. All equal: 0.

    >>> import numpy as np
    >>> dip(np.arange(4.0)), round(dip(np.array([0.0, 0.1, 0.9, 1.0])), 4)
    (0.125, 0.2222)
    """
    x, counts = np.unique(values, return_counts=True)
    if len(x) == 1:
        return 0.0
    after = np.cumsum(counts) / len(values)
    before = np.r_[0.0, after[:-1]]
    found, low, high = 1.0 / len(values), 0, len(x) - 1
    while high > low:
        part = slice(low, high + 1)
        rise, below = _fit(x[part], before[part], convex=True)
        fall, above = _fit(x[part], after[part], convex=False)
        left, right, gap = _mode(
            rise, fall, (above - before[part])[rise], (after[part] - below)[fall]
        )
        if gap <= found + _EQUAL:
            break
        outside = max((after[part] - below)[: left + 1].max(), (above - before[part])[right:].max())
        found = max(found, float(outside))
        if (left, right) == (0, high - low):
            break
        low, high = low + left, low + right
    return found / 2


def _fit(x: Array, share: Array, *, convex: bool) -> tuple[NDArray[np.int64], Array]:
    """Where the convex minorant (or concave majorant) has its knots, and its height at each x."""
    knots = convex_knots(x, share if convex else -share)
    return knots, np.interp(x, x[knots], share[knots])


def _mode(
    rise: NDArray[np.int64], fall: NDArray[np.int64], at_rise: Array, at_fall: Array
) -> tuple[int, int, float]:
    """The interval about the place where the two fits are farthest apart, and that distance."""
    if at_rise.max() >= at_fall.max():
        left = int(rise[np.argmax(at_rise)])
        return left, int(fall[np.searchsorted(fall, left)]), float(at_rise.max())
    right = int(fall[np.argmax(at_fall)])
    left = int(rise[np.searchsorted(rise, right, side="right") - 1])
    return left, right, float(at_fall.max())
