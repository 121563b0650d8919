"""Real data sets give the counts that are known of them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from customer_atlas.config import ColumnType
from tests.data.conftest import Shop

Find = Callable[[str], Path]
RETAIL = {
    "customer_id": "CustomerID",
    "timestamp": "InvoiceDate",
    "amount": "Quantity * UnitPrice",
    "order_id": "InvoiceNo",
    "product": "StockCode",
}


def test_online_retail(shop: Shop, shared_data: Find) -> None:
    path = str(shared_data("online_retail") / "online_retail.parquet")
    shop.settings |= {"path": path, "columns": RETAIL, "where": "CustomerID IS NOT NULL"}
    report = shop.ingest()
    assert (report.read, report.kept, report.filtered) == (541_909, 406_829, 135_080)
    # 5,225 is known of this data set.
    assert report.look_alikes == 5_225
    assert shop.rows("count(DISTINCT customer_id), min(customer_id)") == [(4_372, "12346")]
    cancelled = "FILTER (WHERE order_id LIKE 'C%')"
    assert shop.rows(f"count(*) {cancelled}, max(amount) {cancelled} < 0") == [(8_905, True)]
    shop.settings["where"] = None
    report = shop.ingest()
    assert (report.kept, report.reasons) == (406_829, {"missing_customer": 135_080})


def test_cdnow(shop: Shop, shared_data: Find) -> None:
    shop.settings |= {
        "path": str(shared_data("cdnow") / "cdnow_master.csv"),
        "columns": {"timestamp": "date"},
    }
    report = shop.ingest()
    assert (report.read, report.kept) == (69_659, 69_659)
    assert shop.rows("count(DISTINCT customer_id), min(customer_id), min(timestamp)") == [
        (23_570, "00001", datetime(1997, 1, 1))
    ]


def test_customer_personality(shop: Shop, shared_data: Find) -> None:
    shop.settings |= {
        "path": str(shared_data("customer_personality") / "marketing_campaign.csv"),
        "role": "customers",
        "columns": {"customer_id": "ID"},
    }
    assert shop.ingest().kept == 2_240
    columns = shop.lake().table("orders").columns()
    assert (columns["Income"], columns["Dt_Customer"]) == (ColumnType.NUMBER, ColumnType.TIMESTAMP)


def test_telco_churn(shop: Shop, shared_data: Find) -> None:
    shop.settings |= {
        "path": str(shared_data("telco_churn") / "telco_customer_churn.csv"),
        "role": "customers",
        "columns": {"customer_id": "customerID"},
    }
    assert shop.ingest().kept == 7_043
    assert shop.rows("count(*) - count(TotalCharges)") == [(11,)]
    assert shop.lake().table("orders").columns()["TotalCharges"] is ColumnType.NUMBER


def test_ecom_clicks(shop: Shop, shared_data: Find) -> None:
    shop.settings |= {
        "path": str(shared_data("retentioneering_ecom")),
        "role": "events",
        "columns": {"customer_id": "user_id", "type": "event"},
    }
    assert shop.ingest().kept == 31_106
    assert shop.rows(
        "count(DISTINCT customer_id), count(DISTINCT session_id), count(DISTINCT type)"
    ) == [(600, 3_605, 19)]


def test_reviews_in_a_zip(shop: Shop, shared_data: Find) -> None:
    shop.settings |= {"path": str(shared_data("womens_reviews")), "role": "customers"}
    report = shop.ingest()
    assert report.kept == 23_486
    assert any("number of its row" in note for note in report.notes)


def test_support_tickets_keep_what_was_written(shop: Shop, shared_data: Find) -> None:
    path = shared_data("support_tickets") / "customer_support_tickets.csv"
    shop.settings |= {
        "path": str(path),
        "role": "texts",
        "columns": {
            "customer_id": "Customer Email",
            "timestamp": "Date of Purchase",
            "text": "Ticket Description",
            "kind": "Ticket Type",
            "rating": "Customer Satisfaction Rating",
        },
    }
    assert shop.ingest().kept == 8_469
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    said = Counter(row["Ticket Description"].strip() for row in rows)
    assert Counter(text.strip() for (text,) in shop.rows("text")) == said
    assert sum("\n" in text for text in said) > 1000
    rated = [float(row["Customer Satisfaction Rating"] or "nan") for row in rows]
    known = [one for one in rated if one == one]
    assert shop.rows("count(rating), sum(rating)") == [(len(known), sum(known))]
