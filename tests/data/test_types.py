"""Texts become numbers, timestamps, truth values or stay text, as their values say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.config import ColumnType
from customer_atlas.data.parsing import in_utc, number_recipes
from customer_atlas.engine import DuckDB
from tests.data.conftest import Shop

TEXT, NUMBER, TIME, BOOLEAN = (
    ColumnType.TEXT,
    ColumnType.NUMBER,
    ColumnType.TIMESTAMP,
    ColumnType.BOOLEAN,
)


def _ingest(shop: Shop, values: list[str], column: str = "x", **settings: Any) -> list[Any]:
    """Ingest one column of text beside an id and a time, and return its values by row."""
    cells = [value.replace('"', '""') for value in values]
    lines = [f'ann,2024-01-02,"{cell}"' for cell in cells]
    shop.write("data/a.csv", f"customer_id,timestamp,{column}\n" + "\n".join(lines) + "\n")
    shop.settings.update(settings)
    shop.ingest()
    table = shop.lake().table("orders")
    return [row[0] for row in shop.rows(column, "_row")] if column in table.columns() else []


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "2.5", "-3e2", " 4 "], NUMBER, [1.0, 2.5, -300.0, 4.0]),
        (["00042", "00043"], TEXT, ["00042", "00043"]),
        (["0", "0.5", "10"], NUMBER, [0.0, 0.5, 10.0]),
        (["+4912345678", "+4912345679"], TEXT, ["+4912345678", "+4912345679"]),
        (["9007199254740993", "1"], TEXT, ["9007199254740993", "1"]),
        (["1_000", "2_000"], TEXT, ["1_000", "2_000"]),
        (["SKU123", "SKU456"], TEXT, ["SKU123", "SKU456"]),
        (["$1,234.50", "-$5", "(7.25)", "3"], NUMBER, [1234.5, -5.0, -7.25, 3.0]),
        (["1.234,56 €", "12,5", "-3"], NUMBER, [1234.56, 12.5, -3.0]),
        (["1 234,5", "EUR 7,25"], NUMBER, [1234.5, 7.25]),
        (["5.00-", "1,000,000"], NUMBER, [-5.0, 1e6]),
        (["true", "False", ""], BOOLEAN, [True, False, None]),
        (["Yes", "No", " "], TEXT, ["Yes", "No", None]),
        (["5", "N/A", "nan", "", "7"], NUMBER, [5.0, None, None, None, 7.0]),
        (["A1", "7", "8", "9"], TEXT, ["A1", "7", "8", "9"]),
        (["2024-01-31", "2024-02-01 10:20:30"], TIME, ["2024-01-31T00:00", "2024-02-01T10:20:30"]),
        (["31/01/2024", "01/02/2024"], TIME, ["2024-01-31T00:00", "2024-02-01T00:00"]),
        (["01/31/2024", "02/01/2024"], TIME, ["2024-01-31T00:00", "2024-02-01T00:00"]),
        (["31.01.24 09:05", "1.2.24 10:00"], TIME, ["2024-01-31T09:05", "2024-02-01T10:00"]),
        (["1/31/2024 1:05 PM", "2/1/2024 12:00 AM"], TIME,
         ["2024-01-31T13:05", "2024-02-01T00:00"]),
        (["31 Jan 2024", "1-Feb-24"], TIME, ["2024-01-31T00:00", "2024-02-01T00:00"]),
        (["January 31, 2024", "Feb 1, 2024"], TIME, ["2024-01-31T00:00", "2024-02-01T00:00"]),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+0230"], TIME,
         ["2024-01-31T10:00", "2024-01-31T07:30"]),
        (["2024-01-31 10:00:00 UTC", "2024-01-31 10:00:00 +0230"], TIME,
         ["2024-01-31T10:00", "2024-01-31T07:30"]),
        (["20240131", "20240201"], NUMBER, [20240131.0, 20240201.0]),
    ],
)  # fmt: skip
def test_the_values_of_a_column_decide_its_type(
    shop: Shop, values: list[str], kind: ColumnType, expected: list[Any]
) -> None:
    if kind is TIME:
        expected = [datetime.fromisoformat(text) for text in expected]
    assert _ingest(shop, values) == expected
    assert shop.lake().table("orders").columns()["x"] is kind


def test_bare_digits_are_a_date_where_the_column_says_so(shop: Shop) -> None:
    found = _ingest(shop, ["20240131", "20240201"], "signup_date")
    assert found == [datetime(2024, 1, 31), datetime(2024, 2, 1)]


def test_a_column_without_any_value_waits_for_one(shop: Shop) -> None:
    assert _ingest(shop, ["", " "]) == []
    shop.write("data/b.csv", "customer_id,timestamp,x\nbob,2024-01-02,5\n")
    shop.ingest()
    assert shop.rows("customer_id, x") == [("ann", None), ("ann", None), ("bob", 5.0)]


def _timestamps(shop: Shop, values: list[str], **settings: Any) -> list[datetime]:
    lines = [f'ann,"{value}"' for value in values]
    shop.write("data/a.csv", "customer_id,timestamp\n" + "\n".join(lines) + "\n")
    shop.settings.update(settings)
    shop.ingest()
    return [row[0] for row in shop.rows("timestamp", "_row")]


@pytest.mark.parametrize(
    "text", ["1705314600", "1705314600000", "1705314600000000", "1705314600000000000",
             "20240115103000", "1705314600.0"]
)  # fmt: skip
def test_a_timestamp_may_be_seconds_since_1970_or_bare_digits(shop: Shop, text: str) -> None:
    assert _timestamps(shop, [text, text]) == [datetime(2024, 1, 15, 10, 30)] * 2


def test_an_undecided_order_of_day_and_month_is_told_and_may_be_declared(shop: Shop) -> None:
    assert _timestamps(shop, ["01/02/2024"]) == [datetime(2024, 2, 1)]
    assert any("day or the month" in note for note in shop.pins()["orders"].notes)
    declared = {"dates": "month-first"}
    assert _timestamps(shop, ["01/02/2024"], read=declared) == [datetime(2024, 1, 2)]
    assert shop.pins()["orders"].notes == ()


def test_an_order_once_decided_holds_for_files_that_do_not_say(shop: Shop) -> None:
    assert _timestamps(shop, ["01/31/2024"]) == [datetime(2024, 1, 31)]
    shop.write("data/b.csv", "customer_id,timestamp\nbob,01/02/2024\n")
    assert shop.ingest().notes == ()
    assert shop.rows("timestamp", "customer_id")[1] == (datetime(2024, 1, 2),)


def test_a_declared_format_wins(shop: Shop) -> None:
    found = _timestamps(shop, ["2024|31|01"], read={"dates": "%Y|%d|%m"})
    assert found == [datetime(2024, 1, 31)]


def test_a_declared_decimal_mark_wins(shop: Shop) -> None:
    lines = "customer_id;timestamp;amount\nann;2024-01-02;1,234\n"
    shop.write("data/a.csv", lines)
    shop.ingest()
    assert shop.rows("amount") == [(1234.0,)]
    assert any("decimal mark" in note for note in shop.pins()["orders"].notes)
    shop.settings["read"] = {"decimal": ","}
    shop.ingest()
    assert shop.rows("amount") == [(1.234,)]


def test_naive_timestamps_mean_the_projects_zone_and_others_their_own(shop: Shop) -> None:
    shop.project["timezone"] = "Europe/Berlin"
    found = _timestamps(shop, ["2024-07-01 12:00", "2024-12-01 12:00", "2024-07-01T12:00:00Z"])
    assert found == [datetime(2024, 7, 1, 10), datetime(2024, 12, 1, 11), datetime(2024, 7, 1, 12)]


def test_an_expression_over_timestamps_is_not_moved_to_utc_twice(shop: Shop) -> None:
    shop.project["timezone"] = "Europe/Berlin"
    shop.write("data/a.csv", "customer_id,paid,day,clock\nann,2024-07-01 12:00,2024/07/01,T12\n")
    shop.settings["columns"] = {"timestamp": "coalesce(paid, paid)"}
    shop.ingest()
    assert shop.rows("timestamp") == [(datetime(2024, 7, 1, 10),)]
    shop.settings["columns"] = {"timestamp": "strptime('2024-07-01 ' || clock, '%Y-%m-%d T%H')"}
    shop.ingest()
    assert shop.rows("timestamp") == [(datetime(2024, 7, 1, 10),)]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([17850.0, 12346.0]), ["17850", "12346"]),
        (pa.array([17850, 12346], pa.int64()), ["17850", "12346"]),
        (pa.array(["17850.0", "12346.0"]), ["17850", "12346"]),
        (pa.array(["17850.0", "x"]), ["17850.0", "x"]),
        (pa.array(["007", "7"]), ["007", "7"]),
        (pa.array([9007199254740993, 1], pa.int64()), ["9007199254740993", "1"]),
    ],
)
def test_ids_are_text_without_a_fraction_that_a_float_left(
    shop: Shop, array: pa.Array, expected: list[str]
) -> None:
    table = pa.table({"customer_id": array, "timestamp": [datetime(2024, 1, 2)] * 2})
    _write_parquet(shop, table)
    shop.ingest()
    assert [row[0] for row in shop.rows("customer_id", "_row")] == expected


def test_every_raw_type_of_parquet_becomes_one_of_the_four(shop: Shop) -> None:
    columns: dict[str, tuple[pa.Array, ColumnType, Any]] = {
        "small": (pa.array([7], pa.int8()), NUMBER, 7.0),
        "long": (pa.array([2**60], pa.int64()), TEXT, str(2**60)),
        "unsigned": (pa.array([7], pa.uint64()), NUMBER, 7.0),
        "price": (pa.array(["1.25"]).cast(pa.decimal128(10, 2)), NUMBER, 1.25),
        "nothing": (pa.array([float("nan")]), NUMBER, None),
        "flag": (pa.array([True]), BOOLEAN, True),
        "day": (pa.array([datetime(2024, 1, 2).date()]), TIME, datetime(2024, 1, 2)),
        "zoned": (pa.array([datetime(2024, 1, 2)], pa.timestamp("us", "Asia/Tokyo")), TIME,
                  datetime(2024, 1, 2)),
        "nano": (pa.array([datetime(2024, 1, 2)], pa.timestamp("ns")), TIME, datetime(2024, 1, 2)),
        "nested": (pa.array([{"a": 1}]), TEXT, '{"a":1}'),
        "listed": (pa.array([[1, 2]]), TEXT, "[1,2]"),
        "coded": (pa.array(["x"]).dictionary_encode(), TEXT, "x"),
        "number_in_text": (pa.array(["7"]), NUMBER, 7.0),
    }  # fmt: skip
    base = {"customer_id": ["ann"], "timestamp": [datetime(2024, 1, 2)]}
    _write_parquet(shop, pa.table(base | {name: array for name, (array, _, _) in columns.items()}))
    shop.ingest()
    types = shop.lake().table("orders").columns()
    assert {name: types[name] for name in columns} == {
        n: kind for n, (_, kind, _) in columns.items()
    }
    assert shop.rows(", ".join(columns)) == [tuple(value for _, _, value in columns.values())]


def _write_parquet(shop: Shop, table: pa.Table) -> Path:
    path = shop.write("data/a.parquet", b"")
    pq.write_table(table, path)
    return path


@given(st.decimals(-(10**9), 10**9, places=2), st.booleans(), st.sampled_from(["", "$", "€ "]))
def test_numbers_written_for_people_are_read_back(number: Any, european: bool, sign: str) -> None:
    text = f"{sign}{number:,.2f}"
    if european:
        text = text.translate(str.maketrans(",.", ".,"))
    recipe = number_recipes("," if european else ".")[-1]
    with DuckDB(threads=1).connect() as connection:
        found = connection.rows(
            f"SELECT {recipe.of('t')} FROM (SELECT ?::VARCHAR AS t)", step="read", parameters=[text]
        )
    assert found == [(float(number),)]


def test_utc_is_left_alone() -> None:
    assert in_utc("t", "UTC") == "t"
