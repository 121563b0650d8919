"""What every aggregate is: one value per customer, by a query and by states that merge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, reduce
from operator import and_
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.monoids import Counted, Found, Slot, Table, Where
from customer_atlas.features.windows import window_start

__all__ = ["Aggregate", "Found", "Keyed", "Keys", "OfColumn", "TwoStep", "Window", "microseconds"]

_EPOCH = datetime(1970, 1, 1)


def microseconds(instant: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """The last `length` of time, or the stretch of the same length before it."""

    length: timedelta
    previous: bool = False

    def bounds(self, cutoff: datetime) -> tuple[datetime, datetime]:
        """Return the first instant in it, and the first one after it."""
        start = window_start(cutoff, self.length)
        return (window_start(start, self.length), start) if self.previous else (start, cutoff)

    def expression(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the condition that a row's timestamp lies in the window at `cutoff`."""
        start, end = self.bounds(cutoff)
        since = table.timestamp >= ibis.timestamp(start)
        return since & (table.timestamp < ibis.timestamp(end)) if self.previous else since

    def covers(self, times: NDArray[np.int64], cutoff: datetime) -> NDArray[np.bool_]:
        """Return which instants (microseconds) lie in the window at `cutoff`."""
        start, end = self.bounds(cutoff)
        return (times >= microseconds(start)) & (times < microseconds(end))


@dataclass(frozen=True, kw_only=True)
class Aggregate(ABC):
    """One value per customer from the rows of a grain, those before the cutoff.

    Without rows it is null, but a count is 0. It is computed in two ways that agree: `over` a
    table in a query, and as the `value` of states that hold nothing but `slots`, which are told
    apart by `keys` of the rows.
    """

    grain: str
    where: tuple[Where, ...] = ()
    window: Window | None = None

    empty: ClassVar[float] = float("nan")

    def expression(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the Ibis aggregate over `table`, the grain's rows before `cutoff`."""
        return self.over(table, self.condition(table, cutoff), cutoff)

    def condition(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the Ibis condition on the rows that count; None where all do."""
        conditions = [each.expression(table) for each in self.where]
        if self.window:
            conditions.append(self.window.expression(table, cutoff))
        return reduce(and_, conditions) if conditions else None

    @abstractmethod
    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the Ibis aggregate of the rows that satisfy `where`."""

    @property
    @abstractmethod
    def slots(self) -> tuple[Slot, ...]:
        """What is kept of its rows."""

    @property
    def keyed_by(self) -> tuple[str, ...]:
        """The columns whose values are told apart in its states."""
        return ()

    @abstractmethod
    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return one value for each customer in `states`, in their order."""

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the grain that it reads."""
        named = {condition.column for condition in self.where}
        return frozenset(named | {str(getattr(self, "column", "timestamp"))})


@dataclass(frozen=True, kw_only=True)
class OfColumn(Aggregate):
    """An aggregate of one column; rows where it is unknown do not count."""

    column: str

    def states(self, table: Table) -> Sequence[NDArray[np.float64]]:
        """Return what is kept in each of its slots."""
        return [table.states[slot] for slot in self.slots]


@dataclass(frozen=True, kw_only=True)
class Keyed(OfColumn):
    """An aggregate whose states tell apart the values of a column."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """How many rows have the value."""
        return (Counted(self.column, self.where),)

    @property
    def keyed_by(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def value(self, states: Table, cutoff: datetime) -> Found:
        """Return one value for each customer of whom any row counts."""
        return self.of_keys(Keys(states, states.states[self.slots[0]]))

    @abstractmethod
    def of_keys(self, keys: Keys) -> Found:
        """Return one value for each customer."""


@dataclass(frozen=True, kw_only=True)
class TwoStep(Keyed):
    """One that a query computes in two steps: first how often each value occurs, then of those.

    The table of the first step has `key`, `count` and, where `gaps` are asked for, `gap`: the
    days since the key before, which is a date then.
    """

    gaps: ClassVar[bool] = False

    def expression(self, table: ir.Table, cutoff: datetime) -> Any:
        """Return the Ibis aggregate over the table of the first step."""
        return self.over_keys(table)

    def over(self, table: ir.Table, where: Any, cutoff: datetime) -> Any:
        """Return the same: the first step has left only rows that count."""
        return self.over_keys(table)

    @abstractmethod
    def over_keys(self, keys: ir.Table) -> Any:
        """Return the Ibis aggregate over the table of the first step."""


@dataclass(frozen=True)
class Keys:
    """Keys of customers, in the order of customers and keys, and how many rows have each."""

    table: Table
    count: NDArray[np.float64]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each customer's keys begin."""
        group = self.table.keys[0]
        return np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else group

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many keys each customer has."""
        return np.diff(self.starts, append=len(self.count))

    def summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of values over each customer's keys."""
        return np.asarray(np.add.reduceat(values, self.starts))

    @property
    def total(self) -> NDArray[np.float64]:
        """How many rows each customer has."""
        return self.summed(self.count)

    def each(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return customers' values beside each of their keys."""
        return np.repeat(values, self.lengths)
