"""Input that was made to break the ingestion is read, counted or refused with a sentence."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas.data import SourceReport, find_files
from customer_atlas.errors import ConfigError, LakeError, SourceError
from tests.data.conftest import Shop

HEAD = "customer_id,timestamp,amount\n"
GOOD = "ann,2024-01-02,5\nbob,2024-01-03,6\n"


def counts(report: SourceReport) -> tuple[int, int, int, int]:
    return report.read, report.kept, report.filtered, report.quarantined


def zipped(members: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return packed.getvalue()


def parquet(shop: Shop, name: str, **columns: object) -> None:
    path = shop.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize("count", [400, 5000])
def test_a_file_of_very_many_columns_is_read(shop: Shop, count: int) -> None:
    if count > 1000:
        names = ",".join(f"a_rather_long_name_of_column_{place}" for place in range(count))
        shop.write("data/a.csv", f"{names}\n{',' * (count - 1)}\n")
        with pytest.raises(ConfigError, match="'customer_id' is required"):
            shop.ingest()
        return
    names = ",".join(f"c{place}" for place in range(count))
    rows = "".join(
        f"p{row},2024-01-02,1,{','.join(str(place * row % 7) for place in range(count))}\n"
        for row in range(20)
    )
    shop.write("data/a.csv", f"{HEAD.strip()},{names}\n{rows}")
    # It took minutes and all memory while each comparison with words became a join.
    assert counts(shop.ingest()) == (20, 20, 0, 0)


def test_a_header_longer_than_the_sample_is_read_whole(shop: Shop) -> None:
    names = ",".join(f"a_rather_long_name_of_column_{place}" for place in range(2000))
    shop.write("a.csv", f"{names}\n{','.join(['1'] * 2000)}\n")
    from customer_atlas.data.delimited import detect_dialect

    dialect = detect_dialect(shop.folder / "a.csv")
    assert dialect is not None
    assert len(dialect.names) == 2000


def test_names_that_queries_need_and_control_characters_do_not_disturb(shop: Shop) -> None:
    shop.write(
        "data/a.csv", HEAD.strip() + ",__row,__file,__raw_amount,x\0y\nann,2024-01-02,5,1,2,3,4\n"
    )
    parquet(shop, "data/b.parquet", customer_id=["b"], timestamp=["2024-01-02"], __row=[1])
    assert counts(shop.ingest()) == (2, 2, 0, 0)
    assert shop.rows('customer_id, amount, "_row_", xy')[0] == ("ann", 5.0, 1.0, 4.0)


@pytest.mark.parametrize("columns", [{"bucket": "x"}, {"Foo": "x", "foo": "x"}])
def test_a_mapped_name_that_the_lake_cannot_hold_is_refused(
    shop: Shop, columns: dict[str, str]
) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,x\nann,2024-01-02,1\n")
    shop.settings["columns"] = columns
    with pytest.raises(ConfigError, match="belongs to Atlas|differ by case alone"):
        shop.ingest()


@pytest.mark.parametrize("timestamp", ["morning", "7", "2024-01-02"])
def test_customers_may_have_a_timestamp_of_any_kind(shop: Shop, timestamp: str) -> None:
    shop.settings["role"] = "customers"
    shop.write("data/a.csv", f"customer_id,timestamp\nann,{timestamp}\nbob,{timestamp}\n")
    assert shop.ingest().kept == 2
    shop.write("data/b.csv", f"customer_id,timestamp\ncec,{timestamp}\n")
    assert shop.ingest().totals.kept == 3


def test_a_time_beyond_the_years_of_python_does_not_stop_the_writing(shop: Shop) -> None:
    shop.settings["role"] = "customers"
    times = pa.array([2**62, -(2**60)], pa.timestamp("us"))
    parquet(shop, "data/a.parquet", customer_id=["a", "b"], timestamp=times)
    assert shop.ingest().kept == 2


def test_the_lines_that_an_open_quote_swallows_are_counted(shop: Shop) -> None:
    rows = [f"c{row},2024-01-02,{row}\n" for row in range(100)]
    rows[50] = '"' + rows[50]
    shop.write("data/a.csv", HEAD + "".join(rows))
    report = shop.ingest()
    assert counts(report) == (100, 50, 0, 50)
    assert report.reasons == {"ragged_row": 50}
    assert '"c99,2024-01-02,99"' in [record for (record,) in shop.refused("record")]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("cast(q as double)", "unparsable_number"),
        ("cast(q as double) * cast(q as double)", "unparsable_number"),
        ("length(q) + cast(q as integer)", "unparsable_number"),
    ],
)
def test_a_row_for_which_an_expression_fails_is_quarantined(
    shop: Shop, expression: str, reason: str
) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,q\nann,2024-01-02,a@b.de\nbob,2024-01-02,2\n")
    shop.settings["columns"] = {"amount": expression}
    report = shop.ingest()
    assert counts(report) == (2, 1, 0, 1)
    assert report.reasons == {reason: 1}


def test_a_date_that_an_expression_cannot_make_is_quarantined(shop: Shop) -> None:
    shop.write("data/a.csv", "customer_id,when\nann,02_01_2024\nbob,a@b.de\n")
    shop.settings["columns"] = {"timestamp": "strptime(\"when\", '%d_%m_%Y')"}
    assert shop.ingest().reasons == {"unparsable_timestamp": 1}
    assert shop.rows("timestamp") == [(datetime(2024, 1, 2),)]


@pytest.mark.parametrize("where", ["cast(q as integer) > 1", "cast(q as int) * cast(q as int) > 1"])
def test_a_row_for_which_the_condition_fails_is_filtered(shop: Shop, where: str) -> None:
    shop.write("data/a.csv", "customer_id,timestamp,q\nann,2024-01-02,a@b.de\nbob,2024-01-02,2\n")
    shop.settings["where"] = where
    assert counts(shop.ingest()) == (2, 1, 1, 0)


def test_a_pattern_that_is_none_is_an_error_of_the_project_file(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    shop.settings["columns"] = {"channel": "regexp_extract(customer_id, '(((')"}
    with pytest.raises(ConfigError, match=r"columns\.channel"):
        shop.ingest()


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_zip_with_damage_inside_is_an_error_that_names_it(shop: Shop, method: int) -> None:
    packed = bytearray(zipped({"a.csv": HEAD + GOOD * 1000}, method))
    packed[55:75] = b"\xff" * 20
    shop.write("data/a.zip", bytes(packed))
    with pytest.raises(SourceError, match=r"data/a\.zip"):
        shop.ingest()


def test_a_zip_with_a_damaged_directory_is_an_error_that_names_it(shop: Shop) -> None:
    packed = bytearray(zipped({"ü.csv": HEAD + GOOD}))
    start = packed.rindex(b"PK\x01\x02")
    packed[start + 46] = 0xFF
    shop.write("data/a.zip", bytes(packed))
    with pytest.raises(SourceError, match=r"data/a\.zip is a damaged zip"):
        shop.ingest()


def test_a_parquet_with_a_damaged_page_is_an_error_that_names_it(shop: Shop) -> None:
    people = [f"c{row}" for row in range(20_000)]
    parquet(shop, "data/a.parquet", customer_id=people, timestamp=["2024-01-02"] * 20_000)
    path = shop.folder / "data/a.parquet"
    content = bytearray(path.read_bytes())
    content[2000:9000] = bytes(range(250)) * 28
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"^data/a\.parquet cannot be read as Parquet"):
        shop.ingest()


@pytest.mark.parametrize("content", [bytes(range(256)) * 50, zipped({"xl/a.xml": "x" * 9}) * 20])
def test_binary_data_is_refused_without_being_shown(shop: Shop, content: bytes) -> None:
    shop.write("data/a.csv", content)
    with pytest.raises(SourceError, match=r"data/a\.csv is no delimited text") as raised:
        shop.ingest()
    assert str(raised.value).isprintable()


def test_json_of_great_depth_and_a_cut_last_line_are_read(shop: Shop) -> None:
    deep = '{"customer_id":"a","timestamp":"2024-01-02","x":' + "[" * 50_000 + "]" * 50_000 + "}"
    shop.write("data/a.jsonl", deep + '\n{"customer_id":"b","timest')
    assert counts(shop.ingest()) == (2, 1, 0, 1)


def test_a_json_key_may_be_empty(shop: Shop) -> None:
    row = {"customer_id": "a", "": 2, "timestamp": "2024-01-02"}
    shop.write("data/a.jsonl", json.dumps(row))
    shop.ingest()
    assert shop.rows("customer_id, column1") == [("a", 2.0)]


def test_signs_of_patterns_in_names_are_no_patterns(shop: Shop) -> None:
    names = ["b1", "b[1]", "st*r", "star", "q?", "qx"]
    for name in names:
        parquet(shop, f"data/{name}.parquet", customer_id=[name], timestamp=["2024-01-02"])
    shop.ingest()
    assert {name for (name,) in shop.rows("customer_id")} == set(names)
    folder = shop.folder / "my [odd] dir"
    folder.mkdir()
    (folder / "a.csv").write_text(HEAD)
    assert len(find_files(["*.csv"], folder)[0]) == 1


def test_a_file_under_several_names_is_read_once(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    (shop.folder / "data/latest.csv").symlink_to("a.csv")
    shop.settings["path"] = ["data", "data/*.csv", "data/../data/a.csv"]
    assert counts(shop.ingest()) == (2, 2, 0, 0)
    with shop.registry() as registry:
        assert list(registry.files("orders")) == ["data/a.csv"]


def test_the_lake_is_no_source(shop: Shop) -> None:
    shop.write("a.csv", HEAD + GOOD)
    shop.settings["path"] = "."
    shop.project["state"] = {"lake": "lake"}
    assert shop.ingest().kept == 2
    assert not shop.ingest().changed


@pytest.mark.parametrize("name", ["pipe.csv", "~nobody-has-this-name/a.csv", "a" * 5000])
def test_a_path_that_cannot_be_read_is_an_error_and_no_hang(shop: Shop, name: str) -> None:
    os.mkfifo(shop.folder / "pipe.csv")
    shop.settings["path"] = name
    with pytest.raises(SourceError, match="neither a file|cannot be looked up"):
        shop.ingest()


def test_a_name_that_is_not_utf_8_is_an_error(shop: Shop) -> None:
    (shop.folder / "data").mkdir()
    Path(os.fsdecode(os.fsencode(shop.folder) + b"/data/\xff.csv")).write_text(HEAD + GOOD)
    with pytest.raises(SourceError, match="not UTF-8"):
        shop.ingest()


def test_a_file_with_a_new_name_takes_its_rows_along(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    shop.write("data/a.zip", zipped({"m.csv": HEAD + "cec,2024-01-02,1\n"}))
    shop.ingest()
    os.rename(shop.folder / "data/a.csv", shop.folder / "data/b.csv")
    os.rename(shop.folder / "data/a.zip", shop.folder / "data/b.zip")
    report = shop.ingest()
    assert report.totals.kept == 3
    assert "data/a.csv is now data/b.csv" in report.notes
    assert not shop.ingest().changed


def test_a_member_that_left_its_archive_takes_its_rows_along(shop: Shop) -> None:
    both = {"a.csv": HEAD + GOOD, "b.csv": HEAD + "cec,2024-01-02,1\n"}
    shop.write("data/a.zip", zipped(both))
    shop.ingest()
    shop.write("data/a.zip", zipped({"a.csv": both["a.csv"]}))
    assert shop.ingest().totals.kept == 2


def test_a_lake_that_was_deleted_is_read_anew(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    shop.ingest()
    shutil.rmtree(shop.folder / "lake")
    assert shop.ingest().kept == 2
    assert len(shop.rows()) == 2


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_damaged_lake_is_an_error_that_says_what_to_do(shop: Shop, suffix: str) -> None:
    shop.write("data/a.csv", HEAD + GOOD)
    shop.ingest()
    for path in (shop.folder / "lake/tables").rglob(f"*{suffix}"):
        path.write_text("{broken")
    shop.write("data/a.csv", HEAD + GOOD + GOOD)
    with pytest.raises(LakeError, match="damaged.*Restore .* from a copy, or delete"):
        shop.ingest()
