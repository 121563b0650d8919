"""Lines that declare something like a feature are accepted, and say what the feature does."""

from __future__ import annotations

from datetime import datetime

import pytest

from customer_atlas.config import ROLES, ColumnType, FeatureDeclaration, Role
from customer_atlas.config.models import PACKS
from customer_atlas.engine import DuckDB
from customer_atlas.features import SourceTable, declare, origin_of
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import Population

COLUMNS = {role: dict(known.types) for role, known in ROLES.items()}
COLUMNS[Role.CUSTOMERS]["city"] = ColumnType.TEXT
SOURCES = tuple(SourceTable(f"of_{role.value}", role, own) for role, own in COLUMNS.items())
POPULATION = Population(
    categories=("tea", "o'clock"),
    event_types=("view",),
    attributes={"city": ColumnType.TEXT},
)
PLAN = Plan.of(PACKS, SOURCES, POPULATION)
CUTOFF = datetime(2024, 5, 31, 10, 17)


@pytest.mark.parametrize("name", [info.name for info in PLAN.infos])
def test_the_lines_for_any_feature_of_a_pack_are_accepted(name: str) -> None:
    origin = origin_of(PLAN, name, CUTOFF)
    assert origin
    lines = [FeatureDeclaration(**line) for line in origin.like]
    with DuckDB().connect() as connection:
        declared = declare(lines, SOURCES, connection, place=lambda one: one.name)
    names = {feature.info.name for feature in declared.joined(PLAN.features)}
    assert {line.name for line in lines} <= names
    assert bool(lines) == (origin.role is not Role.CUSTOMERS)


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("monetary", {"sum": "amount", "from": "transactions"}),
        (
            "orders_90d",
            {
                "distinct": "order_id",
                "from": "transactions",
                "where": "amount > 0",
                "window": "90d",
            },
        ),
        ("order_value_mean", {"ratio": ["my_order_value_mean_a", "my_order_value_mean_b"]}),
        ("trend_90d", {"trend": "my_trend_90d_now"}),
        ("gap_mean_days", {"gap_mean": "days", "from": "transactions"}),
    ],
)
def test_the_last_line_is_the_one_like_it(name: str, last: dict[str, object]) -> None:
    origin = origin_of(PLAN, name, CUTOFF)
    assert origin
    assert origin.like[-1] == {"name": f"my_{name}"} | last


def test_the_bounds_of_windows_are_exact() -> None:
    origin = origin_of(PLAN, "trend_90d", CUTOFF)
    assert origin
    now, before = origin.stretches
    assert (now.start, now.end) == (datetime(2024, 3, 2), CUTOFF)
    assert (before.start, before.end) == (datetime(2023, 12, 3), datetime(2024, 3, 2))
    assert before.words == "the 90 days before the last 90 days"


def test_the_columns_are_those_that_are_read_of_each_source() -> None:
    origin = origin_of(PLAN, "share_tea", CUTOFF)
    assert origin
    assert set(origin.sources["of_transactions"]) == {
        "customer_id", "timestamp", "amount", "product", "category",
    }  # fmt: skip
    assert origin.sources["of_products"] == ("product", "category")
    assert origin.learned == {"categories": ["tea", "o'clock"]}
    city = origin_of(PLAN, "city", CUTOFF)
    assert city is not None
    assert not city.stretches
    assert origin_of(PLAN, "nobody", CUTOFF) is None


def test_columns_that_a_declared_feature_computes_are_traced_to_what_they_read() -> None:
    line = FeatureDeclaration(
        **{"name": "left", "sum": "amount - discount", "from": "transactions"}
    )
    with DuckDB().connect() as connection:
        declared = declare([line], SOURCES, connection, place=lambda one: one.name)
    plan = Plan.of(PACKS, declared.sources, POPULATION, "UTC", declared)
    origin = origin_of(plan, "left", CUTOFF)
    assert origin
    read = ("customer_id", "timestamp", "amount", "discount")
    assert set(origin.sources["of_transactions"]) == set(read)
