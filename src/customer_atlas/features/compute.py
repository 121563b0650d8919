"""Compute a plan at a cutoff, bucket by bucket, into Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.operations as ops
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.data import BUCKET_SQL, bucket_of
from customer_atlas.engine import Connection, DuckDB, quoted
from customer_atlas.features.plan import Plan
from customer_atlas.features.snapshot import Snapshot

__all__ = ["Computation"]

_ENOUGH = 50_000  # customers, whose buckets are as good as drawn by chance: ids are hashed


class Computation:
    """The features of a plan as of a cutoff.

    Parts of the buckets run side by side, each on one thread, so the same lake gives the same
    bits.
    """

    def __init__(self, engine: DuckDB, snapshot: Snapshot, plan: Plan, cutoff: datetime) -> None:
        self._engine = engine
        self.plan, self.snapshot, self.cutoff = plan, snapshot, cutoff
        # Compiled once: compiling holds the interpreter, and would make the buckets wait in turn.
        expression = plan.expression(cutoff)
        self._query: str = ibis.to_sql(expression, dialect="duckdb")
        used = {one.name for one in expression.op().find(ops.Field)}
        self._roles = snapshot.role_queries(cutoff, used)
        self._read: dict[tuple[int, ...], pa.Table] = {}

    def learn(self) -> Plan:
        """Learn what frozen features rest on and the population does not know yet.

        It is learned from the first buckets that have 50,000 customers, or from all of them.
        The plan that is returned is computed from then on.
        """
        if self.plan.unlearned:
            found = self._first(_ENOUGH, self._aggregates, self._engine.threads)
            learned = self.plan.learned_from(found, self.cutoff)
            population = replace(self.plan.population, learned=learned)
            self.plan = replace(self.plan, population=population)
        return self.plan

    def some(self, customers: int) -> pa.Table:
        """Return the features of so many customers, evenly over the ids of the first buckets.

        These are as few buckets as have so many customers. Of fewer all are returned.
        """
        known = self._first(customers, self._known)["customer_id"]
        places = np.linspace(0, len(known) - 1, min(len(known), customers)).astype(np.int64)
        return self.of(known.take(pa.array(places)))

    def of(self, customers: pa.ChunkedArray) -> pa.Table:
        """Return the features of those of the customers who are known, in the order of their ids.

        Only their rows are aggregated.
        """
        wanted = pa.table({"customer_id": customers})
        buckets = {bucket_of(one, self.snapshot.lake.buckets) for one in customers.to_pylist()}

        def read(connection: Connection, part: tuple[int, ...]) -> pa.Table:
            connection.register("wanted", wanted)
            self._open(connection, part, "customer_id IN (SELECT customer_id FROM wanted)")
            return connection.arrow(self._query, step="compute the features of some customers")

        (found,) = self._engine.map(read, [tuple(sorted(buckets))])
        return self.plan.finish(found, self.cutoff)

    def _first(
        self,
        customers: int,
        read: Callable[[Connection, tuple[int, ...]], pa.Table],
        at_once: int = 1,
    ) -> pa.Table:
        """Return what is read of as few first buckets as have so many customers, or of all.

        So many parts of them are read side by side.
        """
        tables: list[pa.Table] = []
        held: list[NDArray[np.int64]] = []
        parts, buckets = self.snapshot.parts(), self.snapshot.lake.buckets
        while parts and sum(map(len, tables)) < customers:
            found = list(self._engine.map(read, parts[:at_once]))
            held += [_held(table, part, buckets) for table, part in zip(found, parts, strict=False)]
            tables += found
            parts = parts[at_once:]
        # Where a part ends also depends on rows after the cutoff, which nothing may be learned of.
        return _first_buckets(pa.concat_tables(tables), np.concatenate(held), customers)

    def _aggregates(self, connection: Connection, part: tuple[int, ...]) -> pa.Table:
        """Return the aggregates of a part, and keep them for when its features are written."""
        if part not in self._read:
            self._open(connection, part)
            step = f"compute the features of buckets {part}"
            self._read[part] = connection.arrow(self._query, step=step)
        return self._read[part]

    def _known(self, connection: Connection, part: tuple[int, ...]) -> pa.Table:
        """Return the ids of the customers of a part, in order."""
        self.snapshot.open(connection, part)
        ids = " UNION ".join(f"SELECT customer_id FROM ({rows})" for rows in self._roles.values())
        return connection.arrow(
            f"SELECT DISTINCT customer_id FROM ({ids}) ORDER BY customer_id",
            step=f"find the customers of buckets {part}",
        )

    def write(self, folder: Path, advanced: Callable[[int], None] = lambda _: None) -> list[Path]:
        """Write one file per bucket, sorted by customer, and return their paths in bucket order.

        `advanced` is told how many buckets are done.
        """
        folder.mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []

        def write(connection: Connection, part: tuple[int, ...]) -> list[Path]:
            return self._write(connection, part, folder)

        for written in self._engine.map(write, self.snapshot.parts()):
            paths += written
            advanced(len(paths))
        return paths

    def _write(self, connection: Connection, part: tuple[int, ...], folder: Path) -> list[Path]:
        rows = self._rows(connection, part)
        queries = {part[0]: rows}
        if len(part) > 1:
            held = BUCKET_SQL.format(customer_id="customer_id", buckets=self.snapshot.lake.buckets)
            ordered = f"{rows} WHERE {held} = {{}} ORDER BY customer_id"
            queries = {bucket: ordered.format(bucket) for bucket in part}
        paths = [folder / f"bucket={bucket:04d}.parquet" for bucket in queries]
        for path, query in zip(paths, queries.values(), strict=True):
            connection.write_parquet(
                query,
                path,
                step=f"write the features of buckets {part}",
                made=lambda rows: self.plan.finish(rows, self.cutoff),
            )
        return paths

    def _rows(self, connection: Connection, part: tuple[int, ...]) -> str:
        """Return a query of the aggregates of a part, in the order of the customers."""
        if part in self._read:
            connection.register("learned", self._read[part])
            return "SELECT * FROM learned"
        self._open(connection, part)
        if len(part) == 1:
            return self._query
        _keep(connection, "features", self._query, part)
        return "SELECT * FROM features"

    def _open(self, connection: Connection, part: tuple[int, ...], of: str = "true") -> None:
        self.snapshot.open(connection, part)
        for role, rows in self._roles.items():
            _keep(connection, role.value, f"SELECT * FROM ({rows}) WHERE {of}", part)


def _held(table: pa.Table, part: tuple[int, ...], buckets: int) -> NDArray[np.int64]:
    """Return the bucket of each customer in the table of a part."""
    if len(part) == 1:
        return np.full(len(table), part[0])
    return np.array([bucket_of(one, buckets) for one in table["customer_id"].to_pylist()], np.int64)


def _first_buckets(table: pa.Table, held: NDArray[np.int64], customers: int) -> pa.Table:
    """Return the rows of as few first buckets as have so many customers, or all rows."""
    if len(table) <= customers:
        return table
    last = np.searchsorted(np.cumsum(np.bincount(held)), customers)
    return table.filter(pa.array(held <= last))


def _keep(connection: Connection, name: str, rows: str, part: tuple[int, ...]) -> None:
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {rows}",
        step=f"compute the {name} of buckets {part}",
    )
