"""Features equal an independent computation, at any cutoff, in any order of rows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pandas.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.config import ColumnType, Role
from customer_atlas.errors import FeatureError
from customer_atlas.features.plan import Plan
from customer_atlas.features.population import Population
from customer_atlas.features.roles import SourceTable
from tests.features.conftest import Compute
from tests.features.frames import assert_same, of_messages, of_transactions
from tests.features.oracle import transaction_features

CUTOFF = datetime(2026, 3, 1, 12, 30, 0, 1)
START = CUTOFF - timedelta(days=500)

amounts = st.integers(-5_000, 20_000).map(lambda cents: cents / 100)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["ann", "bob", "cyd", "dée"]),
            "timestamp": st.integers(0, 510 * 24 * 60).map(lambda m: START + timedelta(minutes=m)),
            "amount": amounts,
            "order_id": st.sampled_from([f"o{i}" for i in range(8)]),
            "product": st.sampled_from(["p", "q", "r"]),
            "category": st.sampled_from(["tea", "cake", None]),
            "quantity": st.integers(-2, 9).map(float),
            "discount": st.integers(0, 300).map(lambda cents: cents / 100),
        }
    ),
    min_size=1,
    max_size=40,
).map(pd.DataFrame)

messages = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["ann", "bob", "cyd"]),
            "timestamp": st.integers(0, 510 * 24).map(lambda h: START + timedelta(hours=h)),
            "campaign": st.sampled_from(["spring", "summer", "autumn"]),
            "action": st.sampled_from(
                ["sent", "sent", "open", "open", "click", "convert", "unsubscribe", "complain"]
            ),
        }
    ),
    min_size=1,
    max_size=40,
).map(pd.DataFrame)


@given(rows)
def test_every_transaction_feature_equals_the_definition_in_plain_python(
    compute: Compute, rows: pd.DataFrame
) -> None:
    expected = transaction_features(rows, CUTOFF)
    if expected.empty:
        return
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF)
    pandas.testing.assert_frame_equal(
        found[expected.columns], expected, check_dtype=False, rtol=1e-9, atol=1e-9
    )


@given(rows, st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"]))
def test_every_transaction_feature_equals_the_definition_over_whole_frames(
    compute: Compute, rows: pd.DataFrame, zone: str
) -> None:
    expected = of_transactions(rows, CUTOFF, zone)
    if expected.empty:
        return
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF, zone=zone)
    assert_same(found, expected)


@given(messages)
def test_every_message_feature_equals_the_definition(
    compute: Compute, messages: pd.DataFrame
) -> None:
    expected = of_messages(messages, CUTOFF, "Europe/Berlin")
    if not expected.empty:
        found = compute({Role.MESSAGES: messages}, CUTOFF, zone="Europe/Berlin")
        assert_same(found, expected)


@given(rows)
def test_rows_at_or_after_the_cutoff_change_nothing(compute: Compute, rows: pd.DataFrame) -> None:
    before = rows[rows["timestamp"] < CUTOFF]
    if before.empty:
        return
    later = before.assign(timestamp=CUTOFF, amount=1e6, quantity=99.0)
    planted = pd.concat([later, rows, later.assign(customer_id="from the future")])
    pandas.testing.assert_frame_equal(
        compute({Role.TRANSACTIONS: planted}, CUTOFF), compute({Role.TRANSACTIONS: before}, CUTOFF)
    )


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    compute: Compute, rows: pd.DataFrame, random: object
) -> None:
    shuffled = rows.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]
    if (rows["timestamp"] >= CUTOFF).all():
        return
    pandas.testing.assert_frame_equal(
        compute({Role.TRANSACTIONS: rows}, CUTOFF),
        compute({Role.TRANSACTIONS: shuffled}, CUTOFF),
        rtol=1e-9,
        atol=1e-9,
    )


def test_orders_without_amounts_have_no_money_features(compute: Compute) -> None:
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a", "a", "b"],
                "timestamp": [CUTOFF - timedelta(days=d) for d in (9, 3, 1)],
            }
        },
        CUTOFF,
    )
    assert not {"monetary", "spend_30d", "order_value_mean", "return_share"} & set(found.columns)
    assert found.loc["a", "frequency"] == 2
    assert found.loc["a", "recency_days"] == 3


def test_an_order_of_unknown_amount_is_no_order_of_positive_amount(compute: Compute) -> None:
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a", "a", "b"],
                "timestamp": [CUTOFF - timedelta(days=d) for d in (9, 3, 1)],
                "order_id": ["1", "2", "3"],
                "amount": [7.0, None, None],
            }
        },
        CUTOFF,
    )
    assert found["frequency"].to_dict() == {"a": 1, "b": 0}
    assert found["orders_30d"].to_dict() == {"a": 1, "b": 0}
    assert found.loc["a", "recency_days"] == 9
    assert pd.isna(found.loc["b", "recency_days"])
    assert found["purchase_days"].to_dict() == {"a": 2, "b": 1}


def test_without_an_order_id_the_rows_of_one_instant_are_one_order(compute: Compute) -> None:
    morning, noon = CUTOFF - timedelta(hours=4), CUTOFF - timedelta(hours=1)
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a", "a", "a"],
                "timestamp": [morning, morning, noon],
                "amount": [1.0, 2.0, 3.0],
            }
        },
        CUTOFF,
    )
    assert found.loc["a", "frequency"] == 2
    assert found.loc["a", "order_value_mean"] == 3.0


def test_a_product_table_lends_its_category(compute: Compute) -> None:
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a"] * 3,
                "timestamp": [CUTOFF - timedelta(days=1)] * 3,
                "amount": [30.0, 10.0, 60.0],
                "product": ["green", "scone", "unlisted"],
            },
            Role.PRODUCTS: {"product": ["green", "scone"], "category": ["tea", "cake"]},
        },
        CUTOFF,
        Population(categories=("tea",)),
    )
    assert found.loc["a", "category_breadth"] == 2
    assert found.loc["a", "share_tea"] == 0.75


def test_events_are_counted_and_split_into_sessions(compute: Compute) -> None:
    minutes = [0, 10, 39, 80, 81]
    found = compute(
        {
            Role.EVENTS: {
                "customer_id": ["a"] * 5 + ["b"],
                "timestamp": [CUTOFF - timedelta(days=40) + timedelta(minutes=m) for m in minutes]
                + [CUTOFF - timedelta(days=2)],
                "type": ["view", "view", "cart", "view", "buy", "view"],
            }
        },
        CUTOFF,
        Population(event_types=("view", "cart")),
    )
    assert found.loc["a", "sessions"] == 2
    assert found.loc["a", "events_count"] == 5
    assert found.loc["a", "events_30d"] == 0
    assert found.loc["b", "events_30d"] == 1
    assert found.loc["a", "share_type_view"] == 0.6
    assert found.loc["b", "share_type_cart"] == 0
    assert found.loc["b", "events_recency_days"] == 2


def test_a_declared_session_id_wins_over_the_pause_between_events(compute: Compute) -> None:
    found = compute(
        {
            Role.EVENTS: {
                "customer_id": ["a"] * 3,
                "timestamp": [CUTOFF - timedelta(minutes=m) for m in (3, 2, 1)],
                "session_id": ["s", "t", "s"],
            }
        },
        CUTOFF,
    )
    assert found.loc["a", "sessions"] == 2


def test_responses_to_messages_are_counted_per_campaign_sent(compute: Compute) -> None:
    actions = ["sent", " Sent", "OPENED", "click", "Converted", "send"]
    found = compute(
        {
            Role.MESSAGES: {
                "customer_id": ["a"] * 5 + ["b"],
                "timestamp": [CUTOFF - timedelta(days=day) for day in (9, 8, 7, 6, 5, 4)],
                "campaign": ["spring", "summer", "spring", "spring", "summer", "spring"],
                "action": actions,
            }
        },
        CUTOFF,
    )
    assert found.loc["a", "messages_sent"] == 2
    assert found.loc["a", "open_rate"] == 0.5
    assert found.loc["a", "click_rate"] == 0.5
    assert found.loc["a", "conversions"] == 1
    assert found.loc["a", "conversion_recency_days"] == 5
    assert found.loc["b", "messages_sent"] == 1
    assert found.loc["b", "open_rate"] == 0
    assert found.loc["b", "conversions"] == 0
    assert pd.isna(found.loc["b", "conversion_recency_days"])


def test_attributes_are_those_that_held_at_the_cutoff(compute: Compute) -> None:
    found = compute(
        {
            Role.CUSTOMERS: {
                "customer_id": ["a", "a", "a", "b"],
                "valid_from": [
                    CUTOFF - timedelta(days=90),
                    CUTOFF - timedelta(days=10),
                    CUTOFF + timedelta(days=1),
                    CUTOFF - timedelta(days=1),
                ],
                "city": ["Leeds", "York", "Bath", "Hull"],
                "vip": [False, True, False, False],
                "joined": [CUTOFF - timedelta(days=100)] * 4,
            }
        },
        CUTOFF,
        Population(
            attributes={
                "city": ColumnType.TEXT,
                "vip": ColumnType.BOOLEAN,
                "joined": ColumnType.TIMESTAMP,
            }
        ),
    )
    assert found["city"].to_dict() == {"a": "York", "b": "Hull"}
    assert found["vip"].to_dict() == {"a": 1.0, "b": 0.0}
    assert found.loc["a", "joined"] == 100


def test_customers_without_any_row_of_behaviour_are_there_with_zeros(compute: Compute) -> None:
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a"],
                "timestamp": [CUTOFF - timedelta(days=1)],
                "amount": [5.0],
            },
            Role.CUSTOMERS: {"customer_id": ["a", "never bought"], "city": ["Leeds", "York"]},
        },
        CUTOFF,
        Population(attributes={"city": ColumnType.TEXT}),
    )
    assert found.loc["never bought", "frequency"] == 0
    assert found.loc["never bought", "monetary"] == 0
    assert pd.isna(found.loc["never bought", "recency_days"])
    assert found.loc["never bought", "city"] == "York"


def test_packs_that_no_source_feeds_are_refused_with_what_to_do() -> None:
    stock = SourceTable("stock", Role.PRODUCTS, {"product": ColumnType.TEXT})
    with pytest.raises(FeatureError, match="Add a source with the role transactions"):
        Plan.of(("rfm", "basket"), (stock,), Population())


def test_a_pause_of_a_hair_over_30_minutes_begins_another_session(compute: Compute) -> None:
    start = datetime(2026, 2, 1, 10, 0, 0, 200_000)
    half_hour = timedelta(minutes=30)
    found = compute(
        {
            Role.EVENTS: {
                "customer_id": ["a", "a", "b", "b"],
                "timestamp": [
                    start,
                    start + half_hour + timedelta(milliseconds=500),
                    start,
                    start + half_hour,
                ],
            }
        },
        CUTOFF,
    )
    assert found["sessions"].to_dict() == {"a": 2, "b": 1}


def test_events_of_one_instant_are_one_session_and_a_pause_is_no_declared_session(
    compute: Compute,
) -> None:
    at = CUTOFF - timedelta(days=1)
    found = compute(
        {
            Role.EVENTS: {
                "customer_id": ["a"] * 3000 + ["b", "b"],
                "timestamp": [at] * 3000 + [at, at],
                "session_id": [None] * 3000 + ["1", None],
            }
        },
        CUTOFF,
    )
    assert found["sessions"].to_dict() == {"a": 1, "b": 2}


def test_names_that_differ_by_case_or_belong_to_another_feature_get_a_number(
    compute: Compute,
) -> None:
    found = compute(
        {
            Role.TRANSACTIONS: {
                "customer_id": ["a"] * 4,
                "timestamp": [CUTOFF - timedelta(days=1)] * 4,
                "amount": [10.0, 30.0, 20.0, 40.0],
                "category": ["Tea", "tea", "cake", "cake"],
            },
            Role.CUSTOMERS: {
                "customer_id": ["a"],
                "frequency": [77.0],
                "share_cake": [0.5],
                "self": ["x"],
            },
        },
        CUTOFF,
        Population(
            categories=("Tea", "tea", "cake"),
            attributes={
                "frequency": ColumnType.NUMBER,
                "share_cake": ColumnType.NUMBER,
                "self": ColumnType.TEXT,
            },
        ),
        packs=("attributes", "attributes", "rfm", "categories"),
    )
    shown = found.loc["a"]
    assert (shown["frequency"], shown["frequency_2"]) == (1, 77)
    assert (shown["share_Tea"], shown["share_tea_2"]) == (0.1, 0.3)
    assert {shown["share_cake"], shown["share_cake_2"]} == {0.6, 0.5}
    assert shown["self"] == "x"


def test_attributes_that_are_all_unfit_are_named_with_their_reasons() -> None:
    people = SourceTable("people", Role.CUSTOMERS, {"customer_id": ColumnType.TEXT})
    population = Population(left_out={"email": "an identifier", "sex": "protected"})
    with pytest.raises(FeatureError, match="used are 'email': an identifier; 'sex': protected"):
        Plan.of(("attributes",), (people,), population)
