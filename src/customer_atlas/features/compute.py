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
            learned = self.plan.learned_from(self._some(_ENOUGH, self._engine.threads), self.cutoff)
            population = replace(self.plan.population, learned=learned)
            self.plan = replace(self.plan, population=population)
        return self.plan

    def some(self, customers: int) -> pa.Table:
        """Return the features of the first buckets that have so many customers, or of all."""
        return self.plan.finish(self._some(customers, 1), self.cutoff)

    def _some(self, customers: int, at_once: int) -> pa.Table:
        """Return the aggregates of the first buckets, reading so many parts side by side."""

        def read(connection: Connection, part: tuple[int, ...]) -> pa.Table:
            if part not in self._read:
                self._read[part] = self._table(connection, part)
            return self._read[part]

        tables: list[pa.Table] = []
        parts = self.snapshot.parts()
        while parts and sum(map(len, tables)) < customers:
            tables += self._engine.map(read, parts[:at_once])
            parts = parts[at_once:]
        # Where a part ends also depends on rows after the cutoff, which nothing may be learned of.
        return _first_buckets(pa.concat_tables(tables), self.snapshot.lake.buckets, customers)

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

    def _table(self, connection: Connection, part: tuple[int, ...]) -> pa.Table:
        self._open(connection, part)
        return connection.arrow(self._query, step=f"compute the features of buckets {part}")

    def _open(self, connection: Connection, part: tuple[int, ...]) -> None:
        self.snapshot.open(connection, part)
        for role, rows in self._roles.items():
            _keep(connection, role.value, rows, part)


def _first_buckets(table: pa.Table, buckets: int, customers: int) -> pa.Table:
    """Return the rows of as few first buckets as have so many customers, or all rows."""
    if len(table) <= customers or buckets == 1:
        return table
    held = np.array([bucket_of(one, buckets) for one in table["customer_id"].to_pylist()])
    last = np.searchsorted(np.cumsum(np.bincount(held, minlength=buckets)), customers)
    return table.filter(pa.array(held <= last))


def _keep(connection: Connection, name: str, rows: str, part: tuple[int, ...]) -> None:
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {rows}",
        step=f"compute the {name} of buckets {part}",
    )
