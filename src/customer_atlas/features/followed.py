"""How many rows of a customer other rows follow soon enough, or do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from customer_atlas.config import Condition, FeatureDeclaration, Following, Role, duration
from customer_atlas.engine import Connection, literal, quoted
from customer_atlas.features.declared_columns import RowsOf
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.monoids import Where
from customer_atlas.features.roles import role_table
from customer_atlas.features.snapshot import Snapshot
from customer_atlas.features.windows import window_start

__all__ = ["FollowedRows"]

_Step = tuple[Role, tuple[Where, ...]]


@dataclass(frozen=True)
class FollowedRows:
    """Counts of rows by what comes after them, as of a cutoff.

    Of a row at t, what follows within W lies in (t, t + W]. A row that is not followed counts once
    that time is over, at t + W; before, nobody can say.
    """

    snapshot: Snapshot
    cutoff: datetime
    queries: tuple[str, ...]
    used: frozenset[str]

    @classmethod
    def of(
        cls,
        conditions: Sequence[tuple[Condition, str]],
        snapshot: Snapshot,
        connection: Connection,
        cutoff: datetime,
        *,
        zone: str,
        never: Collection[str] = (),
    ) -> FollowedRows:
        """Return the counts that conditions ask for; with each stands where it is written.

        Raises:
            ConfigError: unknown source or column, or an expression that is none.
        """
        tables = snapshot.sources
        steps: list[list[_Step]] = []
        for condition, place in conditions:
            asked: list[tuple[Condition | Following, str]] = [(condition, place)]
            asked += [(then, f"{place}.{name}") for name, then, _ in _thens(condition)]
            found = []
            for one, at in asked:
                row = FeatureDeclaration(name="rows", count="rows", source=one.source)
                rows = RowsOf.of(row, tables, connection, place=at, never=never)
                found.append((rows.role, rows.conditions(one.where)))
                tables = rows.tables
            steps.append(found)
        snapshot = replace(snapshot, sources=tables)
        queries: list[str] = []
        used = {"customer_id", "timestamp"}
        for (condition, _), (first, *thens) in zip(conditions, steps, strict=True):
            expressions = [_rows(one, snapshot, zone) for one in (first, *thens)]
            for each in expressions:
                used |= {field.name for field in each.op().find(ops.Field)}
            texts = [str(ibis.to_sql(one, dialect="duckdb")) for one in expressions]
            queries.append(_counted(condition, texts, cutoff))
        return cls(snapshot, cutoff, tuple(queries), frozenset(used))

    def counts(self, connection: Connection, part: Collection[int]) -> list[pa.Table]:
        """Return of some buckets a table of `customer_id` and `rows` for each of the counts."""
        self.snapshot.open(connection, part)
        for role, rows in self.snapshot.role_queries(self.cutoff, self.used).items():
            connection.run(
                f"CREATE OR REPLACE TEMP TABLE {quoted(role.value)} AS {rows}",
                step=f"read the {role.value} of buckets {part}",
            )
        step = f"count rows of buckets {part} by what follows"
        return [connection.arrow(query, step=step) for query in self.queries]


def _thens(condition: Condition) -> list[tuple[str, Following, bool]]:
    """Return what follows by its key, and whether it does."""
    both = (
        ("followed_by", condition.followed_by, True),
        ("not_followed_by", condition.not_followed_by, False),
    )
    return [(name, then, does) for name, then, does in both if then]


def _rows(step: _Step, snapshot: Snapshot, zone: str) -> ir.Table:
    role, conditions = step
    grain = GRAINS[role.value]
    read = {"customer_id", "timestamp"} | grain.columns(frozenset(one.column for one in conditions))
    table = role_table(role, snapshot.sources)
    rows = grain.build(table.select([name for name in table.columns if name in read]), zone)
    for one in conditions:
        rows = rows.filter(one.expression(rows))
    return rows.select("customer_id", "timestamp")


def _counted(condition: Condition, steps: Sequence[str], cutoff: datetime) -> str:
    """Return the query of the rows of the first step, each with the next row of the others."""
    end = f"{literal(cutoff.isoformat())}::TIMESTAMP"
    joins, tests = [], ["true"]
    for number, (_, then, follows) in enumerate(_thens(condition)):
        soon = int(duration(then.within).total_seconds())
        last = f"first.timestamp + INTERVAL {soon} SECOND"
        joins.append(
            f"ASOF LEFT JOIN ({steps[number + 1]}) AS then{number} ON "
            f"first.customer_id = then{number}.customer_id "
            f"AND first.timestamp < then{number}.timestamp"
        )
        came = f"coalesce(then{number}.timestamp <= {last}, false)"
        tests.append(came if follows else f"(NOT {came} AND {last} <= {end})")
    if condition.window:
        start = window_start(cutoff, duration(condition.window))
        tests.append(f"first.timestamp >= {literal(start.isoformat())}::TIMESTAMP")
    return (
        f"SELECT first.customer_id AS customer_id, count(*)::DOUBLE AS rows "
        f"FROM ({steps[0]}) AS first {' '.join(joins)} "
        f"WHERE {' AND '.join(tests)} GROUP BY ALL"
    )
