"""What every aggregate must hold, as functions that raise AssertionError where one does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, reduce
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from customer_atlas.config import ROLES, Role
from customer_atlas.engine import Connection
from customer_atlas.features.aggregates import Aggregate
from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Rows, Vocabulary
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable, rows_of

CUSTOMERS = ("ann", "bob", "cyd", "nobody")
TOLERANCE = 1e-9


class Fed:
    """The state of aggregates that rows are added to, with its numbers for customers and words."""

    def __init__(self, aggregates: tuple[Aggregate, ...], zone: str = "UTC") -> None:
        self.customers, self.words = Vocabulary(), Vocabulary()
        for name in CUSTOMERS:
            self.customers.code(name)
        self.empty = LiveState.of(aggregates, zone)

    def state(self, rows: pd.DataFrame) -> LiveState:
        """Return the state of some rows."""
        return self.empty.add({Role.TRANSACTIONS: self.rows(rows)})

    def rows(self, rows: pd.DataFrame) -> Rows:
        """Return the rows as arrays."""
        table = arrow(rows)
        return rows_of(Role.TRANSACTIONS, table, self.customers, self.words)


def arrow(rows: pd.DataFrame, role: Role = Role.TRANSACTIONS) -> pa.Table:
    """Return rows as a table with every standard column of their role."""
    kinds = {"text": pa.string(), "number": pa.float64(), "timestamp": pa.timestamp("us")}
    columns = {
        name: pa.array(
            rows[name] if name in rows else [None] * len(rows), kinds[kind], from_pandas=True
        )
        for name, kind in ROLES[role].types.items()
    }
    return pa.table(columns)


def told(state: LiveState, cutoff: datetime) -> dict[Aggregate, list[Any]]:
    """Return the value of each customer, None where it is unknown."""
    found = state.values(cutoff, len(CUSTOMERS))
    return {one: _plain(values) for one, values in found.items()}


def queried(
    connection: Connection,
    aggregates: tuple[Aggregate, ...],
    rows: pd.DataFrame,
    cutoff: datetime,
    zone: str = "UTC",
) -> dict[Aggregate, list[Any]]:
    """Return the same by a query."""
    connection.register("transactions", arrow(rows))
    found = connection.arrow(_query(aggregates, cutoff, zone), step="test").to_pylist()
    by_customer = {row["customer_id"]: row for row in found}
    return {
        one: [
            _number(one.empty)
            if (value := by_customer.get(name, {}).get(f"a{i}")) is None
            else _number(value)
            for name in CUSTOMERS
        ]
        for i, one in enumerate(aggregates)
    }


@cache
def _query(aggregates: tuple[Aggregate, ...], cutoff: datetime, zone: str) -> str:
    source = SourceTable("rows", Role.TRANSACTIONS, ROLES[Role.TRANSACTIONS].types)
    features = tuple(
        Feature(FeatureInfo(f"f{i}", "test", "number", "test"), one)
        for i, one in enumerate(aggregates)
    )
    plan = Plan((source,), features, Population(), zone)
    return str(ibis.to_sql(plan.expression(cutoff), dialect="duckdb"))


def agree(left: dict[Aggregate, list[Any]], right: dict[Aggregate, list[Any]]) -> None:
    """Assert that values are the same within a relative 1e-9."""
    for aggregate, values in left.items():
        for mine, other in zip(values, right[aggregate], strict=True):
            assert _alike(mine, other), f"{aggregate}: {values} and {right[aggregate]}"


def check_merging(fed: Fed, pieces: Sequence[pd.DataFrame], cutoff: datetime) -> None:
    """Assert that pieces may be merged in any tree and any order."""
    states = [fed.state(piece) for piece in pieces]
    left = reduce(LiveState.merge, states, fed.empty)
    right = reduce(lambda done, one: one.merge(done), states[::-1], fed.empty)
    halves = [reduce(LiveState.merge, states[i::2], fed.empty) for i in range(2)]
    whole = fed.state(pd.concat(pieces))
    for other in (right, halves[1].merge(halves[0]), whole, whole.merge(fed.empty)):
        agree(told(left, cutoff), told(other, cutoff))


def _plain(values: Iterable[Any]) -> list[Any]:
    if isinstance(values, pa.Array):
        return [_number(value) for value in values.to_pylist()]
    return [_number(value) for value in np.asarray(values).tolist()]


def _number(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1)) / timedelta(microseconds=1)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _alike(left: Any, right: Any) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_alike, left, right))
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(left == right)
