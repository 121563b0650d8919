"""Who changed the segment from one run to the next, and why; a customer's history of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from customer_atlas.data import bucket_of
from customer_atlas.engine import Connection, DuckDB, literal
from customer_atlas.pipeline.assign import read_segments
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.segments import Segment

__all__ = ["Change", "customer_history", "write_changes"]

_CHANGES = "changes"


@dataclass(frozen=True)
class Change:
    """A customer left a segment, entered one, or both, at a `level`.

    `left` and `entered` are the ids of segments, None where there is none. The reason is
    ``first run``, ``first seen``, ``behaviour`` (the generation is the same, so they themselves
    changed), ``new generation``, ``rule`` (value tiers, at either end) or ``gone`` (the data no
    longer hold them).
    """

    at: datetime
    run: int
    generation: int
    level: int
    left: str | None
    entered: str | None
    reason: str


def write_changes(
    engine: DuckDB, before: Path, earlier: Sequence[Segment], members: Sequence[Path],
    segments: Sequence[Segment], folder: Path, *, new: bool,
) -> None:  # fmt: skip
    """Write who is in another segment than in the run that served, bucket by bucket.

    Args:
        engine: where queries run.
        before: the folder of that run's members; of a bucket that is gone nothing is told.
        earlier: that run's segments.
        members: the files of this run's members, by bucket.
        segments: this run's segments.
        folder: of this run.
        new: whether the generation is another one.
    """
    target = folder / _CHANGES
    target.mkdir(parents=True, exist_ok=True)
    why = "new generation" if new else "behaviour"

    def write(connection: Connection, now: Path) -> None:
        then = before / now.name
        if then.exists():
            connection.run(
                f"COPY ({_changed(then, earlier, now, segments, why)}) TO "
                f"{literal(str(target / now.name))} (FORMAT parquet, COMPRESSION zstd)",
                step="write who changed the segment",
            )

    list(engine.map(write, list(members)))


def _changed(
    then: Path, earlier: Sequence[Segment], now: Path, later: Sequence[Segment], why: str
) -> str:
    reason = (
        "CASE WHEN rows.kind = 'rule' OR old.kind = 'rule' THEN 'rule' "
        "WHEN old.customer_id IS NULL AND rows.level = 1 THEN 'first seen' "
        f"WHEN rows.customer_id IS NULL AND old.level = 1 THEN 'gone' ELSE {literal(why)} END"
    )
    return (
        "SELECT coalesce(rows.customer_id, old.customer_id) AS customer_id, "
        'coalesce(rows.level, old.level) AS level, old.segment AS "left", '
        f"rows.segment AS entered, {reason} AS reason "
        f"FROM ({_placed(now, later)}) AS rows FULL JOIN ({_placed(then, earlier)}) AS old "
        "ON rows.customer_id = old.customer_id AND rows.level = old.level "
        "WHERE rows.segment IS DISTINCT FROM old.segment ORDER BY customer_id, level"
    )


def _placed(path: Path, segments: Sequence[Segment]) -> str:
    """Return the SQL of customer_id, level, segment and kind of the memberships of a bucket."""
    parts = []
    for level in sorted({one.level for one in segments}):
        ids = {one.cluster: one.id for one in segments if one.level == level}
        listed = ", ".join(
            literal(ids[place]) if place in ids else "NULL" for place in range(max(ids) + 1)
        )
        cluster = level_column("cluster", level)
        parts.append(
            f"SELECT customer_id, {level} AS level, ([{listed}])[{cluster} + 1] AS segment, kind "
            f"FROM read_parquet({literal(str(path))}) WHERE {cluster} >= 0"
        )
    return " UNION ALL ".join(parts)


def customer_history(work: Workspace, segmentation: str, customer_id: str) -> list[Change]:
    """Return where a customer has been, from the first run on, each change with its reason."""
    found: list[Change] = []
    for place, pointer in enumerate(reversed(work.registry.promotions(segmentation))):
        folder = work.run_folder(pointer.run)
        name = f"bucket={bucket_of(customer_id, work.lake.buckets):04d}.parquet"
        rows = list(_rows(folder / _CHANGES / name, customer_id))
        if place == 0:
            rows = list(_first(folder / "members" / name, customer_id, read_segments(folder)))
        run = work.registry.run(pointer.run)
        at = run.as_of or pointer.since
        found += [Change(at, pointer.run, pointer.generation, **row) for row in rows]
    return found


def _rows(path: Path, customer_id: str) -> Iterator[dict[str, Any]]:
    if path.exists():
        table = pq.read_table(path, filters=[("customer_id", "==", customer_id)])
        yield from table.drop_columns("customer_id").to_pylist()


def _first(path: Path, customer_id: str, segments: Sequence[Segment]) -> Iterator[dict[str, Any]]:
    for row in _rows(path, customer_id):
        for one in segments:
            if row[level_column("cluster", one.level)] == one.cluster:
                yield {"level": one.level, "left": None, "entered": one.id, "reason": "first run"}
