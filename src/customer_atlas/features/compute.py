"""Compute a plan at a cutoff, bucket by bucket, into Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.operations as ops

from customer_atlas.data import BUCKET_SQL
from customer_atlas.engine import Connection, DuckDB, quoted
from customer_atlas.features.plan import Plan
from customer_atlas.features.snapshot import Snapshot

__all__ = ["compute_features"]


def compute_features(
    engine: DuckDB,
    snapshot: Snapshot,
    plan: Plan,
    cutoff: datetime,
    folder: Path,
    advanced: Callable[[int], None] = lambda _: None,
) -> list[Path]:
    """Write one file per bucket, sorted by customer, and return their paths in bucket order.

    `advanced` is told how many buckets are done. Parts of the buckets run side by side, each on
    one thread, so the same lake gives the same bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Compiled once: compiling holds the interpreter, and would make the buckets wait in turn.
    expression = plan.expression(cutoff)
    query = ibis.to_sql(expression, dialect="duckdb")
    roles = snapshot.role_queries(cutoff, {one.name for one in expression.op().find(ops.Field)})

    def one(connection: Connection, part: tuple[int, ...]) -> list[Path]:
        snapshot.open(connection, part)
        for role, rows in roles.items():
            _keep(connection, role.value, rows, part)
        queries = {part[0]: query}
        if len(part) > 1:
            _keep(connection, "features", query, part)
            held = BUCKET_SQL.format(customer_id="customer_id", buckets=snapshot.lake.buckets)
            ordered = "SELECT * FROM features WHERE {} = {} ORDER BY customer_id"
            queries = {bucket: ordered.format(held, bucket) for bucket in part}
        paths = [folder / f"bucket={bucket:04d}.parquet" for bucket in queries]
        for path, asked in zip(paths, queries.values(), strict=True):
            step = f"write the features of buckets {part}"
            connection.write_parquet(
                asked, path, step=step, made=lambda some: plan.finish(some, cutoff)
            )
        return paths

    paths: list[Path] = []
    for written in engine.map(one, snapshot.parts()):
        paths += written
        advanced(len(paths))
    return paths


def _keep(connection: Connection, name: str, rows: str, part: tuple[int, ...]) -> None:
    connection.run(
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {rows}",
        step=f"compute the {name} of buckets {part}",
    )
