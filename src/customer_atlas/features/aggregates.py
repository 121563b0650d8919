"""Declared aggregates over a customer's rows, compiled to Ibis."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from customer_atlas.features.windows import window_start

__all__ = [
    "Aggregate",
    "Count",
    "Entropy",
    "First",
    "Last",
    "Mean",
    "Span",
    "Spread",
    "Sum",
    "Where",
    "Window",
    "days_between",
]


@dataclass(frozen=True)
class Where:
    """A condition on one column: null never satisfies it."""

    column: str
    operator: Literal[">", "<", "=="]
    value: float | str | bool

    def expression(self, table: ir.Table) -> Any:
        """Return the condition over `table`."""
        column = table[self.column]
        if self.operator == "==":
            return column == self.value
        return column > self.value if self.operator == ">" else column < self.value


@dataclass(frozen=True)
class Window:
    """The last `length` of time, or the stretch of the same length before it."""

    length: timedelta
    previous: bool = False

    def expression(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the condition that a row's timestamp lies in the window at `cutoff`."""
        start = window_start(cutoff, self.length)
        if not self.previous:
            return table.timestamp >= ibis.timestamp(start)
        earlier = window_start(cutoff, 2 * self.length)
        return (table.timestamp >= ibis.timestamp(earlier)) & (
            table.timestamp < ibis.timestamp(start)
        )


@dataclass(frozen=True, kw_only=True)
class Aggregate(ABC):
    """One value per customer from the rows of a grain, those before the cutoff.

    Without rows it is null, but a count is 0.
    """

    grain: str
    where: Where | None = None
    window: Window | None = None

    def expression(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the Ibis aggregate over `table`, the grain's rows before `cutoff`."""
        conditions = []
        if self.where:
            conditions.append(self.where.expression(table))
        if self.window:
            conditions.append(self.window.expression(table, cutoff))
        return self._over(table, reduce(and_, conditions) if conditions else None)

    @abstractmethod
    def _over(self, table: ir.Table, where: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Count(Aggregate):
    """How many rows."""

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table.count(where=where)


@dataclass(frozen=True, kw_only=True)
class _OfColumn(Aggregate):
    column: str


@dataclass(frozen=True, kw_only=True)
class Sum(_OfColumn):
    """The sum of a column."""

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table[self.column].sum(where=where)


@dataclass(frozen=True, kw_only=True)
class Mean(_OfColumn):
    """The arithmetic mean of a column."""

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table[self.column].mean(where=where)


@dataclass(frozen=True, kw_only=True)
class Spread(_OfColumn):
    """The sample standard deviation of a column; null under two values."""

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table[self.column].std(how="sample", where=where)


@dataclass(frozen=True, kw_only=True)
class First(_OfColumn):
    """The smallest value of a column."""

    column: str = "timestamp"

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table[self.column].min(where=where)


@dataclass(frozen=True, kw_only=True)
class Last(_OfColumn):
    """The largest value of a column."""

    column: str = "timestamp"

    def _over(self, table: ir.Table, where: Any) -> Any:
        return table[self.column].max(where=where)


@dataclass(frozen=True, kw_only=True)
class Span(_OfColumn):
    """Days from the smallest to the largest instant of a timestamp column."""

    column: str = "timestamp"

    def _over(self, table: ir.Table, where: Any) -> Any:
        column: Any = table[self.column]
        return days_between(column.min(where=where), column.max(where=where))


@dataclass(frozen=True, kw_only=True)
class Entropy(_OfColumn):
    """Shannon's entropy, in bits, of the shares that a column of counts makes up.

    C. E. Shannon, "A Mathematical Theory of Communication", 1948.
    """

    def _over(self, table: ir.Table, where: Any) -> Any:
        count: Any = table[self.column].cast("float64")
        total = count.sum(where=where)
        entropy = total.log2() - (count * count.log2()).sum(where=where) / total
        # Rounding may leave a hair below zero where there is one share only.
        return ibis.greatest(entropy, 0.0)


def days_between(start: Any, end: Any) -> Any:
    """Return the days, with their fraction, between two timestamps."""
    return end.delta(start, unit="microsecond") / 86_400_000_000.0
