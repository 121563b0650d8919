"""Features made of aggregates: ratios, trends, scores, stages, and the time since something."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.aggregates import Aggregate, microseconds
from customer_atlas.features.monoids import Found

__all__ = [
    "Attribute",
    "Derived",
    "Difference",
    "Enough",
    "Linear",
    "Ratio",
    "Since",
    "Span",
    "Trend",
    "Value",
    "Values",
    "aggregates_of",
]

Array = NDArray[np.float64]
_DAY = 86_400_000_000.0  # microseconds


@dataclass(frozen=True)
class Values:
    """What is known of n customers at a cutoff: an array (n,) for each aggregate.

    Numbers are float64, NaN where they are unknown; instants are microseconds since 1970.
    `learned` is what features know of everybody, by the feature's name.
    """

    aggregates: Mapping[Aggregate, Found]
    cutoff: datetime
    learned: Mapping[str, Any] = field(default_factory=dict)
    _known: dict[Derived, Array] = field(default_factory=dict)

    def of(self, value: Value) -> Array:
        """Return the numbers of an aggregate, or of what is made of aggregates."""
        if isinstance(value, Aggregate):
            return np.asarray(self.aggregates[value])
        if value not in self._known:
            with np.errstate(divide="ignore", invalid="ignore"):
                self._known[value] = value.compute(self)
        return self._known[value]

    def or_zero(self, value: Value) -> Array:
        """Return its numbers, 0 where they are unknown."""
        found = self.of(value)
        return np.where(np.isnan(found), 0.0, found)


@dataclass(frozen=True)
class Derived(ABC):
    """A value computed from aggregates of the same customer."""

    @abstractmethod
    def compute(self, values: Values) -> Array:
        """Return its numbers (n,), NaN where it is unknown."""

    @abstractmethod
    def parts(self) -> tuple[Value, ...]:
        """Return what it is made of."""


Value = Aggregate | Derived


@dataclass(frozen=True)
class Attribute:
    """A column of the customers table, as it was at the cutoff."""

    column: str


@dataclass(frozen=True)
class Since(Derived):
    """Days from an instant to the cutoff, with their fraction."""

    instant: Aggregate

    def compute(self, values: Values) -> Array:
        """Return the days; unknown where there is no instant."""
        return (microseconds(values.cutoff) - values.of(self.instant)) / _DAY

    def parts(self) -> tuple[Value, ...]:
        """Return the instant's aggregate."""
        return (self.instant,)


@dataclass(frozen=True)
class Span(Derived):
    """Days from one instant to another, with their fraction."""

    start: Aggregate
    end: Aggregate

    def compute(self, values: Values) -> Array:
        """Return the days; unknown where either is."""
        return (values.of(self.end) - values.of(self.start)) / _DAY

    def parts(self) -> tuple[Value, ...]:
        """Return both instants."""
        return (self.start, self.end)


@dataclass(frozen=True)
class Ratio(Derived):
    """One value over another; unknown where the other is unknown or 0."""

    above: Value
    below: Value

    def compute(self, values: Values) -> Array:
        """Return the quotient; an unknown value above counts as 0."""
        below = values.of(self.below)
        return values.or_zero(self.above) / np.where(below == 0, np.nan, below)

    def parts(self) -> tuple[Value, ...]:
        """Return both values."""
        return (self.above, self.below)


@dataclass(frozen=True)
class Difference(Derived):
    """One value less another; unknown where either is."""

    of: Value
    less: Value

    def compute(self, values: Values) -> Array:
        """Return the difference."""
        return values.of(self.of) - values.of(self.less)

    def parts(self) -> tuple[Value, ...]:
        """Return both values."""
        return (self.of, self.less)


@dataclass(frozen=True)
class Linear(Derived):
    """A sum of values, each times a factor; an unknown one counts as 0."""

    terms: tuple[tuple[float, Value], ...]

    def compute(self, values: Values) -> Array:
        """Return the weighted sum."""
        total = [factor * values.or_zero(value) for factor, value in self.terms]
        return np.asarray(sum(total[1:], start=total[0]))

    def parts(self) -> tuple[Value, ...]:
        """Return the values without their factors."""
        return tuple(value for _, value in self.terms)


@dataclass(frozen=True)
class Trend(Derived):
    """(now - before) / (now + before + 2), above -1 and below 1; an unknown part counts as 0.

    The two added are a pseudo-count, as in Laplace's rule of succession: one order more or less
    says little, ten say much.
    """

    now: Value
    before: Value

    def compute(self, values: Values) -> Array:
        """Return the smoothed relative change of two counts."""
        now, before = values.or_zero(self.now), values.or_zero(self.before)
        return (now - before) / (np.abs(now) + np.abs(before) + 2.0)

    def parts(self) -> tuple[Value, ...]:
        """Return both values."""
        return (self.now, self.before)


@dataclass(frozen=True)
class Enough(Derived):
    """A value where a count is large enough for it to mean something; else unknown."""

    value: Value
    count: Value
    at_least: int

    def compute(self, values: Values) -> Array:
        """Return the value, or NaN under `at_least`."""
        enough = values.or_zero(self.count) >= self.at_least
        return np.where(enough, values.of(self.value), np.nan)

    def parts(self) -> tuple[Value, ...]:
        """Return the value and the count."""
        return (self.value, self.count)


def aggregates_of(value: Value) -> Iterator[Aggregate]:
    """Yield every aggregate that a value is made of."""
    if isinstance(value, Aggregate):
        yield value
    else:
        for part in value.parts():
            yield from aggregates_of(part)
