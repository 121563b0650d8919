"""Micro-batches of events, and the states of the customers that they touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from _measure import Measure, timed
from customer_atlas.config import Role
from customer_atlas.features.aggregates import Aggregate
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Counted, Rows, Summed

__all__ = ["live_measures"]

_EVENTS = 10_000
_PER_SECOND = 1e6
_ROUNDS = 15
_MOST = 2.0  # times the rows as they are


@dataclass(frozen=True)
class _Batch:
    """New rows, and the state of their customers, who are numbered from 0 on."""

    state: LiveState
    rows: Rows
    customers: int
    past: int

    @classmethod
    def drawn(cls, aggregates: tuple[Aggregate, ...], rows: Rows, new: NDArray[np.bool_]) -> _Batch:
        """Draw customers until they have enough new rows; their others are the past."""
        drawn = np.random.default_rng(0).permutation(int(rows.group.max()) + 1)
        fresh = np.bincount(rows.group[new], minlength=len(drawn))
        count = int(np.searchsorted(np.cumsum(fresh[drawn]), _EVENTS, side="right"))
        numbers = np.full(len(drawn), -1)
        numbers[drawn[:count]] = np.arange(count)

        def of_them(mask: NDArray[np.bool_]) -> Rows:
            chosen = rows.take(np.flatnonzero(mask & (numbers[rows.group] >= 0)))
            return replace(chosen, group=numbers[chosen.group])

        past = of_them(~new)
        state = LiveState.of(aggregates).add({Role.TRANSACTIONS: past})
        return cls(state, of_them(new), count, len(past))

    def add(self) -> LiveState:
        return self.state.add({Role.TRANSACTIONS: self.rows})

    def add_plainly(self) -> list[NDArray[np.float64]]:
        """Add each count and sum to a dense array of the customers, and nothing else.

        No least or latest value, no order, day, category or tile is told apart, and nothing is
        found or placed: the customers' numbers are the places in the arrays.
        """
        sums = [np.zeros(self.customers) for _ in self.summed]
        for total, slot in zip(sums, self.summed, strict=True):
            total += np.bincount(self.rows.group, slot.lift(self.rows), self.customers)
        return sums

    @property
    def summed(self) -> list[Counted | Summed]:
        plain = (shape for shape in self.state.shapes if not shape.kept and not shape.keyed_by)
        slots = dict.fromkeys(slot for shape in plain for slot in shape.slots)
        return [slot for slot in slots if isinstance(slot, Counted | Summed)]

    @property
    def kept(self) -> int:
        """How many bytes the state has."""
        tables = [table for table in self.state.tables if table]
        return sum(
            array.nbytes for table in tables for array in (*table.keys, *table.states.values())
        )


def live_measures(aggregates: tuple[Aggregate, ...], rows: Rows, interned: float) -> list[Measure]:
    """Measure `add` with whole orders that arrive, and with one row of each customer.

    `interned` is how many rows a second became arrays: that is not part of `add`.
    """
    orders = _Batch.drawn(aggregates, rows, _last(rows, rows.columns["order_id"]))
    singles = _Batch.drawn(aggregates, rows, _last(rows, np.arange(len(rows))))
    return [*_speed(orders, "whole orders", interned), *_speed(singles, "a row each", interned),
            _size(orders)]  # fmt: skip


def _last(rows: Rows, things: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows belong to the last thing of their customer."""
    order = np.lexsort((rows.timestamp, rows.group))
    ends = np.flatnonzero(np.append(np.diff(rows.group[order]) != 0, True))
    last = np.empty(int(rows.group.max()) + 1, dtype=np.int64)
    last[rows.group[order[ends]]] = things[order[ends]]
    return np.asarray(things == last[rows.group])


def _speed(batch: _Batch, arriving: str, interned: float) -> Iterator[Measure]:
    events, sums = len(batch.rows), len(batch.summed)
    plain = events / timed(batch.add_plainly, _ROUNDS)
    yield Measure(
        "features",
        f"{events:,} events, {arriving}, into the states of {batch.customers:,} customers with "
        f"{batch.past / batch.customers:.1f} rows each, one thread",
        events / timed(batch.add, _ROUNDS),
        "events/s",
        _PER_SECOND,
        "at least",
        _ROUNDS,
        f"fixed; only {sums} counts and sums, by np.bincount on dense arrays: {plain:.2g}/s; "
        f"texts to numbers, apart: {interned:.2g}/s",
    )


def _size(batch: _Batch) -> Measure:
    read = {
        name for one in batch.state.aggregates for name in GRAINS[one.grain].columns(one.columns)
    }
    columns = 2 + len(read & batch.rows.columns.keys())  # the customer and the time as well
    rows = 8 * columns * batch.past / batch.customers
    return Measure(
        "features",
        f"kept of a customer with {batch.past / batch.customers:.1f} rows",
        batch.kept / batch.customers,
        "bytes",
        _MOST * rows,
        against=f"{_MOST:g} times the rows themselves as arrays ({rows:.0f} bytes)",
    )
