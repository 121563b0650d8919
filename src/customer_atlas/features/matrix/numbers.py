"""Fitting the column of one number: filling, tails, skew and scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from customer_atlas.config import Steps
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.skew import best_power, is_better_as_log, yeo_johnson
from customer_atlas.features.matrix.statistics import Array, weighted_moments, weighted_quantiles

__all__ = ["number_column", "placed"]

_FARTHEST = 6.0  # no value lies farther from the mean than this many units
_NORMAL_IQR = 1.349  # the interquartile range of the standard normal distribution


def number_column(
    column: Column, values: Array, weights: Array, steps: Steps, fill: float | None = None
) -> Column | None:
    """Fit a column to the known numbers (n,) of its feature; None where they are all the same.

    Unknown values become `fill`, or else the median.
    """
    tails = (steps.winsorise, 1.0 - steps.winsorise)
    median, low, high = weighted_quantiles(values, weights, (0.5, *tails))
    if low == high:  # almost constant: cutting the tails would leave nothing
        low, high = values.min(), values.max()
    if low == high:
        return None
    clipped = np.clip(values, low, high)
    log, power = _mending(clipped, weights, steps)
    plain = Column("", "", "", "number", log=log, power=power)
    made = plain.apply(clipped)
    center, spread = placed(made, weights, steps)
    return replace(
        column, fill=float(median) if fill is None else fill, low=float(low), high=float(high),
        log=log, power=power, center=center,
        factor=1.0 / max(spread, float(np.abs(made - center).max()) / _FARTHEST),
    )  # fmt: skip


def placed(values: Array, weights: Array, steps: Steps) -> tuple[float, float]:
    """Return the middle of the values (n,) and their spread, by the scale that is asked for.

    Where the middle half of the customers has one value, the spread is the deviation.

    >>> import numpy as np
    >>> placed(np.array([0.0, 1.0, 2.0, 3.0, 100.0]), np.ones(5), Steps(scale="robust"))[0]
    2.0
    """
    mean, deviation = weighted_moments(values, weights)
    if steps.scale == "standard":
        return mean, deviation
    low, median, high = weighted_quantiles(values, weights, (0.25, 0.5, 0.75))
    return float(median), float(high - low) / _NORMAL_IQR or deviation


def _mending(values: Array, weights: Array, steps: Steps) -> tuple[bool, float]:
    """Return whether the logarithm is taken, and the power, which is 1 for none."""
    if steps.skew == "yeo-johnson":
        power = best_power(values, weights)
        return False, power if np.ptp(yeo_johnson(values, power)) > 0 else 1.0
    if steps.skew == "auto":
        return is_better_as_log(values, weights), 1.0
    return steps.skew == "log", 1.0
