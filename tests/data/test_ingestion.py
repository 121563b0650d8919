"""Rows are mapped, filtered, refused with a reason, and all accounted for."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_atlas.errors import ConfigError, SourceError
from tests.data.conftest import Shop

HEAD = "customer_id,timestamp,amount\n"
GOOD = "ann,2024-01-02,5\nbob,2024-01-03,6\n"


def test_names_are_mapped_and_the_rest_stays_under_its_own_name(shop: Shop) -> None:
    shop.write("data/a.csv", "ID,Moment,Quantity,Price,bucket,Country\n7,2024-01-02,2,1.5,x,DE\n")
    shop.settings["columns"] = {
        "customer_id": "ID",
        "timestamp": "moment",
        "amount": "Quantity * Price",
    }
    shop.ingest()
    columns = list(shop.lake().table("orders").columns())
    assert columns == [
        "_file", "_row", "customer_id", "timestamp", "amount", "quantity", "Price", "bucket_",
        "Country",
    ]  # fmt: skip
    assert shop.rows("customer_id, amount, quantity, Price, bucket_") == [("7", 3.0, 2.0, 1.5, "x")]


def test_a_mapping_wins_over_a_column_of_the_same_name(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,Amount,net\nann,2024-01-02,5,3\n")
    shop.settings["columns"] = {"amount": "net * 2"}
    shop.ingest()
    assert shop.rows("amount, net") == [(6.0, 3.0)]
    assert "Amount" not in shop.lake().table("orders").columns()


def test_a_required_name_without_a_column_says_what_there_is_and_what_is_near(shop: Shop) -> None:
    shop.write("data/a.csv", "customer,timestamp\nann,2024-01-02\n")
    with pytest.raises(ConfigError, match=r"'customer_id' is required.*Did you mean 'customer'\?"):
        shop.ingest()
    shop.settings["columns"] = {"customer_id": "custmer"}
    with pytest.raises(ConfigError, match=r"atlas\.yaml:1: .*columns\.customer_id.*'customer'\?"):
        shop.ingest()


def test_an_expression_that_does_not_fit_its_columns_says_their_types(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    shop.settings["columns"] = {"channel": "upper(timestamp + amount)"}
    with pytest.raises(ConfigError, match="timestamp is timestamp, amount is number"):
        shop.ingest()


def test_people_without_an_id_take_their_row_number_and_the_report_says_so(shop: Shop) -> None:
    shop.write("data/a.csv", "age,city\n30,Bonn\n40,Köln\n")
    shop.settings["role"] = "customers"
    report = shop.ingest()
    assert shop.rows("customer_id, age") == [("0", 30.0), ("1", 40.0)]
    assert any("number of its row" in note for note in report.notes)
    shop.write("data/b.csv", "age,city\n30,Bonn\n")
    shop.settings["deduplicate"] = None
    shop.project["timezone"] = "Europe/Berlin"
    with pytest.raises(ConfigError, match="more than one file"):
        shop.ingest()


def test_products_lie_in_one_bucket_and_need_a_product(shop: Shop) -> None:
    shop.write("data/a.csv", "product,price\np1,5\np2,6\n,7\n")
    shop.settings["role"] = "products"
    report = shop.ingest()
    assert report.reasons == {"missing_product": 1}
    assert shop.rows("product, price") == [("p1", 5.0), ("p2", 6.0)]
    assert {one.bucket for one in shop.lake().table("orders").data_files()} == {0}


FUTURE = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("row", "reason", "column", "found"),
    [
        (",2024-01-02,5", "missing_customer", "customer_id", None),
        ("  ,2024-01-02,5", "missing_customer", "customer_id", None),
        ("cec,,5", "missing_timestamp", "timestamp", None),
        ("cec,soon,5", "unparsable_timestamp", "timestamp", "soon"),
        ("cec,2023-02-30,5", "unparsable_timestamp", "timestamp", "2023-02-30"),
        ("cec,1970-01-01,5", "impossible_timestamp", "timestamp", "1970-01-01 00:00:00"),
        (f"cec,{FUTURE},5", "impossible_timestamp", "timestamp", f"{FUTURE} 00:00:00"),
        ("cec,2024-01-02,five", "unparsable_number", "amount", "five"),
        ("cec,2024-01-02,nan", "not_finite", "amount", "nan"),
        ("cec,2024-01-02,1e999", "not_finite", "amount", "inf"),
        ("cec,2024-01-02,1e308", "impossible_number", "amount", "1e+308"),
        ("cec,2024-01-02,-2e15", "impossible_number", "amount", "-2000000000000000.0"),
        (",soon,five", "missing_customer", "customer_id", None),
    ],
)
def test_a_bad_row_is_quarantined_with_its_reason(
    shop: Shop, row: str, reason: str, column: str, found: str | None
) -> None:
    shop.write("data/a.csv", f"{HEAD}{GOOD}{row}\n")
    report = shop.ingest()
    assert (report.read, report.kept, report.reasons) == (3, 2, {reason: 1})
    assert shop.refused() == [(reason, column, found)]
    record = json.loads(shop.refused("record")[0][0])
    assert [value or "" for value in record.values()] == row.split(",")
    assert [one[0] for one in shop.rows("customer_id")] == ["ann", "bob"]


def test_a_value_that_is_not_there_is_no_reason_to_refuse(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD + "cec,2024-01-02,\n")
    shop.ingest()
    assert shop.rows("customer_id, amount")[-1] == ("cec", None)


def test_not_a_number_in_parquet_is_refused_where_it_is_mapped(shop: Shop) -> None:
    nan = float("nan")
    table = pa.table({"customer_id": ["a", "b"], "timestamp": [datetime(2024, 1, 2)] * 2,
                      "price": [nan, 1.0], "other": [1.0, nan]})  # fmt: skip
    pq.write_table(table, shop.write("data/a.parquet", b""))
    shop.settings["columns"] = {"amount": "price * 2"}
    shop.ingest()
    assert shop.refused() == [("not_finite", "amount", "nan")]
    assert json.loads(shop.refused("record")[0][0])["price"] == "nan"
    assert shop.rows("customer_id, amount, other") == [("b", 2.0, None)]


def test_mostly_numbers_that_a_mapping_needs_are_numbers_and_the_rest_is_refused(
    shop: Shop,
) -> None:
    rows = [f"ann,2024-01-02,{number},x{number}" for number in range(19)]
    shop.write(
        "data/a.csv",
        "customer_id,timestamp,price,code\n" + "\n".join(rows) + "\nbob,2024-01-02,n0,7\n",
    )
    shop.settings["columns"] = {"amount": "price * 1"}
    report = shop.ingest()
    assert (report.kept, report.reasons) == (19, {"unparsable_number": 1})
    assert shop.refused() == [("unparsable_number", "price", "n0")]


def test_a_column_that_nobody_mapped_costs_no_row_for_an_odd_value(shop: Shop) -> None:
    rows = [f"ann,2024-01-02,{number}" for number in range(85000, 85019)]
    shop.write(
        "data/a.csv", "customer_id,timestamp,code\n" + "\n".join(rows) + "\nbob,2024-01-02,85123A\n"
    )
    report = shop.ingest()
    assert report.kept == 20
    assert ("85123A",) in shop.rows("code")


def test_filtered_rows_are_counted_and_judged_first(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD + ",2024-01-02,-1\ncec,never,-2\ndan,2024-01-02,x\n")
    shop.settings["where"] = "amount > 0"
    report = shop.ingest()
    assert (report.read, report.kept, report.filtered, report.quarantined) == (5, 2, 2, 1)
    assert shop.refused() == [("unparsable_number", "amount", "x")]


def test_a_type_once_given_is_kept_and_what_does_not_fit_is_refused(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,age\nann,2024-01-02,30\n")
    shop.ingest()
    shop.write("data/b.csv", "customer_id,timestamp,age\nbob,2024-01-02,old\ncec,2024-01-02,40\n")
    report = shop.ingest()
    assert (report.kept, report.reasons) == (1, {"type_changed": 1})
    assert shop.refused() == [("type_changed", "age", "old")]
    table = pa.table({"customer_id": ["d"], "timestamp": [datetime(2024, 1, 2)], "age": [True]})
    pq.write_table(table, shop.write("data/c.parquet", b""))
    assert shop.ingest().reasons == {"type_changed": 1}


def test_columns_may_come_and_go(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,Channel,age\nann,2024-01-02,web,30\n")
    shop.settings["columns"] = {"channel": "Channel", "amount": "age * 2"}
    shop.ingest()
    shop.write("data/b.csv", "customer_id,timestamp,city\nbob,2024-01-03,Bonn\n")
    shop.ingest()
    assert shop.rows("customer_id, channel, amount, age, city") == [
        ("ann", "web", 60.0, 30.0, None),
        ("bob", None, None, None, "Bonn"),
    ]


def test_files_with_other_columns_may_be_read_together(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,Age\nann,2024-01-02,30\n")
    shop.write("data/b.jsonl", '{"timestamp": "2024-01-03", "customer_id": "bob", "age": 31}')
    shop.ingest()
    assert shop.rows("customer_id, Age") == [("ann", 30.0), ("bob", 31.0)]


def test_a_source_of_which_nothing_can_be_used_is_an_error_with_the_counts(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + ",2024-01-02,5\nann,never,6\n")
    with pytest.raises(SourceError, match="none of 2 rows can be used.*1 missing_customer"):
        shop.ingest()
    assert shop.pins() == {}


def test_rows_are_in_the_order_of_the_file_whatever_the_bucket(shop: Shop) -> None:
    rows = [f"c{number % 13},2024-01-02,{number}" for number in range(500)]
    shop.write("data/a.csv", HEAD + "\n".join(rows))
    shop.ingest()
    table = shop.lake().table("orders")
    assert sum(len(table.files(buckets=[bucket])) for bucket in range(4)) == len(table.files())
    for path in table.files():
        numbers = pq.read_table(path, columns=["_row"])["_row"].to_pylist()
        assert numbers == sorted(numbers)
    assert table.row_count() == 500


def test_the_same_files_make_the_same_bytes(shop: Shop, tmp_path: Any) -> None:
    content = {}
    for name in ("one", "two"):
        other = Shop(tmp_path / name)
        for number in range(3):
            other.write(f"data/{number}.csv", HEAD + f"c{number},2024-01-02,{number}\n" * 50)
        other.ingest()
        folder = other.lake().table("orders").folder
        content[name] = {
            path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")
        }
    assert content["one"] == content["two"]


CELLS = st.tuples(
    st.sampled_from(["ann", "bob", "", " ", "17.0", "ünï"]),
    st.sampled_from(["2024-01-02", "2024-02-30", "", "2024-03-01 10:00", "1960-01-01", "x"]),
    st.sampled_from(["1", "-2.5", "", "nan", "x", "1e999"]),
    st.sampled_from(["a", "b", "", "7"]),
    st.sampled_from(["", "", "", ",more", "\nbroken"]),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(CELLS, max_size=12), min_size=1, max_size=3),
    st.sampled_from([None, "amount > 0", "note IS NOT NULL"]),
    st.sampled_from([None, "rows", ["customer_id", "note"]]),
)
def test_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[list[tuple[str, ...]]],
    where: str | None,
    deduplicate: Any,
) -> None:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.settings |= {"where": where, "deduplicate": deduplicate}
    shop.write("data/0.csv", "customer_id,timestamp,amount,note\nzoe,2024-05-05,9,good\n")
    for number, rows in enumerate(files, 1):
        lines = "".join(",".join(row[:4]) + row[4] + "\n" for row in rows)
        shop.write(f"data/{number}.csv", "customer_id,timestamp,amount,note\n" + lines)
    report = shop.ingest()
    written = sum(len(rows) + sum(row[4] == "\nbroken" for row in rows) for rows in files) + 1
    assert report.read == written
    assert report.totals.adds_up
    assert len(shop.rows()) == report.kept
    assert len(shop.refused()) == report.quarantined == sum(report.reasons.values())
    with shop.registry() as registry:
        records = registry.files("orders").values()
    kept = Counter(row[0] for row in shop.rows("_file"))
    refused = Counter(row[0] for row in shop.refused("_file"))
    for one in records:
        assert (kept[one.file_id], refused[one.file_id]) == (one.kept, one.quarantined)
        assert one.read == one.kept + one.filtered + one.quarantined + one.deduplicated
    assert not shop.ingest().changed


def test_a_label_that_no_column_holds_is_refused_with_the_nearest(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,Churn\nann,Yes\n")
    shop.settings = {"role": "customers", "labels": {"left": {"column": "Churned"}}}
    with pytest.raises(ConfigError, match=r"labels.left: found the column 'Churned'.*'Churn'"):
        shop.ingest()


def test_an_item_that_no_column_holds_is_refused_with_the_nearest(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,trust_1,trust_2\nann,1,2\n")
    scale = {"items": ["trust_1", "trust2"], "points": 5}
    shop.settings = {"role": "customers", "scales": {"trust": scale}}
    with pytest.raises(ConfigError, match=r"trust.items: found the column 'trust2'.*'trust_2'"):
        shop.ingest()


def test_declaring_a_scale_reads_no_file_again(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,a,b\nann,1,2\n")
    shop.settings = {"role": "customers"}
    shop.ingest()
    shop.settings["scales"] = {"trust": {"items": ["a", "b"], "points": 5}}
    assert shop.ingest().files_read == 0


def test_messages_need_a_campaign_and_an_action(shop: Shop) -> None:
    shop.write(
        "data/a.csv",
        "household,redeemed,campaign_id,kind\n1,2024-01-02,8,mail\n2,2024-01-03,,mail\n",
    )
    shop.settings = {
        "role": "messages",
        "columns": {
            "customer_id": "household",
            "timestamp": "redeemed",
            "campaign": "campaign_id",
            "action": "'convert'",
        },
    }
    assert shop.ingest().total_reasons == {"missing_campaign": 1}
    assert shop.rows("customer_id, campaign, action") == [("1", "8", "convert")]


TEXTS = {"role": "texts", "columns": {"customer_id": "who", "timestamp": "at", "text": "said"}}


def test_texts_keep_their_lines_quotes_and_length(shop: Shop) -> None:
    long = "naïve " * 50_000
    shop.write(
        "data/a.csv",
        f'who,at,said,rating\n1,2024-01-02,"two\nlines, and ""quotes""",4\n2,2024-01-03,{long},\n',
    )
    shop.settings = dict(TEXTS)
    report = shop.ingest()
    assert (report.kept, report.quarantined) == (2, 0)
    assert shop.rows("text, rating", order="customer_id") == [
        ('two\nlines, and "quotes"', 4.0),
        (long, None),
    ]


def test_a_row_without_a_text_is_still_a_row_and_one_without_a_time_is_not(shop: Shop) -> None:
    shop.write("data/a.csv", 'who,at,said,kind\n1,2024-01-02,,refund\n1,,"I wait",refund\n')
    shop.settings = dict(TEXTS)
    assert shop.ingest().total_reasons == {"missing_timestamp": 1}
    assert shop.rows("text, kind") == [(None, "refund")]


def test_texts_need_no_column_of_texts(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,rating\n1,2024-01-02,4\n")
    shop.settings = {"role": "texts"}
    assert shop.ingest().kept == 1


def test_texts_in_another_encoding_are_read_as_they_were_meant(shop: Shop) -> None:
    lines = [f"{n},2024-01-02,Die Tür schließt nicht mehr, schöne Grüße" for n in range(40)]
    rows = "who;at;said\n" + "\n".join(line.replace(",", ";", 2) for line in lines) + "\n"
    shop.write("data/a.csv", rows.encode("cp1252"))
    shop.settings = dict(TEXTS)
    assert shop.ingest().kept == 40
    assert {row[0] for row in shop.rows("text")} == {"Die Tür schließt nicht mehr, schöne Grüße"}
