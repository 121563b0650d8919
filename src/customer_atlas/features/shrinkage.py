"""Empirical-Bayes shrinkage: means of few observations, drawn towards the mean of all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Prior", "confidence", "learn_prior", "shrunk"]

Array = NDArray[np.float64]

_LEAST = 50  # customers with observations, below which nothing is learnt
_FARTHEST = 4.0  # deviations from the mean at which a customer counts, at most
_ROUNDS = 50
_SETTLED = 1e-5


@dataclass(frozen=True)
class Prior:
    """What is known of a customer's true mean before the first observation.

    `mean` is in the unit of the values. `strength` is the number of observations that it is
    worth: the variance within a customer over the variance between customers. 0 says that one
    observation tells all, infinity that customers do not differ beyond chance.
    """

    mean: float
    strength: float


def learn_prior(values: Array, counts: Array, weights: Array | None = None) -> Prior | None:
    """Learn the prior of means (n,) that were made of so many observations (n,).

    The values follow Var(x | n) = between + within / n. Both variances come from the moments: the
    squared distances from the mean are regressed on 1 / n, each weighed by the inverse of
    its own variance, in turns with the mean, until they settle (Efron and Morris, 1975, Data
    analysis using Stein's estimator; Morris, 1983, Parametric empirical Bayes inference). A
    customer counts as `weights` (n,) says.

    Robust: a value farther than four deviations from the mean counts as if it were four away
    (Huber, 1981), unless all values lie from 0 to 1, where a share is no error for being far.

    None where too little is known: fewer than 50 customers have observations, all have equally
    many of them (then the variances cannot be told apart), or all values are the same.

    >>> import numpy as np
    >>> draw = np.random.default_rng(0)
    >>> counts = draw.integers(1, 20, 20_000)
    >>> values = draw.normal(50, 10, 20_000) + draw.normal(0, 20, 20_000) / np.sqrt(counts)
    >>> prior = learn_prior(values, counts)
    >>> round(prior.mean), round(prior.strength)
    (50, 4)
    """
    weights = np.ones(len(values)) if weights is None else weights
    known = np.isfinite(values) & (_seen(counts) > 0)
    if int(known.sum()) < _LEAST:
        return None
    values, weights = values[known], weights[known] / weights[known].sum()
    rarity = 1.0 / _seen(counts)[known]
    middle, unit = _start(values)
    if np.ptp(rarity) == 0.0 or not 0.0 < unit < math.inf:
        return None
    farthest = math.inf if values.min() >= 0.0 and values.max() <= 1.0 else _FARTHEST
    found = _settled((values - middle) / unit, rarity, weights, farthest)
    return Prior(middle + unit * found.mean, found.strength)


def shrunk(values: Array, counts: Array, prior: Prior) -> Array:
    """Return (n x + k m) / (n + k): the values (n,), drawn to the mean m of a prior of strength k.

    An unknown value is the mean; a count that is unknown or negative is 0.

    >>> import numpy as np
    >>> shrunk(np.array([10.0, 10.0, np.nan]), np.array([1, 9, 0]), Prior(20.0, 3.0)).tolist()
    [17.5, 12.5, 20.0]
    """
    own = np.where(np.isnan(values), 0.0, confidence(counts, prior))
    return own * np.where(np.isnan(values), 0.0, values) + (1.0 - own) * prior.mean


def confidence(counts: Array, prior: Prior) -> Array:
    """Return n / (n + k) (n,): the weight of the customers' own observations, from 0 to 1.

    >>> import numpy as np
    >>> confidence(np.array([0, 3, 9]), Prior(20.0, 3.0)).tolist()
    [0.0, 0.5, 0.75]
    """
    seen = _seen(counts)
    return np.divide(seen, seen + prior.strength, out=np.zeros_like(seen), where=seen > 0)


def _seen(counts: Array) -> Array:
    """Return the counts as numbers, 0 where they are unknown or negative."""
    seen = np.asarray(counts, dtype=np.float64)
    return np.where(np.isfinite(seen) & (seen > 0), seen, 0.0)


def _settled(values: Array, rarity: Array, weights: Array, farthest: float) -> Prior:
    """Return the prior of values whose middle is about 0 and whose spread is about 1."""
    mean, between, within = 0.0, 1.0, 0.0
    for _ in range(_ROUNDS):
        expected = between + within * rarity
        reach = farthest * np.sqrt(expected)
        distance = np.clip(values - mean, -reach, reach)
        trust = weights / expected
        step = float(trust @ distance) / float(trust.sum())
        before = (between, within)
        between, within = _line(rarity, (distance - step) ** 2, trust / expected)
        mean += step
        if abs(step) + abs(between - before[0]) + abs(within - before[1]) <= _SETTLED:
            break
    return Prior(mean, within / between if between > 0 else math.inf)


def _start(values: Array) -> tuple[float, float]:
    """Return a middle and a unit of the values, which outliers do not move where most differ."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    with np.errstate(over="ignore"):
        return float(middle), float(high - low) / 1.349 or float(values.std())


def _line(x: Array, y: Array, weights: Array) -> tuple[float, float]:
    """Return the weighted least squares a, b >= 0 of y = a + b x, for x > 0 and y >= 0."""
    total, sx, sy = weights.sum(), weights @ x, weights @ y
    sxx, sxy = weights @ x**2, weights @ (x * y)
    slope = (total * sxy - sx * sy) / (total * sxx - sx**2)
    level = (sy - slope * sx) / total
    if slope <= 0:
        return float(sy / total), 0.0
    if level <= 0:
        return 0.0, float(sxy / sxx)
    return float(level), float(slope)
