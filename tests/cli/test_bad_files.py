"""Files that a job cannot read end in a sentence and leave what serves; others are read."""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import HEAD, PERSON, Job, orders

GOOD = HEAD + orders()


def parquet(job: Job) -> bytes:
    rows = [line.split(",") for line in orders().splitlines()]
    path = job.folder / "whole"
    table = pa.table(dict(zip(HEAD.strip().split(","), zip(*rows, strict=True), strict=True)))
    pq.write_table(table, path)
    return path.read_bytes()


def test_a_missing_file_is_named(job: Job) -> None:
    job.settings["path"] = "ordres.csv"
    job.run().refused("ordres.csv")


@pytest.mark.parametrize("content", ["", " \n\n", "\ufeff"])
def test_an_empty_file_is_named(job: Job, content: str) -> None:
    job.write(content)
    job.run().refused("orders.csv", "no row", "Put files with rows there")


def test_a_file_of_a_header_alone_is_named(job: Job) -> None:
    job.write(HEAD)
    job.run().refused("orders.csv holds a header and no rows", "Put files with rows there")


def test_a_file_of_bad_rows_alone_is_counted_by_reason(job: Job) -> None:
    job.write(f"{HEAD}{PERSON},soon,5\n{PERSON},2024-01-02,much\n,2024-01-02,5\n{PERSON}\n")
    job.settings["columns"] = {"timestamp": "timestamp", "amount": "amount"}
    job.run().refused("none of 4 rows can be used", "missing_customer", "ragged_row", "Correct")


@pytest.mark.parametrize("mark", ["|", ";", "\t"])
@pytest.mark.parametrize("declared", [True, False])
def test_any_delimiter_is_read_declared_or_not(job: Job, mark: str, declared: bool) -> None:
    job.write(HEAD.replace(",", mark) + orders(mark=mark))
    if declared:
        job.settings["read"] = {"delimiter": mark}
    job.run().kept(24, 12)


def test_a_declared_delimiter_that_is_not_in_the_file_says_which_columns_there_are(
    job: Job,
) -> None:
    job.write(GOOD)
    job.settings["read"] = {"delimiter": ";"}
    job.run().refused("atlas.yaml", "'customer_id' is required", "no column has that name", code=2)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_the_line_by_which_a_spreadsheet_names_its_delimiter_is_understood(
    job: Job, line: str
) -> None:
    job.write(f"{line}\n{HEAD.replace(',', ';')}{orders(mark=';').replace('.5', ',5')}")
    job.run().kept(24, 12)


def test_a_file_of_nothing_but_the_line_that_names_the_delimiter_is_empty(job: Job) -> None:
    job.write("sep=;\n")
    job.run().refused("orders.csv", "no row")


def test_ragged_rows_are_counted(job: Job) -> None:
    job.write(GOOD + "c90,2024-01-02\nc91,2024-01-02,5,6,7\n")
    job.run().kept(24, 12, ragged_row=2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1", "utf-8-sig"])
def test_any_usual_encoding_is_read(job: Job, encoding: str) -> None:
    job.write((GOOD + "José,2024-01-02,5\nMüller,2024-01-05,6\n").encode(encoding))
    job.run().kept(26, 14)
    assert {"José", "Müller"} <= {member["customer_id"] for member in job.members()}


def test_duplicate_headers_lose_no_column(job: Job) -> None:
    rows = "".join(f"{line},7\n" for line in orders().splitlines())
    job.write(HEAD.strip() + ",amount\n" + rows)
    job.run().kept(24, 12)


def test_a_header_of_quotes_and_sql_is_a_name_like_any_other(job: Job) -> None:
    name = "x\"'); DROP TABLE orders; --"
    quoted = '"' + name.replace('"', '""') + '"'
    rows = "".join(f"{line},{place}\n" for place, line in enumerate(orders().splitlines()))
    job.write(HEAD.strip() + f",{quoted}\n" + rows)
    job.settings["columns"] = {"quantity": name}
    job.run().kept(24, 12)


def test_a_cell_of_ten_megabytes_is_read(job: Job) -> None:
    rows = orders().replace("\n", ",x\n").replace(",x\n", f",{'x' * 10**7}\n", 1)
    job.write(f"{HEAD.strip()},note\n{rows}")
    job.run().kept(24, 12)


def test_five_thousand_columns_are_read(job: Job) -> None:
    names = ",".join(f"n{place}" for place in range(5000))
    values = ",".join(str(place % 7) if place % 3 else f"w{place % 5}" for place in range(5000))
    rows = "".join(f"{line},{values}\n" for line in orders().splitlines())
    job.write(f"{HEAD.strip()},{names}\n{rows}")
    job.run().kept(24, 12)


DAMAGED: dict[str, tuple[str, Callable[[Job], bytes], str]] = {
    "binary rubbish": ("orders-2.csv", lambda _: bytes(range(256)) * 40, "no delimited text"),
    "a truncated Parquet": ("orders-2.parquet", lambda job: parquet(job)[:-40], "as Parquet"),
    "a Parquet of rubbish": ("orders-2.parquet", lambda _: b"PAR1" + b"x" * 99, "as Parquet"),
    "a truncated gzip": (
        "orders-2.csv.gz",
        lambda _: gzip.compress(GOOD.encode() * 50)[:-20],
        "damaged",
    ),
    "half a character": ("orders-2.csv", lambda _: codecs.BOM_UTF16_LE + b"\x00\xd8x", "encoding"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_named_and_what_serves_goes_on_serving(job: Job, kind: str) -> None:
    name, content, said = DAMAGED[kind]
    job.write(GOOD)
    assert job.run().code == 0
    before = job.members()
    path = job.write(content(job), name)
    job.run().refused(name, said)
    assert job.members() == before
    path.unlink()
    again = job.run()
    assert (again.code, again.document["runs"][0]["changed"]) == (0, False)
    assert job.members() == before


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_first_file_is_named(job: Job, kind: str) -> None:
    name, content, said = DAMAGED[kind]
    job.write(content(job), name)
    job.run().refused(name, said)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("unit", ["us", "ns"])
@pytest.mark.parametrize("stored", [None, "UTC"])
def test_timestamps_at_the_limits_of_parquet_are_refused_and_others_kept(
    job: Job, zone: str, unit: str, stored: str | None
) -> None:
    job.project["timezone"] = zone
    edges = [2**63 - 1, 2**63 - 2, -(2**63) + 1, -(2**62)]
    good = pa.array([datetime(2024, 1, 1 + place) for place in range(20)], pa.timestamp(unit))
    known = good.cast(pa.int64()).to_pylist()
    times = pa.array([*edges, *known], pa.int64()).cast(pa.timestamp(unit, stored))
    names = [f"c{place:02d}" for place in range(24)]
    table = pa.table({"customer_id": names, "timestamp": times, "amount": [1.5] * 24})
    pq.write_table(table, job.folder / "orders.parquet")
    outcome = job.run()
    assert outcome.code == 0, outcome.said
    assert set(outcome.source["reasons"]) <= {"impossible_timestamp", "unparsable_timestamp"}
    outcome.kept(20, 20, **outcome.source["reasons"])


def test_coarse_timestamps_that_no_engine_can_hold_name_the_file(job: Job) -> None:
    times = pa.array([2**62, 5], pa.int64()).cast(pa.timestamp("ms"))
    table = pa.table({"customer_id": ["a", "b"], "timestamp": times, "amount": [1.5, 2]})
    pq.write_table(table, job.folder / "orders.parquet")
    job.run().refused("orders.parquet", "Write the file again")
