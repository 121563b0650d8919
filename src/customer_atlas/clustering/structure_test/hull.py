"""Monotone fits of a step function: the greatest convex minorant and least concave majorant."""

from __future__ import annotations

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
    from scipy.optimize import isotonic_regression

    # Pooling adjacent violators (Ayer et al., 1955) makes slopes rise as the minorant's do.
    steps = np.diff(x)
    rising = isotonic_regression(np.diff(y) / steps, weights=steps)
    ends = rising.blocks
    slopes = rising.x[ends[:-1]]
    return np.asarray(ends[np.r_[True, slopes[1:] > slopes[:-1], True]], np.int64)
