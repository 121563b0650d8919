"""Features made of aggregates: ratios, trends and the time since something."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from customer_atlas.features.aggregates import Aggregate, days_between

__all__ = [
    "Attribute",
    "Derived",
    "Enough",
    "Linear",
    "Ratio",
    "Since",
    "Trend",
    "Value",
    "aggregates_of",
    "value_expression",
]


@dataclass(frozen=True)
class Derived(ABC):
    """A value computed from aggregates of the same customer."""

    @abstractmethod
    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the Ibis value, given the column of each aggregate."""

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
    """Days from an instant to the cutoff."""

    instant: Aggregate

    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the days, with their fraction; null where there is no instant."""
        return days_between(values[self.instant], ibis.timestamp(cutoff))

    def parts(self) -> tuple[Value, ...]:
        """Return the instant's aggregate."""
        return (self.instant,)


@dataclass(frozen=True)
class Ratio(Derived):
    """One value over another; null where the other is null or 0."""

    above: Value
    below: Value

    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the quotient; a null above counts as 0."""
        above = ibis.coalesce(value_expression(self.above, values, cutoff), 0)
        below = value_expression(self.below, values, cutoff)
        return above / below.nullif(0)

    def parts(self) -> tuple[Value, ...]:
        """Return both values."""
        return (self.above, self.below)


@dataclass(frozen=True)
class Linear(Derived):
    """A sum of values, each times a factor; a null counts as 0."""

    terms: tuple[tuple[float, Value], ...]

    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the weighted sum."""
        return sum(
            factor * ibis.coalesce(value_expression(value, values, cutoff), 0)
            for factor, value in self.terms
        )

    def parts(self) -> tuple[Value, ...]:
        """Return the values without their factors."""
        return tuple(value for _, value in self.terms)


@dataclass(frozen=True)
class Trend(Derived):
    """(now - before) / (now + before + 2), above -1 and below 1; a null part counts as 0.

    The two added are a pseudo-count, as in Laplace's rule of succession: one order more or less
    says little, ten say much.
    """

    now: Value
    before: Value

    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the smoothed relative change of two counts."""
        now = ibis.coalesce(value_expression(self.now, values, cutoff), 0)
        before = ibis.coalesce(value_expression(self.before, values, cutoff), 0)
        return (now - before) / (now + before + 2.0)

    def parts(self) -> tuple[Value, ...]:
        """Return both values."""
        return (self.now, self.before)


@dataclass(frozen=True)
class Enough(Derived):
    """A value where a count is large enough for it to mean something; else null."""

    value: Value
    count: Value
    at_least: int

    def expression(self, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
        """Return the value, or null under `at_least`."""
        count = value_expression(self.count, values, cutoff)
        value = value_expression(self.value, values, cutoff)
        return ibis.ifelse(count >= self.at_least, value, ibis.null("float64"))

    def parts(self) -> tuple[Value, ...]:
        """Return the value and the count."""
        return (self.value, self.count)


def value_expression(value: Value, values: Mapping[Aggregate, Any], cutoff: datetime) -> Any:
    """Return the Ibis value of an aggregate or of what is derived from aggregates."""
    if isinstance(value, Aggregate):
        return values[value]
    return value.expression(values, cutoff)


def aggregates_of(value: Value) -> Iterator[Aggregate]:
    """Yield every aggregate that a value is made of."""
    if isinstance(value, Aggregate):
        yield value
    else:
        for part in value.parts():
            yield from aggregates_of(part)
