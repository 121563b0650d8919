"""The main job on real customers: the counts are those that are known of each data set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from customer_atlas import Atlas

Shared = Callable[[str], Path]

ONLINE_RETAIL = """\
project: online-retail
timezone: Europe/London
sources:
  orders:
    path: {path}
    role: transactions
    columns: {{customer_id: CustomerID, timestamp: InvoiceDate, amount: "Quantity * UnitPrice",
      order_id: InvoiceNo, product: StockCode, quantity: Quantity}}
"""

CDNOW = """\
project: cdnow
sources:
  orders: {{path: {path}, role: transactions, columns: {{timestamp: date}}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str, Path], Path]:
    def made(text: str, data: Path) -> Path:
        path = tmp_path / "atlas.yaml"
        path.write_text(text.format(path=data), encoding="utf-8")
        return path

    return made


@pytest.fixture(scope="session")
def online_retail(shared_data: Shared) -> pd.DataFrame:
    rows = pd.read_parquet(shared_data("online_retail") / "online_retail.parquet")
    rows = rows[rows["CustomerID"].notna()]
    return rows.assign(
        customer=rows["CustomerID"].astype("int64").astype(str),
        amount=rows["Quantity"] * rows["UnitPrice"],
    )


def test_online_retail_has_a_segment_for_each_of_its_4372_customers(
    shared_data: Shared, project: Callable[[str, Path], Path], online_retail: pd.DataFrame
) -> None:
    path = shared_data("online_retail") / "online_retail.parquet"
    with Atlas.open(project(ONLINE_RETAIL, path)) as atlas:
        (result,) = atlas.run()
        members = atlas.members().to_pandas()
        features = atlas.features().table().to_pandas().set_index("customer_id")
    (orders,) = result.sources
    assert (orders.read, orders.kept) == (541_909, 406_829)
    assert orders.reasons == {"missing_customer": 135_080}
    assert len(members) == members["customer_id"].nunique() == 4_372
    assert 3 <= len(result.segments) <= 20

    by_customer = online_retail.groupby("customer")
    paid = online_retail[online_retail["amount"] > 0].groupby("customer")
    pd.testing.assert_series_equal(
        features["monetary"], by_customer["amount"].sum(), check_names=False, rtol=1e-9, atol=1e-6
    )
    orders_paid = paid["InvoiceNo"].nunique().reindex(features.index, fill_value=0)
    assert (features["frequency"] == orders_paid).all()
    returned = online_retail["InvoiceNo"].str.startswith("C")
    assert (online_retail[returned]["amount"] < 0).all()


def test_cdnow_equals_the_published_summary_customer_by_customer(
    shared_data: Shared, project: Callable[[str, Path], Path]
) -> None:
    folder = shared_data("cdnow")
    with Atlas.open(project(CDNOW, folder / "cdnow_master.csv")) as atlas:
        (result,) = atlas.run(as_of="1997-09-30T00:00:00.000001")
        features = atlas.published().features().to_pandas().set_index("customer_id")
        members = atlas.members()
    (orders,) = result.sources
    assert (orders.read, orders.kept) == (69_659, 69_659)
    assert result.as_of == datetime(1997, 9, 30, 0, 0, 0, 1)
    assert members.num_rows == 23_570

    sample = pd.read_csv(folder / "cdnow_sample.csv", dtype=str)
    master = sample.drop_duplicates("sample_id").set_index("sample_id")["master_id"]
    published = pd.read_csv(folder / "cdnow_customers_summary.csv")
    ours = features.loc[[master[f"{number:04d}"] for number in published["ID"]]]
    assert len(ours) == 2_357
    repeat_days = ours["purchase_days"].to_numpy() - 1
    np.testing.assert_array_equal(repeat_days, published["frequency"])
    np.testing.assert_allclose(ours["tenure_days"] / 7, published["recency"], atol=0.005001)
    np.testing.assert_allclose(ours["age_days"] / 7, published["T"], atol=0.005001)


def test_cdnow_has_a_segment_for_each_of_its_23570_customers(
    shared_data: Shared, project: Callable[[str, Path], Path]
) -> None:
    with Atlas.open(project(CDNOW, shared_data("cdnow") / "cdnow_master.csv")) as atlas:
        atlas.run()
        members = atlas.members()
        (again,) = atlas.run()
    ids = members["customer_id"].to_pylist()
    assert len(ids) == len(set(ids)) == 23_570
    assert "00001" in ids
    assert not again.changed
