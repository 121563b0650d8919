"""How probable a dip is with one mode: quantiles for even values, and less for those that peak."""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.lloyd import Array

__all__ = ["PROBABILITIES", "QUANTILES", "SIZES", "dip_p_value", "evenness"]

SIZES = np.array([10, 15, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000])
PROBABILITIES = np.array(
    [0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0001]
)

# The square root of n times the dip that a share of even samples exceeds: a row for each size, of a
# million samples each (300,000 of 5,000 values).
QUANTILES: Array = np.array(
    [
        [
            0.2467,
            0.3092,
            0.3756,
            0.4125,
            0.4414,
            0.4768,
            0.5042,
            0.5279,
            0.5540,
            0.5715,
            0.5861,
            0.6197,
        ],
        [
            0.2488,
            0.3236,
            0.3858,
            0.4260,
            0.4594,
            0.4989,
            0.5267,
            0.5517,
            0.5818,
            0.6022,
            0.6214,
            0.6640,
        ],
        [
            0.2542,
            0.3279,
            0.3950,
            0.4346,
            0.4699,
            0.5111,
            0.5393,
            0.5648,
            0.5961,
            0.6194,
            0.6404,
            0.6879,
        ],
        [
            0.2598,
            0.3368,
            0.4055,
            0.4470,
            0.4836,
            0.5268,
            0.5561,
            0.5837,
            0.6179,
            0.6426,
            0.6642,
            0.7080,
        ],
        [
            0.2667,
            0.3455,
            0.4160,
            0.4587,
            0.4968,
            0.5417,
            0.5729,
            0.6020,
            0.6377,
            0.6630,
            0.6867,
            0.7350,
        ],
        [
            0.2741,
            0.3547,
            0.4269,
            0.4713,
            0.5107,
            0.5575,
            0.5899,
            0.6199,
            0.6584,
            0.6849,
            0.7115,
            0.7683,
        ],
        [
            0.2798,
            0.3618,
            0.4355,
            0.4808,
            0.5211,
            0.5697,
            0.6032,
            0.6336,
            0.6730,
            0.7014,
            0.7277,
            0.7864,
        ],
        [
            0.2850,
            0.3679,
            0.4429,
            0.4892,
            0.5303,
            0.5800,
            0.6140,
            0.6468,
            0.6859,
            0.7161,
            0.7444,
            0.8047,
        ],
        [
            0.2876,
            0.3713,
            0.4466,
            0.4931,
            0.5349,
            0.5847,
            0.6196,
            0.6523,
            0.6930,
            0.7207,
            0.7500,
            0.8118,
        ],
        [
            0.2896,
            0.3737,
            0.4500,
            0.4965,
            0.5384,
            0.5886,
            0.6235,
            0.6562,
            0.6969,
            0.7252,
            0.7532,
            0.8105,
        ],
        [
            0.2913,
            0.3755,
            0.4516,
            0.4984,
            0.5406,
            0.5913,
            0.6257,
            0.6589,
            0.6992,
            0.7302,
            0.7534,
            0.8165,
        ],
    ]
)


_MARGIN = 0.03  # for shapes that are more level on top than these,
_CHANCE = 1.0  # and, over the root of n, for chance: about two deviations of the evenness

# The evenness of symmetric beta distributions of parameter 1, 1.25, 1.5, 2 and 3, and of the
# normal one; and by how much their dips are less than even ones, at the same probability: the mean
# ratio of the quantiles at 0.02 to 0.001, a row for each size, of 50,000 or 100,000 samples each.
EVENNESSES = np.array([0.5556, 0.5228, 0.5016, 0.4762, 0.4523, 0.4101])
RATIO_SIZES = np.array([10, 20, 50, 100, 200, 500, 1000, 2000])
RATIOS: Array = np.array(
    [
        [1.0, 0.976, 0.961, 0.945, 0.925, 0.903],
        [1.0, 0.960, 0.940, 0.911, 0.889, 0.857],
        [1.0, 0.933, 0.898, 0.861, 0.836, 0.796],
        [1.0, 0.898, 0.851, 0.812, 0.787, 0.750],
        [1.0, 0.862, 0.812, 0.773, 0.744, 0.709],
        [1.0, 0.814, 0.760, 0.721, 0.690, 0.653],
        [1.0, 0.779, 0.722, 0.679, 0.653, 0.617],
        [1.0, 0.741, 0.683, 0.638, 0.616, 0.577],
    ]
)


def evenness(values: Array) -> float:
    """Return how evenly `values` (n,) spread: the shortest half, as a share of the shortest 90 %.

    It is 5/9 where they spread evenly, 0.41 where they are normal, and less the sharper the peak.
    The tenth that lies farthest out does not matter. Where 90 % are the same: 5/9.

    >>> round(evenness(np.arange(1000.0)), 3), round(evenness(np.arange(-500.0, 500.0) ** 3), 2)
    (0.556, 0.17)
    """
    x, n = np.sort(values), len(values)
    half, most = (float((x[k:] - x[:-k]).min()) for k in (n // 2, 9 * n // 10))
    return half / most if most > 0 else float(EVENNESSES[0])


def dip_p_value(dip: float, n: int, even: float = float(EVENNESSES[0])) -> float:
    """Return the probability that n values with one mode have at least this dip.

    Without the evenness `even` of the values, they are taken to spread evenly, which is the least
    favourable of the distributions with one mode (Hartigan and Hartigan, 1985). With it, the dip is
    set beside those of values that peak as they do, as Cheng and Hall (Calibrating the excess
    mass and dip tests of modality, 1998) proposed by the curvature at the mode; at most as a normal
    sample does, and with a margin for chance. Between the sizes of the tables the quantiles are
    interpolated in log n; beyond 0.0001 the logarithm of the probability goes on falling with the
    square of the dip, as it does within the table. Under ten values: 1.

    >>> round(dip_p_value(0.0335, 200), 2), dip_p_value(0.1, 600) < 1e-6
    (0.11, True)
    >>> round(dip_p_value(0.0335, 200, even=0.41), 3)
    0.021
    """
    if n < SIZES[0]:
        return 1.0
    logs = np.log(SIZES)
    row = np.array([np.interp(np.log(n), logs, column) for column in QUANTILES.T])
    x, squares, falls = n * (dip / _ratio(n, even)) ** 2, row**2, np.log(PROBABILITIES)
    if x < squares[0]:
        return 1.0
    if x <= squares[-1]:
        return float(np.exp(np.interp(x, squares, falls)))
    slope = (falls[-1] - falls[-3]) / (squares[-1] - squares[-3])
    return float(np.exp(falls[-1] + slope * (x - squares[-1])))


def _ratio(n: int, even: float) -> float:
    """What part of the dip of n even values those of this evenness have."""
    row = [np.interp(np.log(n), np.log(RATIO_SIZES), column) for column in RATIOS.T]
    return float(np.interp(even + _MARGIN + _CHANCE / np.sqrt(n), EVENNESSES[::-1], row[::-1]))
