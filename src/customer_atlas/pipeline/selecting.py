"""The selection of features of a run: judged by what customers did in a later slice of the past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pyarrow as pa

from customer_atlas.config import ColumnType, Role, Segmentation
from customer_atlas.data import bucket_of
from customer_atlas.engine import literal, quoted
from customer_atlas.features import (
    Computation,
    Plan,
    Selection,
    Snapshot,
    people_query,
    select_features,
)
from customer_atlas.pipeline.outcomes import Held, labels_of
from customer_atlas.pipeline.workspace import Workspace

__all__ = ["select"]

_CUSTOMERS = 6_000  # enough to tell which features matter, in about a second
_LONGEST = timedelta(days=90)
_SHORTEST = timedelta(days=7)


def select(work: Workspace, computation: Computation, settings: Segmentation) -> Selection:
    """Say which of the computed features may form segments, and rank them.

    The later slice is the last quarter of the history, at most 90 days; of less than 28 days
    nothing is foretold.
    """
    plan, snapshot, cutoff = computation.plan, computation.snapshot, computation.cutoff
    infos = [info for info in plan.infos if info.kind != "list"]
    now = computation.some(_CUSTOMERS)
    labels = _labels(work, snapshot, cutoff)
    earlier = _earlier(work, snapshot, cutoff) if settings.selection.rank else None
    before = later = None
    if earlier:
        past = Computation(work.engine, snapshot, plan, earlier)
        before = past.some(_CUSTOMERS)
        later = _done(work, snapshot, plan, earlier, cutoff, before) if before.num_rows else None
    found = select_features(
        infos,
        now,
        before if later is not None else None,
        later,
        labels,
        eliminate=settings.selection.eliminate,
        seed=settings.seed,
    )
    return found.keeping(settings.selection.keep)


def _earlier(work: Workspace, snapshot: Snapshot, cutoff: datetime) -> datetime | None:
    with work.engine.connect() as connection:
        snapshot.open(connection)
        begun = min(snapshot.first_events(connection).values(), default=cutoff)
    slice_ = min((cutoff - begun) / 4, _LONGEST)
    return cutoff - slice_ if slice_ >= _SHORTEST else None


def _done(
    work: Workspace,
    snapshot: Snapshot,
    plan: Plan,
    since: datetime,
    until: datetime,
    customers: pa.Table,
) -> pa.Table | None:
    """Return what customers did from one moment to another; None where nothing tells of it."""
    used = {"customer_id", "timestamp", "amount"}
    queries = snapshot.role_queries(until, used)
    role = next((one for one in (Role.TRANSACTIONS, Role.EVENTS) if one in queries), None)
    if role is None:
        return None
    counted = {"orders": "count(DISTINCT timestamp)", "spend": "coalesce(sum(amount), 0)"}
    if role is Role.EVENTS:
        counted = {"events": "count(*)"}
    elif not any("amount" in one.columns for one in snapshot.sources if one.role is role):
        del counted["spend"]
    columns = ", ".join(f"CAST({sql} AS DOUBLE) AS {name}" for name, sql in counted.items())
    ids = customers["customer_id"].to_pylist()
    with work.engine.connect() as connection:
        snapshot.open(connection, {bucket_of(one, snapshot.lake.buckets) for one in ids})
        connection.register("wanted", customers.select(["customer_id"]))
        return connection.arrow(
            f"SELECT customer_id, 1.0 AS active, {columns} FROM ({queries[role]}) "
            f"WHERE timestamp >= {literal(since.isoformat())}::TIMESTAMP "
            "AND customer_id IN (SELECT customer_id FROM wanted) GROUP BY customer_id",
            step="see what customers did later",
        )


def _labels(work: Workspace, snapshot: Snapshot, as_of: datetime) -> pa.Table | None:
    """Return the labels of everybody who has one; None where none are declared."""
    held = [one for one in labels_of(work, snapshot) if one.column]
    if not held:
        return None
    with work.engine.connect() as connection:
        snapshot.open(connection)
        parts = "".join(f" FULL JOIN ({sql}) USING (customer_id)" for sql in _queries(held, as_of))
        return connection.arrow(
            f"SELECT * FROM (SELECT NULL::VARCHAR AS customer_id WHERE false){parts}",
            step="read the labels",
        )


def _queries(held: list[Held], as_of: datetime) -> Iterator[str]:
    for one in held:
        column = str(one.column)
        value = quoted(column)
        if one.source.columns[column] not in (ColumnType.NUMBER, ColumnType.TEXT):
            value = f"CAST({value} AS VARCHAR)"
        people = people_query(one.source, as_of, [column])
        yield f"SELECT customer_id, {value} AS {quoted(one.name)} FROM ({people})"
