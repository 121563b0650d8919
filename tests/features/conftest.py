"""Compute features of tables that are in memory, by a query and live, and see that they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pandas.testing
import pyarrow as pa
import pytest

from customer_atlas.config import ColumnType, RfmCuts, Role
from customer_atlas.config.models import PACKS
from customer_atlas.engine import DuckDB
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Vocabulary
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable, role_expressions, rows_of

Compute = Callable[..., pd.DataFrame]


def _lake_type(kind: pa.DataType) -> ColumnType:
    if pa.types.is_timestamp(kind):
        return ColumnType.TIMESTAMP
    if pa.types.is_boolean(kind):
        return ColumnType.BOOLEAN
    return ColumnType.NUMBER if pa.types.is_floating(kind) else ColumnType.TEXT


def _table(rows: Mapping[str, Any] | pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
    columns = {}
    for field in table.schema:
        values = table[field.name]
        if pa.types.is_integer(field.type):
            values = values.cast(pa.float64())
        elif pa.types.is_timestamp(field.type):
            values = values.cast(pa.timestamp("us"))
        elif pa.types.is_large_string(field.type) or pa.types.is_null(field.type):
            values = values.cast(pa.string())
        columns[field.name] = values
    count = table.num_rows
    columns["_file"] = pa.array(["file"] * count, pa.string())
    columns["_row"] = pa.array([float(i) for i in range(count)], pa.float64())
    return pa.table(columns)


@pytest.fixture(scope="session")
def compute() -> Compute:
    """Return a function from tables by role to a data frame of features by customer."""

    def features(
        tables: Mapping[Role, Any],
        cutoff: datetime,
        population: Population | None = None,
        packs: tuple[str, ...] = PACKS,
        zone: str = "UTC",
        cuts: RfmCuts | None = None,
    ) -> pd.DataFrame:
        arrow = {role: _table(rows) for role, rows in tables.items()}
        sources = tuple(
            SourceTable(
                role.value, role, {field.name: _lake_type(field.type) for field in table.schema}
            )
            for role, table in arrow.items()
        )
        plan = Plan.of(packs, sources, population or Population(), zone, cuts=cuts)
        with DuckDB(threads=1).connect() as connection:
            for source in sources:
                connection.register(source.view, arrow[source.role])
            for role, expression in role_expressions(sources, cutoff).items():
                query = ibis.to_sql(expression, dialect="duckdb")
                connection.run(f"CREATE TEMP TABLE {role.value} AS {query}", step="open")
            query = ibis.to_sql(plan.expression(cutoff), dialect="duckdb")
            found = connection.arrow(query, step="features")
            learned = replace(plan.population, learned=plan.learned_from(found, cutoff))
            plan = replace(plan, population=learned)
            rows: dict[Role, pa.Table] = {
                role: connection.arrow(f"SELECT * FROM {role.value}", step="rows")
                for role in tables
                if role not in (Role.CUSTOMERS, Role.PRODUCTS)
            }
        batch = plan.finish(found, cutoff)
        pandas.testing.assert_frame_equal(
            live(plan, rows, found, cutoff).to_pandas(), batch.to_pandas(), rtol=1e-9, atol=1e-9
        )
        return batch.to_pandas().set_index("customer_id")

    return features


def live(plan: Plan, rows: Mapping[Role, pa.Table], found: pa.Table, cutoff: datetime) -> pa.Table:
    """Return the features of the customers in `found` again, from rows that come in pieces."""
    customers, words = Vocabulary(), Vocabulary()
    customers.codes(found["customer_id"])
    state = LiveState.of(plan.aggregates, plan.zone)
    for start in (2, 0, 1):
        pieces = {
            role: rows_of(
                role,
                table.take(pa.array(range(start, table.num_rows, 3), pa.int64())),
                customers,
                words,
            )
            for role, table in rows.items()
        }
        state = state.add(pieces)
    attributes = [found[f"c{i}"] for i in range(len(plan.attributes))]
    values = state.values(cutoff, found.num_rows)
    return plan.table(found["customer_id"], values, attributes, cutoff)
