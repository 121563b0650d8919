"""A distribution with one mode near to a sample, and with atoms where many share a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.structure_test.hull import convex_knots

__all__ = ["Marginal", "one_mode", "with_atoms"]

_DECIMALS = 9  # of values whose deviation is about 1
_PEAK = 10  # the mode is a peak of two times a tenth of the values: not of a few that lie close


@dataclass(frozen=True)
class Marginal:
    """A distribution by its knots: straight between them, and a step where an atom lies.

    `knots` and `shares` (m,) are the values and the probabilities up to them; `atoms` (a, 2)
    are the probabilities at which each atom begins and ends.
    """

    knots: Array
    shares: Array
    atoms: Array

    def quantile(self, u: Array) -> Array:
        """Return the values at the probabilities `u` (n,)."""
        return np.asarray(np.interp(u, self.shares, self.knots))


def one_mode(values: Array) -> tuple[Array, Array]:
    """Return knots and probabilities (m,) of the distribution with one mode near to `values`.

    Below the densest fifth of the values, which `values` (n,) hold all different and sorted, the
    distribution function is their greatest convex minorant and above it their least concave
    majorant (Grenander, 1956), so that the density rises to the mode and falls after it. Modes
    beside the highest become level ground, and nothing is smoothed where there is one mode.

    >>> knots, shares = one_mode(np.array([0.0, 1.0, 2.0, 3.0]))
    >>> shares.tolist()
    [0.0, 1.0]
    """
    n = len(values)
    margin = (values[-1] - values[0]) / (2 * n)
    ends = np.r_[values[0] - margin, (values[:-1] + values[1:]) / 2, values[-1] + margin]
    shares, peak = np.arange(n + 1) / n, max(2, n // _PEAK)
    if n <= 2 * peak:
        return ends[[0, -1]], shares[[0, -1]]
    mode = int(np.argmin(ends[2 * peak :] - ends[: -2 * peak])) + peak
    left = np.r_[np.arange(mode - peak + 1), mode]
    right = np.r_[mode, np.arange(mode + peak, n + 1)]
    rise = left[convex_knots(ends[left], shares[left])]
    fall = right[convex_knots(ends[right], -shares[right])]
    kept = np.r_[rise, fall[1:]]
    return ends[kept], shares[kept]


def with_atoms(body: Array, levels: Array, weights: Array) -> Marginal:
    """Return `body` (sorted) with one mode, and the atoms `levels` (a,) that have these weights.

    The weights (a,) are shares of all; what they leave belongs to the body.

    >>> marginal = with_atoms(np.empty(0), np.array([0.0, 1.0]), np.array([0.25, 0.75]))
    >>> marginal.quantile(np.array([0.1, 0.9])).tolist()
    [0.0, 1.0]
    """
    rest = 1.0 - weights.sum() if len(body) else 0.0
    # Values that rounding alone tells apart are one: between them there is no room for an end.
    distinct = np.unique(np.round(body, _DECIMALS))
    if len(distinct) > 1:
        knots, shares = one_mode(distinct)
    else:
        knots, shares = np.repeat(distinct, 2), np.linspace(0, 1, 2 * len(distinct))
    below = rest * np.interp(levels, knots, shares) if len(knots) else np.zeros(len(levels))
    begins = below + np.cumsum(weights) - weights
    jumps = np.array([weights[levels < knot].sum() for knot in knots])
    values = np.r_[knots, levels, levels]
    places = np.r_[rest * shares + jumps, begins, begins + weights]
    order = np.lexsort((places, values))
    return Marginal(values[order], places[order], np.stack([begins, begins + weights], axis=1))
