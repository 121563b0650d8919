"""Monotone fits of a step function: the greatest convex minorant and least concave majorant."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = ["convex_knots"]


def convex_knots(x: Array, y: Array) -> NDArray[np.int64]:
    """Return where the greatest convex minorant of the points (x, y) touches them.

    `x` increases strictly. The first and the last point are always knots; between the knots
    the minorant is straight. The least concave majorant is that of (x, -y).

    >>> import numpy as np
    >>> convex_knots(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 2.0, 1.0, 3.0])).tolist()
    [0, 2, 3]
    """
    xs, ys = x.tolist(), y.tolist()
    knots, slopes = [0], [-math.inf]  # of the stretch that ends at the knot
    for i, (at, height) in enumerate(zip(xs[1:], ys[1:], strict=True), 1):
        last = knots[-1]
        slope = (height - ys[last]) / (at - xs[last])
        while slope <= slopes[-1]:
            knots.pop()
            slopes.pop()
            last = knots[-1]
            slope = (height - ys[last]) / (at - xs[last])
        knots.append(i)
        slopes.append(slope)
    return np.array(knots)
