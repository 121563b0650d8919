"""Expressions of the project file reach the source's own columns, and nothing else."""

from __future__ import annotations

import pytest

from customer_atlas.config import bind_expression, expression_columns
from customer_atlas.errors import ConfigError

COLUMNS = ["Quantity", "UnitPrice", "InvoiceNo", "when", "unit price", "Amount", "amount"]


def bound(text: str) -> str:
    return bind_expression(text, COLUMNS, where="atlas.yaml:9: sources.orders.columns.amount")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("Quantity * UnitPrice", '"Quantity" * "UnitPrice"'),
        ("quantity", '"Quantity"'),
        ("unit price", '"unit price"'),
        ('"unit price" * 2', '"unit price" * 2'),
        ("InvoiceNo NOT LIKE 'C%'", "\"InvoiceNo\" NOT LIKE 'C%'"),
        ("when", '"when"'),
        ("CASE WHEN Quantity > 0 THEN 1 ELSE 0 END", 'CASE WHEN "Quantity" > 0 THEN 1 ELSE 0 END'),
        ("Quantity IN (1, 2) AND UnitPrice IS NOT NULL", None),
        ("coalesce(Quantity, 0) / nullif(UnitPrice, 0)", None),
        ("strptime(InvoiceNo, '%Y') - INTERVAL 1 DAY", None),
        ("regexp_matches(InvoiceNo, '^C') OR Quantity::INT < 0", None),
    ],
)
def test_plain_expressions_are_bound_to_the_columns(text: str, sql: str | None) -> None:
    assert bound(text) == sql if sql else bound(text)


@pytest.mark.parametrize(
    "text",
    [
        "(SELECT 1)",
        "Quantity IN (SELECT 1)",
        "EXISTS (SELECT 1)",
        "read_csv('/etc/passwd')",
        "read_text('/etc/passwd')",
        "(FROM 'other.csv')",
        "getenv('HOME')",
        "sum(Quantity)",
        "row_number() OVER ()",
        "Quantity; DROP TABLE orders",
        "other.Quantity",
        "COLUMNS('.*')",
        "*",
        "?",
        "$1",
        "list_transform([1], x -> x)",
        "random()",
        "now()",
        "query('SELECT 1')",
        "COPY orders TO 'file'",
        "Quantity +",
    ],
)
def test_anything_that_could_reach_further_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^atlas.yaml:9: sources.orders.columns.amount: found"):
        bound(text)


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="found the column 'Quantitty'. Did you mean 'Quantity'"):
        bound("Quantitty * 2")


def test_an_exact_name_wins_and_an_ambiguous_one_is_refused() -> None:
    assert bound("amount + 1") == '"amount" + 1'
    with pytest.raises(ConfigError, match="'AMOUNT', which may mean 'Amount', 'amount'"):
        bound("AMOUNT + 1")


def test_a_header_with_quotes_and_sql_in_it_is_only_a_name() -> None:
    evil = 'x"; DROP TABLE y; --'
    assert bind_expression(evil, [evil], where="here") == '"x""; DROP TABLE y; --"'


def test_the_columns_an_expression_uses_are_known() -> None:
    used = expression_columns("UnitPrice * quantity + UnitPrice", COLUMNS, where="here")
    assert used == ("UnitPrice", "Quantity")
