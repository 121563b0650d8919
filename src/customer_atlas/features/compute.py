"""Compute a plan at a cutoff, bucket by bucket, into Parquet files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.operations as ops

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

    `advanced` is told how many buckets are done. Buckets run side by side, each on one thread,
    so the same lake gives the same bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Compiled once: compiling holds the interpreter, and would make the buckets wait in turn.
    expression = plan.expression(cutoff)
    query = ibis.to_sql(expression, dialect="duckdb")
    roles = snapshot.role_queries(cutoff, {one.name for one in expression.op().find(ops.Field)})

    def one(connection: Connection, bucket: int) -> Path:
        path = folder / f"bucket={bucket:04d}.parquet"
        snapshot.open(connection, bucket)
        for role, rows in roles.items():
            connection.run(
                f"CREATE OR REPLACE TEMP TABLE {quoted(role.value)} AS {rows}",
                step=f"read the {role.value} of bucket {bucket}",
            )
        connection.write_parquet(query, path, step=f"compute the features of bucket {bucket}")
        return path

    paths = []
    for path in engine.map(one, range(snapshot.lake.buckets)):
        paths.append(path)
        advanced(len(paths))
    return paths
