"""Mending the skew of a number: the logarithm that keeps the sign, and Yeo and Johnson's power."""

from __future__ import annotations

import math

import numpy as np

from customer_atlas.features.matrix.statistics import Array, weighted_skewness

__all__ = [
    "best_power",
    "is_better_as_log",
    "signed_log",
    "signed_log_inverse",
    "yeo_johnson",
    "yeo_johnson_inverse",
]

_SKEWED = 1.0  # absolute skewness from which the logarithm is tried
_LOG_GAIN = 0.75  # the logarithm is kept when it leaves at most this part of the skewness
_POWERS = (-5.0, 5.0)  # where the power of Yeo and Johnson is looked for


def is_better_as_log(values: Array, weights: Array) -> bool:
    """Return whether values are skewed, and their logarithm is much less so."""
    before = abs(weighted_skewness(values, weights))
    if before <= _SKEWED:
        return False
    return abs(weighted_skewness(signed_log(values), weights)) <= _LOG_GAIN * before


def signed_log(values: Array) -> Array:
    """Return sign(x) * log(1 + |x|).

    >>> import numpy as np
    >>> signed_log(np.array([np.e - 1, 0.0, 1 - np.e])).tolist()
    [1.0, 0.0, -1.0]
    """
    return np.copysign(np.log1p(np.abs(values)), values)


def signed_log_inverse(values: Array) -> Array:
    """Return what `signed_log` made the values of; infinite where that is beyond all floats."""
    with np.errstate(over="ignore"):
        return np.copysign(np.expm1(np.abs(values)), values)


def yeo_johnson(values: Array, power: float) -> Array:
    """Return Yeo and Johnson's transform of values (n,), which takes numbers of either sign.

    ``((1 + x)^power - 1) / power`` where x >= 0, and ``-((1 - x)^(2 - power) - 1) / (2 - power)``
    below; logarithms where a denominator is 0. Beyond all floats it is infinite.

    Yeo and Johnson, 2000, A new family of power transformations to improve normality or symmetry,
    Biometrika 87.

    >>> import numpy as np
    >>> yeo_johnson(np.array([3.0, -3.0]), 0.5).round(3).tolist()
    [2.0, -4.667]
    """
    size = np.log1p(np.abs(values))
    with np.errstate(over="ignore"):
        return np.where(values >= 0, _power(size, power), -_power(size, 2.0 - power))


def yeo_johnson_inverse(values: Array, power: float) -> Array:
    """Return what `yeo_johnson` made the values of; infinite beyond the range of the transform."""
    size = np.abs(values)
    found = np.where(values >= 0, _root(size, power), _root(size, 2.0 - power))
    with np.errstate(over="ignore"):
        return np.copysign(np.expm1(found), values)


def best_power(values: Array, weights: Array) -> float:
    """Return the power from -5 to 5 under which the values are most nearly normal.

    That of the highest profile likelihood of a normal distribution, each value counting as its
    weight (n,); 1, which changes nothing, where all values are alike.
    """
    from scipy.optimize import minimize_scalar

    if values.min() == values.max():
        return 1.0
    share = weights / weights.sum()
    jacobian = float(share @ signed_log(values))

    def cost(power: float) -> float:
        spread = _log_variance(values, share, power)
        return 0.5 * spread - (power - 1.0) * jacobian if math.isfinite(spread) else 1e300

    return float(minimize_scalar(cost, bounds=_POWERS, method="bounded").x)


def _log_variance(values: Array, share: Array, power: float) -> float:
    """Return the logarithm of the transformed values' variance, free of cancellation.

    Where all have one sign the constant of the transform is left out: beside it, small
    differences would be lost.
    """
    signs = np.sign((values.min(), values.max()))
    exponent = power if signs[0] >= 0 else 2.0 - power
    if signs[0] * signs[1] < 0 or exponent == 0.0:
        made, scale = yeo_johnson(values, power), 0.0
    else:
        made = exponent * np.log1p(np.abs(values))
        scale = float(made.max())
        made = np.exp(made - scale) / abs(exponent)
    with np.errstate(over="ignore", invalid="ignore"):
        variance = float(share @ (made - share @ made) ** 2)
    return math.log(variance) + 2.0 * scale if 0 < variance < math.inf else math.inf


def _power(logarithm: Array, power: float) -> Array:
    return np.asarray(np.expm1(power * logarithm) / power) if power else logarithm


def _root(size: Array, power: float) -> Array:
    if not power:
        return size
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(np.maximum(power * size, -1.0)) / power)
