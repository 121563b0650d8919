"""History: the features at many cutoffs, in one pass over the lake.

Rows are added to live states in the order of the cutoffs, and the features are told at each: what
a replay of the past would have said. So it is also what shows that batch and stream agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from customer_atlas.config import Role
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features.aggregates import microseconds
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Integers, Rows, Vocabulary
from customer_atlas.features.plan import Plan
from customer_atlas.features.roles import rows_of
from customer_atlas.features.snapshot import Snapshot

__all__ = ["compute_history"]


def compute_history(
    engine: DuckDB,
    snapshot: Snapshot,
    plan: Plan,
    cutoffs: Sequence[datetime],
    folder: Path,
    advanced: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Write the features of everybody known at each of the rising `cutoffs`; return the files.

    A file has the customers of some buckets: `customer_id`, `cutoff` (UTC), then the features,
    sorted by cutoff and customer. `advanced` is told how many files are done, and of how many.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = snapshot.parts()
    reader = _Reader(snapshot, plan, tuple(cutoffs))

    def write(connection: Connection, part: tuple[int, ...]) -> Path:
        path = folder / f"part={part[0]:04d}.parquet"
        _write(plan, reader.read(connection, part), reader.cutoffs, path)
        return path

    paths: list[Path] = []
    for path in engine.map(write, parts):
        paths.append(path)
        advanced(len(paths), len(parts))
    return paths


@dataclass(frozen=True)
class _Past:
    """The rows of each role, and the attributes of people at each cutoff."""

    rows: Mapping[Role, pa.Table]
    people: Sequence[pa.Table]


class _Reader:
    """Reads what the features of some buckets are made of, by queries that are compiled once."""

    def __init__(self, snapshot: Snapshot, plan: Plan, cutoffs: tuple[datetime, ...]) -> None:
        self.cutoffs = cutoffs
        self._snapshot = snapshot
        rows = plan.expression(cutoffs[-1])
        used = {one.name for one in rows.op().find(ops.Field)}
        self._rows = snapshot.role_queries(cutoffs[-1], used | {"timestamp"})
        self._people: list[tuple[str, str]] = []
        if self._rows.pop(Role.CUSTOMERS, None):
            for cutoff in cutoffs:
                known = snapshot.role_queries(cutoff, used)[Role.CUSTOMERS]
                found = ibis.to_sql(plan.attributes_expression(cutoff), dialect="duckdb")
                self._people.append((known, str(found)))

    def read(self, connection: Connection, part: tuple[int, ...]) -> _Past:
        """Return the past of the customers in some buckets."""
        self._snapshot.open(connection, part)
        step = f"read the history of buckets {part}"
        rows = {role: connection.arrow(query, step=step) for role, query in self._rows.items()}
        people = []
        for known, found in self._people:
            connection.run(f"CREATE OR REPLACE TEMP TABLE customers AS {known}", step=step)
            people.append(connection.arrow(found, step=step))
        return _Past(rows, people)


def _write(plan: Plan, past: _Past, cutoffs: Sequence[datetime], path: Path) -> None:
    customers = _numbered([*past.rows.values(), *past.people])
    ids = customers.texts(np.arange(len(customers)))
    words = Vocabulary()
    rows = {role: rows_of(role, table, customers, words) for role, table in past.rows.items()}
    ends = np.array([microseconds(cutoff) for cutoff in cutoffs])
    pieces = {role: _pieces(one, ends) for role, one in rows.items()}
    state = LiveState.of(plan.aggregates, plan.zone)
    known = np.zeros(len(customers), dtype=bool)
    writer: pq.ParquetWriter | None = None
    try:
        for i, cutoff in enumerate(cutoffs):
            new = {role: piece[i] for role, piece in pieces.items()}
            state = state.add(new)
            for piece in new.values():
                known[piece.group] = True
            table, there = _attributes(plan, past.people[i] if past.people else None, customers)
            found = plan.table(ids, state.values(cutoff, len(customers)), table, cutoff)
            found = found.filter(pa.array(known | there))
            at = pa.repeat(pa.scalar(cutoff, pa.timestamp("us", "UTC")), found.num_rows)
            found = found.add_column(1, "cutoff", at)
            writer = writer or pq.ParquetWriter(
                path, found.schema, compression="lz4", use_dictionary=["customer_id", "cutoff"]
            )
            writer.write_table(found)
    finally:
        if writer:
            writer.close()


def _numbered(tables: Sequence[pa.Table]) -> Vocabulary:
    """Return the customers of all tables, numbered in the order of their ids."""
    ids = [chunk for one in tables for chunk in one["customer_id"].chunks]
    known = pc.unique(pa.chunked_array(ids, pa.string()))
    customers = Vocabulary()
    customers.codes(known.take(pc.sort_indices(known)))
    return customers


def _pieces(rows: Rows, ends: Integers) -> list[Rows]:
    """Return the rows before the first end, those from it to the second, and so on."""
    after = np.searchsorted(ends, rows.timestamp, side="right")
    order = np.argsort(after, kind="stable")
    bounds = np.searchsorted(after[order], np.arange(len(ends) + 1))
    return [rows.take(order[a:b]) for a, b in pairwise(bounds)]


def _attributes(
    plan: Plan, people: pa.Table | None, customers: Vocabulary
) -> tuple[list[pa.Array], NDArray[np.bool_]]:
    """Return each attribute of all customers, and of whom there are any."""
    places = np.full(len(customers), -1, dtype=np.int64)
    if people is None:
        return [], places >= 0
    places[customers.codes(people["customer_id"])] = np.arange(people.num_rows)
    indices = pa.array(places, mask=places < 0)
    names = [f"c{i}" for i in range(len(plan.attributes))]
    return [people[name].take(indices) for name in names], places >= 0
