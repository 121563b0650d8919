"""Roles: what the rows of a source are, and the standard columns each role knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ACTIONS",
    "ACTS",
    "COMPLAINTS",
    "ROLES",
    "ColumnType",
    "Role",
    "RoleColumns",
    "StandardColumn",
]


class Role(StrEnum):
    """What the rows of a source are."""

    TRANSACTIONS = "transactions"
    EVENTS = "events"
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    MESSAGES = "messages"
    TEXTS = "texts"


class ColumnType(StrEnum):
    """The four types that a column of the lake can have.

    Timestamps are UTC without a zone; whole numbers are numbers.
    """

    TEXT = "text"
    NUMBER = "number"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class StandardColumn:
    """One column that a role knows by name."""

    name: str
    type: ColumnType
    required: bool = False


@dataclass(frozen=True)
class RoleColumns:
    """The standard columns of one role, required ones first."""

    columns: tuple[StandardColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All standard names."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names without which a row cannot be used."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def types(self) -> dict[str, ColumnType]:
        """Type by standard name."""
        return {column.name: column.type for column in self.columns}


def _columns(required: dict[str, ColumnType], optional: dict[str, ColumnType]) -> RoleColumns:
    return RoleColumns(
        (
            *(StandardColumn(name, kind, required=True) for name, kind in required.items()),
            *(StandardColumn(name, kind) for name, kind in optional.items()),
        )
    )


_TEXT, _NUMBER, _TIME = ColumnType.TEXT, ColumnType.NUMBER, ColumnType.TIMESTAMP

ROLES: dict[Role, RoleColumns] = {
    Role.TRANSACTIONS: _columns(
        {"customer_id": _TEXT, "timestamp": _TIME},
        {
            "amount": _NUMBER,
            "order_id": _TEXT,
            "product": _TEXT,
            "category": _TEXT,
            "quantity": _NUMBER,
            "discount": _NUMBER,
            "channel": _TEXT,
        },
    ),
    Role.EVENTS: _columns(
        {"customer_id": _TEXT, "timestamp": _TIME},
        {
            "type": _TEXT,
            "event_id": _TEXT,
            "session_id": _TEXT,
            "product": _TEXT,
            "category": _TEXT,
            "channel": _TEXT,
            "value": _NUMBER,
        },
    ),
    Role.CUSTOMERS: _columns({"customer_id": _TEXT}, {"valid_from": _TIME, "valid_to": _TIME}),
    Role.PRODUCTS: _columns(
        {"product": _TEXT}, {"category": _TEXT, "brand": _TEXT, "price": _NUMBER}
    ),
    Role.MESSAGES: _columns(
        {"customer_id": _TEXT, "timestamp": _TIME, "campaign": _TEXT, "action": _TEXT},
        {"channel": _TEXT, "variant": _TEXT},
    ),
    # A rating without words, and a ticket of a kind without a description, say something too.
    Role.TEXTS: _columns(
        {"customer_id": _TEXT, "timestamp": _TIME},
        {"text": _TEXT, "kind": _TEXT, "rating": _NUMBER},
    ),
}

ACTIONS: dict[str, tuple[str, ...]] = {
    "open": ("opened", "opens"),
    "click": ("clicked", "clicks"),
    "convert": ("converted", "conversion", "redeemed"),
    "unsubscribe": ("unsubscribed",),
    "complain": ("complained", "complaint", "spam"),
    "sent": ("send", "sends"),
    "delivered": ("delivery", "deliver"),
}
"""What can become of a message, and how tools write it besides."""

ACTS: dict[str, tuple[str, ...]] = {
    "view": (
        "product viewed", "product view", "view item", "viewed product", "view product",
        "viewcontent", "view content", "item view", "detail", "product detail viewed",
    ),
    "cart": (
        "add to cart", "added to cart", "product added", "addtocart", "cart add", "basket",
        "add to basket",
    ),
    "checkout": (
        "begin checkout", "checkout started", "started checkout", "initiate checkout",
        "initiatecheckout", "checkout step viewed", "shipping details", "payment details",
        "delivery choice", "payment choice", "add shipping info", "add payment info",
    ),
    "purchase": (
        "order completed", "completed order", "placed order", "order placed", "buy", "bought",
        "order", "transaction", "payment done", "checkout completed", "purchased",
    ),
    "search": ("products searched", "searched", "searched site", "view search results", "query"),
}  # fmt: skip
"""What people do on a site, and how tools write it besides, in plain words and lower case."""

COMPLAINTS: tuple[str, ...] = (
    "complaint", "complaints", "complain", "problem", "issue", "technical issue", "bug", "defect",
    "claim", "return", "refund", "refund request", "cancellation", "cancellation request",
    "billing dispute", "chargeback",
)  # fmt: skip
"""The kinds of texts, in lower case, that people write who are not content."""
