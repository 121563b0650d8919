"""Delimited text is read whatever its delimiter, encoding, line ends and quotes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.data.delimited import detect_dialect, stage_delimited, unique_names
from customer_atlas.engine import DuckDB
from customer_atlas.errors import SourceError
from tests.data.conftest import Shop

HEAD = "customer_id,timestamp,city\n"
BODY = "ann,2024-01-02,Zürich\nbob,2024-01-03,Besançon\ncec,2024-01-04,Århus\n"
CITIES = [("Zürich",), ("Besançon",), ("Århus",)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_the_encoding_is_detected(shop: Shop, encoding: str) -> None:
    shop.write("data/a.csv", (HEAD + BODY).encode(encoding))
    report = shop.ingest()
    assert shop.rows("city", "_row") == CITIES
    assert (encoding in ("cp1252",)) == any("cp1252" in note for note in report.notes)


def test_a_declared_encoding_is_used_and_a_wrong_one_refused(shop: Shop) -> None:
    shop.write("data/a.csv", (HEAD + "ann,2024-01-02,Łódź\n").encode("cp1250"))
    shop.settings["read"] = {"encoding": "cp1250"}
    shop.ingest()
    assert shop.rows("city") == [("Łódź",)]
    for wrong in ("utf-8", "no-such"):
        shop.settings["read"] = {"encoding": wrong}
        with pytest.raises(SourceError, match=wrong):
            shop.ingest()


def test_a_few_bad_bytes_do_not_turn_a_utf_8_file_into_another(shop: Shop) -> None:
    content = (HEAD + BODY * 4).encode() + b"dan,2024-01-05,K\xf8ge\n"
    shop.write("data/a.csv", content)
    report = shop.ingest()
    cities = [row[0] for row in shop.rows("city", "_row")]
    assert cities[0] == "Zürich"
    assert cities[-1] == "K\N{REPLACEMENT CHARACTER}ge"
    assert any("not UTF-8" in note for note in report.notes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "mixed"])
def test_every_kind_of_line_end_is_read(shop: Shop, end: str) -> None:
    lines = (HEAD + BODY).splitlines()
    ends = ["\r\n", "\n", "\n", "\r\n"] if end == "mixed" else [end] * 4
    shop.write("data/a.csv", "".join(map("".join, zip(lines, ends, strict=True))))
    assert shop.ingest().kept == 3
    assert shop.rows("city", "_row") == CITIES


def test_a_declared_delimiter_may_be_longer_than_one_sign(shop: Shop) -> None:
    shop.write("data/a.csv", (HEAD + BODY).replace(",", "||"))
    shop.settings["read"] = {"delimiter": "||"}
    shop.ingest()
    assert shop.rows("city", "_row") == CITIES


def test_a_file_without_a_header_keeps_its_first_row_and_says_so(shop: Shop) -> None:
    shop.write("data/a.csv", "17850,2024-01-02,5\n17851,2024-01-03,6\n")
    shop.settings["columns"] = {
        "customer_id": "column0",
        "timestamp": "column1",
        "amount": "column2",
    }
    report = shop.ingest()
    assert shop.rows("customer_id, amount") == [("17850", 5.0), ("17851", 6.0)]
    assert any("no header" in note for note in report.notes)


def test_rows_that_all_end_in_a_delimiter_are_no_ragged_rows(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,timestamp\nann,2024-01-02,\nbob,2024-01-03,\n")
    assert shop.ingest().kept == 2


def test_ragged_rows_are_quarantined_with_their_line_and_text(shop: Shop) -> None:
    shop.write(
        "data/a.csv",
        'customer_id,timestamp,note\nann,2024-01-02,"two\nlines"\nbob,2024-01-03\n\n   \n'
        "cec,2024-01-04,x,y\ndan,2024-01-05,z\n",
    )
    report = shop.ingest()
    assert (report.read, report.kept, report.quarantined) == (4, 2, 2)
    assert report.reasons == {"ragged_row": 2}
    assert shop.rows("customer_id, note", "_row") == [("ann", "two\nlines"), ("dan", "z")]
    refused = shop.refused("_row, reason, record, found")
    assert [(row[0], json.loads(row[2])) for row in refused] == [
        (2.0, "bob,2024-01-03"),
        (3.0, "cec,2024-01-04,x,y"),
    ]
    assert all("line " in row[3] for row in refused)


def test_names_that_differ_by_case_alone_are_told_apart() -> None:
    assert unique_names(["a", "A", "", "a"]) == ("a", "A_2", "column2", "a_3")


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=8
).filter(lambda text: text.strip() == text and text.strip("\n") == text)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12), st.sampled_from(",;\t|"))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [("first", "second", "third"), *rows]
    )
    path = folder / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    dialect = detect_dialect(path, delimiter)
    assert dialect is not None
    with DuckDB(threads=1).connect() as connection:
        target = folder / "a.parquet"
        count, lost = stage_delimited(connection, path, dialect, target, folder / "lost")
        read = connection.rows(f"SELECT * FROM '{target}'", step="read")
    expected = rows if dialect.header else [("first", "second", "third"), *rows]
    assert (count, lost) == (len(expected), 0)
    assert read == expected


@given(
    st.sampled_from(",;\t|"),
    st.lists(
        st.tuples(st.integers(0, 9999), st.dates(), st.floats(-99, 99)), min_size=1, max_size=30
    ),
)
def test_the_delimiter_and_the_header_are_found(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, rows: list[tuple[object, ...]]
) -> None:
    path: Path = tmp_path_factory.mktemp("csv") / "a.csv"
    lines = [("id", "day", "amount"), *rows]
    path.write_text("\n".join(delimiter.join(map(str, line)) for line in lines))
    dialect = detect_dialect(path)
    assert dialect is not None
    assert dialect == type(dialect)(delimiter, True, ("id", "day", "amount"))
