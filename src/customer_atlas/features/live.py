"""Live states: all that is kept of customers' rows to tell their aggregates at any later time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import pyarrow as pa

from customer_atlas.config import Role
from customer_atlas.features.aggregates import Aggregate, microseconds
from customer_atlas.features.clock import on_the_clock
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Found, Integers, Rows, Slot, Table
from customer_atlas.features.windows import hop_of

__all__ = ["LiveState", "Shape"]

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Shape:
    """What one table of a live state tells apart, and which slots it has.

    A table of a grain that is `kept` has what the grain's rows are made of. Any other has what
    aggregates are made of: by the values of the columns `keyed_by`, and in tiles of `hop`
    microseconds where windows must be able to leave rows behind.
    """

    grain: str
    slots: tuple[Slot, ...]
    keyed_by: tuple[str, ...] = ()
    hop: int | None = None
    kept: bool = False

    def table(self, rows: Rows) -> Table:
        """Return the table of the grain's prepared rows."""
        kept = GRAINS[self.grain].kept
        if self.kept and kept:
            return kept.settled(Table.of(rows, (rows.group, *kept.keys(rows)), self.slots))
        for column in self.keyed_by:
            if not (known := rows.known(column)).all():
                rows = rows.take(known)
        keys = [rows.group, *(rows.key(column) for column in self.keyed_by)]
        if self.hop:
            keys.append(rows.timestamp // self.hop)
        return Table.of(rows, keys, self.slots)

    def merge(self, one: Table, other: Table) -> Table:
        """Return two tables of this shape as one."""
        merged = one.merge(other)
        kept = GRAINS[self.grain].kept
        return kept.settled(merged) if self.kept and kept else merged

    def rows(self, table: Table) -> Rows | None:
        """Return the grain's rows where its table has what they are made of, else None."""
        kept = GRAINS[self.grain].kept
        return kept.rows(table) if self.kept and kept else None

    def times(self, table: Table) -> Integers | None:
        """Return the instants that windows see the rows of its table at."""
        return table.keys[-1] * self.hop if self.hop else None


@dataclass(frozen=True)
class LiveState:
    """The states of the aggregates of many customers; adding to it makes another.

    It is a commutative monoid: rows may be added in any order and in any pieces, and states be
    merged in any order, and the aggregates are those of all rows together. Customers go by their
    numbers. All rows are of the past of any cutoff that it is asked about.
    """

    aggregates: tuple[Aggregate, ...]
    zone: str
    shapes: tuple[Shape, ...]
    tables: tuple[Table | None, ...]

    @classmethod
    def of(cls, aggregates: Iterable[Aggregate], zone: str = "UTC") -> Self:
        """Return the state of no rows."""
        distinct = tuple(dict.fromkeys(aggregates))
        shapes = tuple(_shapes(distinct))
        return cls(distinct, zone, shapes, (None,) * len(shapes))

    def add(self, rows: Mapping[Role, Rows]) -> Self:
        """Return the state with the rows of each role added."""
        return self.merge(replace(self, tables=tuple(self._tables(rows))))

    def merge(self, other: Self) -> Self:
        """Return both states as one; they number customers and words alike."""
        pairs = zip(self.shapes, self.tables, other.tables, strict=True)
        merged = (
            shape.merge(mine, theirs) if mine and theirs else mine or theirs
            for shape, mine, theirs in pairs
        )
        return replace(self, tables=tuple(merged))

    def copied(self, copies: int) -> Self:
        """Return so many copies of each customer: those of customer g from g * copies on."""
        tables = tuple(one and _copied(one, copies) for one in self.tables)
        return replace(self, tables=tables)

    def values(self, cutoff: datetime, customers: int) -> dict[Aggregate, Found]:
        """Return for each aggregate an array (n,) over the customers numbered 0 to n - 1."""
        found: dict[Aggregate, Found] = {}
        for shape, table in zip(self.shapes, self.tables, strict=True):
            mine = [one for one in self.aggregates if _is_in(one, shape)]
            if table is None:
                found |= {one: _nothing(one, customers) for one in mine}
                continue
            rows = shape.rows(table)
            if rows:
                used = frozenset(name for one in mine for name in one.columns)
                rows = on_the_clock(rows, self.zone, used)
            for one in mine:
                entries = _entries(one, rows) if rows else (table, shape.times(table))
                found[one] = _value(one, *entries, cutoff, customers)
        return found

    def expired(self, cutoff: datetime) -> Self:
        """Return the state without the tiles that no window sees from `cutoff` on."""
        tables = []
        for shape, table in zip(self.shapes, self.tables, strict=True):
            if table and shape.hop:
                windows = [one.window for one in self.aggregates if _is_in(one, shape)]
                oldest = min(window.bounds(cutoff)[0] for window in windows if window)
                chosen = table.keys[-1] * shape.hop >= microseconds(oldest)
                table = table.over(len(table.keys), None, chosen)
            tables.append(table)
        return replace(self, tables=tuple(tables))

    def _tables(self, rows: Mapping[Role, Rows]) -> Iterator[Table | None]:
        used = frozenset(name for one in self.aggregates for name in one.columns)
        rows = {role: given.ordered() for role, given in rows.items()}
        prepared: dict[str, Rows] = {}
        for shape in self.shapes:
            grain = GRAINS[shape.grain]
            given = rows.get(grain.role)
            if given is None or not len(given):
                yield None
                continue
            if shape.grain not in prepared:
                prepared[shape.grain] = grain.prepare(given, self.zone, used)
            yield shape.table(prepared[shape.grain])


def _copied(table: Table, copies: int) -> Table:
    whose = table.keys[0] * copies + np.arange(copies)[:, None]
    keys = (whose.ravel(), *(np.tile(key, copies) for key in table.keys[1:]))
    states = {
        slot: np.tile(values, (copies,) + (1,) * (values.ndim - 1))
        for slot, values in table.states.items()
    }
    return Table.folded(keys, states, table.words, table.texts, table.numbers)


def _shapes(aggregates: Iterable[Aggregate]) -> Iterator[Shape]:
    """Yield the fewest tables that hold the aggregates."""
    alike: dict[tuple[str, tuple[str, ...], bool], list[Aggregate]] = {}
    for one in aggregates:
        kept = GRAINS[one.grain].kept
        key = (one.grain, (), False) if kept else (one.grain, one.keyed_by, one.window is not None)
        alike.setdefault(key, []).append(one)
    for (grain, keyed_by, _), members in alike.items():
        kept = GRAINS[grain].kept
        if kept:
            yield Shape(grain, kept.slots, kept=True)
            continue
        hops = [hop_of(one.window.length) // _MICROSECOND for one in members if one.window]
        slots = tuple(dict.fromkeys(slot for one in members for slot in one.slots))
        yield Shape(grain, slots, keyed_by, min(hops, default=None))


def _is_in(aggregate: Aggregate, shape: Shape) -> bool:
    if aggregate.grain != shape.grain:
        return False
    windowed = aggregate.window is not None
    return shape.kept or (aggregate.keyed_by == shape.keyed_by and windowed == bool(shape.hop))


def _entries(aggregate: Aggregate, rows: Rows) -> tuple[Table, Integers | None]:
    """Return what an aggregate is made of, and the instants, from the rows of a kept grain."""
    if aggregate.keyed_by:
        shape = Shape(aggregate.grain, aggregate.slots, aggregate.keyed_by, hop=1)
        keys = (rows.group, *(rows.key(name) for name in aggregate.keyed_by), rows.timestamp)
        table = Table.of(rows, keys, aggregate.slots)
        return table, shape.times(table)
    states = {slot: slot.lift(rows) for slot in aggregate.slots}
    return Table((rows.group,), states, rows.words, rows.texts), rows.timestamp


def _value(
    aggregate: Aggregate, table: Table, times: Integers | None, cutoff: datetime, customers: int
) -> Found:
    chosen = None
    if aggregate.window and times is not None:
        chosen = aggregate.window.covers(times, cutoff)
    if aggregate.keyed_by:
        counted = table.states[aggregate.slots[0]] > 0
        chosen = counted if chosen is None else chosen & counted
    folded = table.over(1 + len(aggregate.keyed_by), aggregate.slots, chosen)
    if not len(folded):
        return _nothing(aggregate, customers)
    group = folded.keys[0]
    known = group[np.append(True, group[1:] != group[:-1])]
    values = aggregate.value(folded, cutoff)
    if isinstance(values, np.ndarray):
        out = np.full(customers, aggregate.empty)
        out[known] = values
        return out
    places = np.full(customers, -1, dtype=np.int64)
    places[known] = np.arange(len(known))
    return values.take(pa.array(places, mask=places < 0))


def _nothing(aggregate: Aggregate, customers: int) -> Found:
    return np.full(customers, aggregate.empty)
