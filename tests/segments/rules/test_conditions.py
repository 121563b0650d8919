"""Conditions in Python, in SQL and in words."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import sqlglot
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.config import Condition
from customer_atlas.errors import UnknownNameError
from customer_atlas.features import FeatureInfo
from customer_atlas.segments import DIALECTS, Dialect, customers_sql, holds, say_condition

INFOS = {
    "orders_90d": FeatureInfo("orders_90d", "rfm", "orders", "orders in 90 days", zero=True),
    "recency": FeatureInfo("recency", "rfm", "days", "days since the last order"),
    "discount": FeatureInfo("discount", "rfm", "share", "share bought at a discount"),
    "country": FeatureInfo("country", "geographic", "category", "country", kind="category"),
}
NUMBERS = [name for name, info in INFOS.items() if info.kind == "number"]
COUNTRIES = ["DE", "FR", "O'Neill", 'a "b"', "", "NaN"]

figures = st.one_of(
    st.integers(-3, 9).map(float), st.floats(-1e6, 1e6), st.sampled_from([0.1, 1e-300, 1e300])
)
values = st.one_of(st.none(), st.just(float("nan")), st.just(float("inf")), figures)


@st.composite
def single_tests(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        name = draw(st.sampled_from(NUMBERS))
        low, high = sorted([draw(figures), draw(figures)])
        test: dict[str, Any] = draw(
            st.sampled_from([
                {"at_least": low}, {"above": low}, {"at_most": low}, {"below": low},
                {"equals": low}, {"between": [low, high]}, {"at_least": low, "below": high},
                {"known": True}, {"known": False},
            ])
        )  # fmt: skip
    else:
        name = "country"
        test = draw(
            st.sampled_from([
                {"is": "DE"}, {"is": "O'Neill"}, {"in": ["FR", 'a "b"']}, {"in": [""]},
                {"known": True}, {"known": False},
            ])
        )  # fmt: skip
    return {"feature": name, **test}


declared = st.recursive(
    single_tests(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
conditions = declared.map(Condition.of)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    count = draw(st.integers(0, 12))
    columns: dict[str, pa.Array] = {"customer_id": pa.array([f"c{i}" for i in range(count)])}
    for name in NUMBERS:
        drawn = draw(st.lists(values, min_size=count, max_size=count))
        columns[name] = pa.array(drawn, pa.float64())
    texts = st.one_of(st.none(), st.sampled_from(COUNTRIES))
    drawn_texts = draw(st.lists(texts, min_size=count, max_size=count))
    columns["country"] = pa.array(drawn_texts, pa.string())
    return pa.table(columns)


def customers(query: str, features: pa.Table) -> list[str]:
    """The customers that DuckDB finds."""
    with duckdb.connect() as connection:
        connection.register("features", features)
        return sorted(row[0] for row in connection.execute(query).fetchall())


@settings(max_examples=60)
@given(condition=conditions, table=tables())
def test_the_query_finds_exactly_the_customers_of_whom_the_condition_holds(
    condition: Condition, table: pa.Table
) -> None:
    mask = holds(condition, table, INFOS)

    found = customers(customers_sql(condition, INFOS), table)

    assert found == sorted(table["customer_id"].filter(pa.array(mask)).to_pylist())


@given(condition=conditions, table=tables())
def test_not_is_the_complement_the_unknown_among_it(condition: Condition, table: pa.Table) -> None:
    mask = holds(condition, table, INFOS)

    assert (holds(Condition(not_=condition), table, INFOS) == ~mask).all()
    query = customers_sql(Condition(not_=condition), INFOS)
    outside = customers(query, table)
    assert outside == sorted(table["customer_id"].filter(pa.array(~mask)).to_pylist())


@given(table=tables(), bound=figures)
def test_an_unknown_value_fulfils_no_comparison(table: pa.Table, bound: float) -> None:
    recency = table["recency"].to_pylist()
    unknown = [value is None or np.isnan(value) for value in recency]
    for sign in ("at_least", "above", "at_most", "below", "equals"):
        mask = holds(Condition.of({"feature": "recency", sign: bound}), table, INFOS)
        assert not (mask & np.array(unknown, bool)).any()


def test_a_missing_count_is_none_at_all() -> None:
    table = pa.table({"customer_id": ["a", "b"], "orders_90d": [None, 2.0]})

    none = Condition.of({"feature": "orders_90d", "equals": 0})

    assert holds(none, table, INFOS).tolist() == [True, False]
    assert customers(customers_sql(none, INFOS), table) == ["a"]


@given(written=declared)
def test_a_condition_survives_the_way_to_yaml_and_json_and_back(written: dict[str, Any]) -> None:
    condition = Condition.of(written)

    assert Condition.of(yaml.safe_load(yaml.safe_dump(condition.to_dict()))) == condition
    assert Condition.of(json.loads(json.dumps(condition.to_dict()))) == condition


@settings(max_examples=15)
@pytest.mark.parametrize("dialect", DIALECTS)
@given(condition=conditions)
def test_every_dialect_reads_its_query_back(condition: Condition, dialect: Dialect) -> None:
    query = customers_sql(condition, INFOS, dialect, table="crm.features")

    (parsed,) = sqlglot.parse(query, dialect=dialect)

    assert parsed is not None
    assert sqlglot.parse_one(parsed.sql(dialect=dialect), dialect=dialect) == parsed


def test_dialects_quote_and_cast_in_their_own_way() -> None:
    condition = Condition.of({"feature": "recency", "at_least": 0.1})
    queries = {name: customers_sql(condition, INFOS, name) for name in DIALECTS}

    assert "`recency` >= CAST('0.1' AS FLOAT64)" in queries["bigquery"]
    assert "IF(IS_NAN(`recency`), NULL, `recency`)" in queries["bigquery"]
    assert "NULLIF(`recency`, CAST('NaN' AS DOUBLE))" in queries["spark"]
    assert "NULLIF(\"recency\", CAST('NaN' AS DOUBLE))" in queries["snowflake"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"feature": "recency", "at_most": 12}, "the last order at most 12 days ago"),
        ({"feature": "discount", "between": [0.1, 0.25]},
         "share bought at a discount from 10% to 25%"),
        ({"feature": "country", "in": ["DE", "FR", "IT"]}, "country DE, FR or IT"),
        ({"not": {"feature": "country", "known": False}}, "not (country unknown)"),
        ({"feature": "orders_90d", "at_least": 1234.5}, "orders in 90 days at least 1,234.5"),
        (
            {"all": [
                {"any": [{"feature": "recency", "below": 3}, {"feature": "recency", "above": 9}]},
                {"rule": "loyal"},
            ]},
            "(the last order below 3 days ago, or the last order above 9 days ago) and in the rule"
            " segment “loyal”",
        ),
        (
            {"count": "rows", "from": "events", "where": "type = 'view'", "window": "7d",
             "at_least": 2, "not_followed_by": {"from": "orders", "within": "2d"}},
            "rows in events where type = 'view' in the last 7d not followed within 2d by orders:"
            " at least 2",
        ),
    ],
    ids=["since", "share", "in", "not", "figure", "nested", "rows"],
)  # fmt: skip
def test_conditions_are_said_in_words_with_every_figure_as_it_is(
    written: dict[str, Any], said: str
) -> None:
    assert say_condition(Condition.of(written), INFOS) == said


def test_a_feature_that_is_not_there_is_named_with_the_nearest() -> None:
    condition = Condition.of({"feature": "recencey", "at_most": 3})
    with pytest.raises(UnknownNameError, match="Did you mean 'recency'"):
        holds(condition, pa.table({"recency": [1.0]}), INFOS)
    with pytest.raises(UnknownNameError, match="Did you mean 'recency'"):
        customers_sql(condition, INFOS)
