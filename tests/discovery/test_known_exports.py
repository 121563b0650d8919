"""The exports of well-known programs and public data sets are understood by their columns."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from customer_atlas.config import Role
from customer_atlas.discovery import look_at, propose

ROWS = 120
START = datetime(2023, 1, 1)
DRAW = random.Random(7)


def _moment() -> datetime:
    return START + timedelta(seconds=DRAW.randrange(30_000_000))


VALUES: dict[str, Callable[[int], object]] = {
    "key": lambda row: 1000 + row,
    "code": lambda row: f"INV-{row:05d}",
    "who": lambda row: f"C{DRAW.randrange(40):04d}",
    "number": lambda row: 10_000 + DRAW.randrange(40),
    "mail": lambda row: f"p{DRAW.randrange(40)}@example.org",
    "own_mail": lambda row: f"p{row}@example.org",
    "name": lambda row: f"Ann{DRAW.randrange(60)}",
    "day": lambda row: _moment().strftime("%Y-%m-%d"),
    "us_day": lambda row: _moment().strftime("%m/%d/%Y"),
    "time": lambda row: _moment().isoformat(" "),
    "zoned": lambda row: _moment().strftime("%Y-%m-%d %H:%M:%S -0500"),
    "money": lambda row: f"{DRAW.random() * 100:.2f}",
    "few": lambda row: DRAW.randrange(1, 9),
    "many": lambda row: DRAW.randrange(1, 1000),
    "bit": lambda row: DRAW.randrange(2),
    "yes": lambda row: DRAW.choice(["Yes", "No"]),
    "kind": lambda row: DRAW.choice(["red", "blue", "green", "grey"]),
    "item": lambda row: f"P{DRAW.randrange(30):03d}",
    "text": lambda row: f"this says a thing or two about {row}",
}


@dataclass(frozen=True)
class Export:
    """A file as a program writes it: its columns with their kinds, and what they are."""

    name: str
    columns: str
    role: Role
    mapped: dict[str, str]
    labels: set[str] = field(default_factory=set)
    contact: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)


EXPORTS = [
    Export(
        "superstore.csv",
        "Row ID:key Order ID:code Order Date:us_day Ship Date:us_day Customer ID:who "
        "Customer Name:name Segment:kind Product ID:item Category:kind Sub-Category:kind "
        "Product Name:text Sales:money Quantity:few Discount:money Profit:money",
        Role.TRANSACTIONS,
        {
            "customer_id": "Customer ID",
            "timestamp": "Order Date",
            "order_id": "Order ID",
            "product": "Product ID",
            "amount": "Sales",
            "quantity": "Quantity",
            "discount": "Discount",
            "category": "Category",
        },
        contact={"Customer Name"},
    ),
    Export(
        "orders_export.csv",
        "Email:mail Paid at:zoned Subtotal:money Taxes:money Total:money Created at:zoned "
        "Lineitem quantity:few Lineitem price:money Lineitem sku:item Id:key Customer ID:who",
        Role.TRANSACTIONS,
        {
            "customer_id": "Customer ID",
            "timestamp": "Created at",
            "order_id": "Id",
            "amount": "Total",
            "quantity": "Lineitem quantity",
        },
        contact={"Email"},
    ),
    Export(
        "wc-orders.csv",
        "order_id:key order_date:time billing_email:mail order_total:money "
        "billing_first_name:name billing_last_name:name",
        Role.TRANSACTIONS,
        {
            "customer_id": "billing_email",
            "timestamp": "order_date",
            "order_id": "order_id",
            "amount": "order_total",
        },
        contact={"billing_first_name", "billing_last_name"},
    ),
    Export(
        "bestellungen.csv",
        "Bestellnummer:code Kundennummer:number Bestelldatum:day Betrag:money "
        "Artikelnummer:item Menge:few",
        Role.TRANSACTIONS,
        {
            "customer_id": "Kundennummer",
            "timestamp": "Bestelldatum",
            "order_id": "Bestellnummer",
            "product": "Artikelnummer",
            "amount": "Betrag",
            "quantity": "Menge",
        },
    ),
    Export(
        "2019-Oct.csv",
        "event_time:time event_type:kind product_id:item category_code:kind price:money "
        "user_id:number user_session:many",
        Role.EVENTS,
        {
            "customer_id": "user_id",
            "timestamp": "event_time",
            "type": "event_type",
            "product": "product_id",
            "value": "price",
        },
    ),
    Export(
        "analytics.csv",
        "event_timestamp:time event_name:kind user_pseudo_id:number platform:kind "
        "device_category:kind country:kind purchase_revenue:money",
        Role.EVENTS,
        {
            "customer_id": "user_pseudo_id",
            "timestamp": "event_timestamp",
            "type": "event_name",
            "channel": "platform",
            "value": "purchase_revenue",
        },
    ),
    Export(
        "tickets.csv",
        "ticket_id:key requester_id:number created_at:time subject:text channel:kind",
        Role.TEXTS,
        {"customer_id": "requester_id", "timestamp": "created_at", "text": "subject"},
    ),
    Export(
        "Mall_Customers.csv",
        "CustomerID:key Gender:kind Age:few Annual Income (k$):many Spending Score (1-100):many",
        Role.CUSTOMERS,
        {"customer_id": "CustomerID"},
        protected={"Gender", "Age"},
    ),
    Export(
        "Churn_Modelling.csv",
        "RowNumber:key CustomerId:key Surname:name CreditScore:many Geography:kind Gender:kind "
        "Age:few Balance:money IsActiveMember:bit Exited:bit",
        Role.CUSTOMERS,
        {"customer_id": "CustomerId"},
        labels={"Exited"},
        contact={"Surname"},
        protected={"Gender", "Age"},
    ),
    Export(
        "bank-full.csv",
        "age:few job:kind marital:kind balance:many housing:yes loan:yes contact:kind day:few "
        "campaign:few previous:few deposit:yes",
        Role.CUSTOMERS,
        {},
        labels={"deposit"},
        protected={"age", "marital"},
    ),
    Export(
        "subscribed_members.csv",
        "Email Address:own_mail First Name:name MEMBER_RATING:few OPTIN_TIME:time TAGS:kind",
        Role.CUSTOMERS,
        {"customer_id": "Email Address"},
        contact={"First Name"},
    ),
    Export(
        "contacts.csv",
        "Record ID:key First Name:name Last Name:name Email:own_mail Lead Status:kind "
        "Create Date:time",
        Role.CUSTOMERS,
        {"customer_id": "Record ID"},
        contact={"First Name", "Last Name", "Email"},
    ),
    Export(
        "HR.csv",
        "EmployeeNumber:key Age:few Attrition:yes Department:kind Gender:kind MonthlyIncome:many",
        Role.CUSTOMERS,
        {"customer_id": "EmployeeNumber"},
        labels={"Attrition"},
        protected={"Age", "Gender"},
    ),
]


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_a_known_export_is_understood(export: Export, tmp_path: Path) -> None:
    columns = [part.rsplit(":", 1) for part in _parts(export.columns)]
    lines = [",".join(name for name, _ in columns)]
    lines += [",".join(str(VALUES[kind](row)) for _, kind in columns) for row in range(ROWS)]
    (tmp_path / export.name).write_text("\n".join(lines) + "\n")
    tables, left_out = look_at(tmp_path, tmp_path, lambda *_: None)
    proposal = propose("known", tables, left_out, {})
    (source,) = proposal.sources
    assert (source.role, dict(source.columns)) == (export.role, export.mapped)
    assert {label.column for label in source.labels} == export.labels
    assert set(proposal.contact) == export.contact
    assert set(proposal.protected) == export.protected


def _parts(columns: str) -> list[str]:
    """Divide `A b:kind C:kind` at the spaces that follow a kind."""
    parts: list[str] = []
    words: list[str] = []
    for word in columns.split(" "):
        words.append(word)
        if ":" in word:
            parts.append(" ".join(words))
            words = []
    return parts
