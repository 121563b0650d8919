"""Frozen features: what rests on everybody is learned once, and kept with the generation.

What is learned is a JSON value under the feature's own name, so that a value of today and one of
next month are told by the same ruler, in batch and live.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.aggregates import Aggregate
from customer_atlas.features.derived import Derived, Value, Values
from customer_atlas.features.shrinkage import Prior, confidence, learn_prior

__all__ = [
    "Above",
    "Cell",
    "Confidence",
    "Learned",
    "PercentileRank",
    "Score",
    "Timed",
    "Weighted",
    "learned_parts",
]

Array = NDArray[np.float64]
_GRID = 200
_LEVEL = 0.95
_FOR_A_PRIOR = 10_000  # customers, by whom two variances are known to a few hundredths
_DATES = 0.99  # of all rows at midnight: then there are dates and no times


@dataclass(frozen=True)
class Learned(Derived):
    """A value that rests on something learned of everybody."""

    name: str

    @abstractmethod
    def learn(self, values: Values) -> Any:
        """Return what it rests on as a JSON value, from the values of many customers."""

    @abstractmethod
    def apply(self, values: Values, learned: Any) -> Array:
        """Return its numbers, given what it rests on."""

    def compute(self, values: Values) -> Array:
        """Return its numbers (n,); raises KeyError where nothing was learned."""
        return self.apply(values, values.learned[self.name])


@dataclass(frozen=True)
class PercentileRank(Learned):
    """The share of customers who have less of a value, ties counted half: from 0 to 1.

    With `low_is_best` it is the share of those who have more.
    """

    value: Value
    low_is_best: bool = False

    def learn(self, values: Values) -> Mapping[str, list[float]]:
        """Return at most 201 values, and the rank of each."""
        known = np.sort(_known(values, self.value))
        if not len(known):
            return {"values": [], "ranks": []}
        at = np.unique(known[np.linspace(0, len(known) - 1, _GRID + 1).round().astype(np.int64)])
        below = np.searchsorted(known, at, side="left")
        upto = np.searchsorted(known, at, side="right")
        return {"values": at.tolist(), "ranks": ((below + upto) / (2 * len(known))).tolist()}

    def apply(self, values: Values, learned: Any) -> Array:
        """Return the ranks, linear between the values that are known; 0.5 without any."""
        found = _settled(values, self.value)
        if not learned["values"]:
            return np.where(np.isnan(found), np.nan, 0.5)
        ranks = np.interp(found, learned["values"], learned["ranks"])
        # Where one value is known, it is that of everything, what is unknown too.
        ranks = np.where(np.isnan(found), np.nan, ranks)
        return 1.0 - ranks if self.low_is_best else ranks

    def parts(self) -> tuple[Value, ...]:
        """Return the value."""
        return (self.value,)


@dataclass(frozen=True)
class Score(Learned):
    """A score from 1 to 5: 5 is the best fifth of the customers, or as `cuts` say.

    A value that is equal to a cut is under it. With `low_is_best` the smallest values get 5.
    """

    value: Value
    cuts: tuple[float, ...] = ()
    low_is_best: bool = False

    def learn(self, values: Values) -> list[float]:
        """Return four cuts: the declared ones, or the quintiles."""
        known = _known(values, self.value)
        if self.cuts or not len(known):
            return list(self.cuts)
        quintiles = np.quantile(known, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")
        return [float(cut) for cut in quintiles]

    def apply(self, values: Values, learned: Any) -> Array:
        """Return the scores; unknown stays unknown."""
        found = _settled(values, self.value)
        above = np.searchsorted(np.asarray(learned, dtype=np.float64), found, side="left")
        score = (5 - above if self.low_is_best else 1 + above).astype(np.float64)
        return np.where(np.isnan(found), np.nan, score)

    def parts(self) -> tuple[Value, ...]:
        """Return the value."""
        return (self.value,)


@dataclass(frozen=True)
class Cell(Derived):
    """The place of a combination of scores from 1 to 5 in their order: 111, 112 ... 555."""

    scores: tuple[Value, ...]

    def compute(self, values: Values) -> Array:
        """Return the places from 0; unknown where any score is."""
        place = np.zeros(1)
        for score in self.scores:
            place = 5 * place + values.of(score) - 1
        return place

    def parts(self) -> tuple[Value, ...]:
        """Return the scores."""
        return self.scores


@dataclass(frozen=True)
class Above(Learned):
    """1 for customers whose value is above a percentile of all customers', else 0.

    With the threshold its bootstrap interval is learned, by which a reader sees how far another
    sample could have moved it. It is the ideal bootstrap of an order statistic, which needs no
    resampling (A. D. Hutson and M. D. Ernst, "The exact bootstrap mean and variance of an
    L-estimator", Journal of the Royal Statistical Society B 62, 2000).
    """

    value: Value
    share: float

    def learn(self, values: Values) -> Mapping[str, float | None]:
        """Return the threshold, and the 95 % interval from `low` to `high`."""
        known = np.sort(_known(values, self.value))
        if not len(known):
            return {"threshold": None, "low": None, "high": None}
        from scipy.special import betaincinv

        count = len(known)
        place = max(1, int(np.ceil(self.share * count)))
        tail = (1 - _LEVEL) / 2
        ends = betaincinv(place, count - place + 1, (tail, 1 - tail)) * count
        low, high = (min(count, max(1, int(np.ceil(end)))) for end in ends)
        threshold, low_value, high_value = known[[place - 1, low - 1, high - 1]].tolist()
        return {"threshold": threshold, "low": low_value, "high": high_value}

    def apply(self, values: Values, learned: Any) -> Array:
        """Return 1 or 0; unknown stays unknown."""
        found = _settled(values, self.value)
        threshold = np.nan if learned["threshold"] is None else learned["threshold"]
        return np.where(np.isnan(found), np.nan, (found > threshold).astype(np.float64))

    def parts(self) -> tuple[Value, ...]:
        """Return the value."""
        return (self.value,)


@dataclass(frozen=True)
class Confidence(Learned):
    """n / (n + k): how much a mean of n observations is the customer's own history, from 0 to 1.

    k is what everybody's mean is worth, in observations (features/shrinkage.py).
    """

    mean: Value
    count: Value

    def learn(self, values: Values) -> Mapping[str, float | None]:
        """Return k as `strength`: none where customers do not differ beyond chance.

        It is empty where too few are known to say.
        """
        means, counts = values.of(self.mean), values.of(self.count)
        some = np.linspace(0, len(means) - 1, min(len(means), _FOR_A_PRIOR)).astype(np.int64)
        prior = learn_prior(means[some], counts[some])
        if prior is None:
            return {}
        return {"strength": prior.strength if np.isfinite(prior.strength) else None}

    def apply(self, values: Values, learned: Any) -> Array:
        """Return the shares; unknown for everybody where nothing could be learned."""
        count = values.of(self.count)
        if "strength" not in learned:
            return np.full(len(count), np.nan)
        strength = learned["strength"]
        return confidence(count, Prior(0.0, np.inf if strength is None else strength))

    def parts(self) -> tuple[Value, ...]:
        """Return the mean and its count."""
        return (self.mean, self.count)


@dataclass(frozen=True)
class Timed(Learned):
    """An hour of the day, where rows have a time of day; else unknown for everybody.

    Rows that are dates without a time all begin at midnight.
    """

    hour: Value
    midnight: Value
    count: Value

    def learn(self, values: Values) -> Mapping[str, float]:
        """Return the share of all rows that lie in the hour after midnight."""
        rows = float(values.or_zero(self.count).sum())
        at_midnight = float(values.or_zero(self.midnight).sum())
        return {"midnight": at_midnight / rows if rows else 0.0}

    def apply(self, values: Values, learned: Any) -> Array:
        """Return the hours."""
        hour = values.of(self.hour)
        return hour if learned["midnight"] < _DATES else np.full(len(hour), np.nan)

    def parts(self) -> tuple[Value, ...]:
        """Return the hour and both counts."""
        return (self.hour, self.midnight, self.count)


@dataclass(frozen=True)
class Weighted(Derived):
    """A score from 0 to 100: the weighted mean of values from 0 to 1; unknown ones count as 0."""

    terms: tuple[tuple[float, Value], ...]

    def compute(self, values: Values) -> Array:
        """Return the scores."""
        weights = sum(weight for weight, _ in self.terms)
        total = [weight * values.or_zero(value) for weight, value in self.terms]
        return np.asarray(100.0 * sum(total[1:], start=total[0]) / weights)

    def parts(self) -> tuple[Value, ...]:
        """Return the values without their weights."""
        return tuple(value for _, value in self.terms)


def learned_parts(value: Value) -> Iterator[Learned]:
    """Yield what has to be learned for a value, what others rest on first."""
    if isinstance(value, Aggregate):
        return
    for part in value.parts():
        yield from learned_parts(part)
    if isinstance(value, Learned):
        yield value


def _known(values: Values, value: Value) -> Array:
    found = _settled(values, value)
    return found[~np.isnan(found)]


def _settled(values: Values, value: Value) -> Array:
    """Return its numbers to six decimals.

    Sums of the same amounts in another order differ in their last bits; ranks and cuts must not.
    """
    return np.round(values.of(value), 6)
