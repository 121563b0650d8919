"""Features of events equal their definitions, by a query and by states, however rows arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.config import ACTS, ROLES, Role
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Vocabulary
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable, role_expressions, rows_of
from tests.features.aggregates.conformance import arrow
from tests.features.conftest import Compute
from tests.features.oracle_events import check_equal, event_features

CUTOFF = datetime(2026, 3, 29, 3, 30, 0, 1)  # the day on which Berlin's clocks go forward
NAMES = {"PV": "view", "weiter": "checkout", "view": "saved"}
WEB = SourceTable("web", Role.EVENTS, ROLES[Role.EVENTS].types, types=NAMES)
TYPES = ("view", "saved", "Add to Cart")
DONE = {
    "view": "view",
    "Add to Cart": "cart",
    "cart": "cart",
    "checkout": "checkout",
    "payment_details": "checkout",
    "Order Completed": "purchase",
    "search": "search",
}

minutes = st.one_of(
    st.sampled_from([0, 0, 1, 29, 30, 31, 60, 61, 90]),
    st.integers(0, 200),
    st.integers(0, 70 * 24 * 60),
)
slack = st.sampled_from([0, 0, 0, 1, -1])
rows = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["ann", "bob", "dée"]),
            "timestamp": st.builds(
                lambda ago, more: CUTOFF - timedelta(minutes=ago - 1, microseconds=more),
                minutes,
                slack,
            ),
            "type": st.sampled_from([*DONE, *NAMES, None, "scroll"]),
            "session_id": st.sampled_from([None, None, "s", "t"]),
            "product": st.sampled_from([None, "p", "q", "r"]),
            "category": st.sampled_from([None, "tea", "Änis"]),
            "channel": st.sampled_from([None, "app", "web"]),
        }
    ),
    min_size=1,
    max_size=40,
).map(pd.DataFrame)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """One connection for all queries."""
    with DuckDB(threads=1).connect() as opened:
        yield opened


@cache
def planned(zone: str) -> tuple[Plan, str, str]:
    """Return the plan, the query of the role's table and that of the aggregates."""
    population = Population(event_types=TYPES, acts=tuple(ACTS))
    plan = Plan.of(("engagement", "intent"), (WEB,), population, zone)
    table = role_expressions((WEB,), CUTOFF)[Role.EVENTS]
    texts = (ibis.to_sql(one, dialect="duckdb") for one in (table, plan.expression(CUTOFF)))
    role, aggregates = map(str, texts)
    return plan, role, aggregates


def by_states(plan: Plan, table: pa.Table, customers: pa.Array, random: Any) -> pa.Table:
    """Return the features of rows that arrive in pieces, in any order."""
    numbers, words = Vocabulary(), Vocabulary()
    numbers.codes(customers)
    state = LiveState.of(plan.aggregates, plan.zone)
    order = np.array(random.sample(range(len(table)), len(table)), dtype=np.int64)
    for piece in np.array_split(order, random.randint(1, 5)):
        arrived = rows_of(Role.EVENTS, table.take(piece), numbers, words)
        state = state.add({Role.EVENTS: arrived})
    return plan.table(customers, state.values(CUTOFF, len(customers)), [], CUTOFF)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@settings(deadline=timedelta(seconds=20))
@given(rows=rows, random=st.randoms(use_true_random=False))
def test_every_feature_of_events_equals_its_definition_by_a_query_and_by_states(
    connection: Connection, zone: str, rows: pd.DataFrame, random: Any
) -> None:
    if (rows["timestamp"] >= CUTOFF).all():
        return
    plan, role, aggregates = planned(zone)
    connection.register(WEB.view, arrow(rows, Role.EVENTS))
    table = connection.arrow(role, step="test")
    connection.register("events", table)
    found = connection.arrow(aggregates, step="test")
    learned = plan.learned_from(found, CUTOFF)
    plan = replace(plan, population=replace(plan.population, learned=learned))

    named = rows.assign(type=rows["type"].map(lambda kind: NAMES.get(kind, kind)))
    expected = event_features(named, CUTOFF, acts=DONE, types=TYPES, zone=zone)
    customers = found["customer_id"].combine_chunks()
    for made in (plan.finish(found, CUTOFF), by_states(plan, table, customers, random)):
        check_equal(made, expected)


def clicks(types: list[str], **columns: list[Any]) -> dict[str, list[Any]]:
    """Return one customer's events of some types, a minute apart."""
    times = [CUTOFF - timedelta(minutes=9 - place) for place in range(len(types))]
    return {"customer_id": ["a"] * len(types), "timestamp": times, "type": types, **columns}


def test_a_feature_of_an_act_that_nobody_does_is_left_out_and_not_0_for_all(
    compute: Compute,
) -> None:
    rows = clicks(["view", "view", "cart"], product=["p", "p", "q"], category=["t", "t", "t"])
    made = {
        acts: set(compute({Role.EVENTS: rows}, CUTOFF, Population(acts=acts), ("intent",)).columns)
        for acts in [("view",), ("view", "cart"), ("cart", "purchase"), ("search",)]
    }
    views = {"repeat_view_share", "top_viewed_category", "top_viewed_category_share"}
    carts = {"carts_30d", "cart_recency_days"}
    assert made["view",] == {"product_breadth"} | views
    assert made["view", "cart"] == {"product_breadth"} | views | carts
    assert made["cart", "purchase"] == {
        "product_breadth", "cart_sessions", "abandoned_sessions", "abandonment_rate",
    } | carts  # fmt: skip
    assert made["search",] == {"product_breadth", "searches_30d", "search_share"}


def test_who_has_no_event_has_no_engagement(compute: Compute) -> None:
    orders = {"customer_id": ["b"], "timestamp": [CUTOFF - timedelta(days=1)], "amount": [9.0]}
    found = compute({Role.EVENTS: clicks(["view"] * 4), Role.TRANSACTIONS: orders}, CUTOFF)
    assert found["engagement_score"].to_dict() == {"a": 50.0, "b": 0.0}
