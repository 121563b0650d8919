"""What is said of real data sets is true of them, and none is cried over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.data import Readiness, Severity

Shared = Callable[[str], Path]

RETAIL = """role: transactions, columns: {customer_id: CustomerID, timestamp: InvoiceDate,
    amount: "Quantity * UnitPrice", order_id: InvoiceNo, product: StockCode, quantity: Quantity}"""
SOUND = {
    "cdnow/cdnow_master.csv": "role: transactions, columns: {timestamp: date}",
    "hillstrom/hillstrom.csv": "role: customers",
    "telco_churn/telco_customer_churn.csv": "role: customers, columns: {customer_id: customerID}",
    "retentioneering_ecom/ecom.csv.gz": "role: events, "
    "columns: {customer_id: user_id, type: event}",
}


def checked(folder: Path, data: Path, declared: str, zone: str = "UTC") -> Readiness:
    project = folder / "atlas.yaml"
    project.write_text(
        f"project: real\ntimezone: {zone}\nsources:\n  rows: {{path: {data}, {declared}}}\n"
    )
    with Atlas.open(project) as atlas:
        return atlas.check()


def test_online_retail_lacks_customers_and_the_rest_is_worth_knowing(
    shared_data: Shared, tmp_path: Path
) -> None:
    path = shared_data("online_retail") / "online_retail.parquet"
    ready = checked(tmp_path, path, RETAIL, "Europe/London")
    rows = pd.read_parquet(path)
    known = rows[rows["CustomerID"].notna()]
    said = {one.code + (f" {one.column}" if one.column else ""): one for one in ready.findings}
    serious = [one.code for one in ready.findings if one.severity is not Severity.INFORMATION]
    assert serious == ["refused"]
    assert f"{rows['CustomerID'].isna().sum():,} of {len(rows):,} rows (25 %)" in (
        said["refused"].sentence
    )
    returns = (known["Quantity"] < 0).sum()
    assert f"{returns:,} rows ({100 * returns / len(known):.1f} %)" in (
        said["negative quantity"].sentence
    )
    assert "up to 80,995" in said["far_out quantity"].sentence
    assert "from 2010-12-24 to 2011-01-03" in said["gap"].sentence
    assert "2011-12-09" in said["fresh"].sentence


def test_the_income_of_666666_is_found(shared_data: Shared, tmp_path: Path) -> None:
    path = shared_data("customer_personality") / "marketing_campaign.csv"
    ready = checked(tmp_path, path, "role: customers, columns: {customer_id: ID}")
    (mend,) = ready.mend_first
    assert (mend.code, mend.column) == ("sentinel", "Income")
    assert 'Income: "NULLIF(Income, 666666)"' in mend.action


@pytest.mark.parametrize("name", SOUND)
def test_sound_data_is_left_in_peace(shared_data: Shared, tmp_path: Path, name: str) -> None:
    folder, file = name.split("/")
    ready = checked(tmp_path, shared_data(folder) / file, SOUND[name])
    assert ready.score == 100
    assert not ready.mend_first
