"""Files are found by file, glob and folder, in every kind and packing that the manual names."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas.data.files import find_files
from customer_atlas.errors import SourceError
from tests.data.conftest import Shop

CSV = "customer_id,timestamp,amount\nann,2024-01-02,1.5\nbob,2024-01-03,2\n"
ROWS = [("ann", 1.5), ("bob", 2.0)]
RECORDS: list[dict[str, Any]] = [
    {"customer_id": "ann", "timestamp": "2024-01-02", "amount": 1.5},
    {"customer_id": "bob", "timestamp": "2024-01-03", "amount": 2},
]


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist([{**one, "amount": float(one["amount"])} for one in RECORDS]), out
    )
    return out.getvalue()


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


KINDS = {
    "a.csv": CSV.encode(),
    "a.tsv": CSV.replace(",", "\t").encode(),
    "a.txt": CSV.replace(",", "|").encode(),
    "a.json": json.dumps(RECORDS, indent=1).encode(),
    "b.json": "".join(json.dumps(one, indent=1) + "\n" for one in RECORDS).encode(),
    "a.jsonl": "".join(json.dumps(one) + "\n" for one in RECORDS).encode(),
    "a.ndjson": "".join(json.dumps(one) + "\n" for one in RECORDS).encode(),
    "a.parquet": _parquet(),
    "a.csv.gz": gzip.compress(CSV.encode()),
    "a.jsonl.gz": gzip.compress("".join(json.dumps(one) + "\n" for one in RECORDS).encode()),
    "a.parquet.gz": gzip.compress(_parquet()),
    "a.zip": _zip(x__csv=CSV.encode()),
    "b.zip": _zip(x__csv__gz=gzip.compress(CSV.encode())),
    "c.zip": _zip(x__parquet=_parquet(), README=b"none of the data"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_the_same_rows(shop: Shop, name: str) -> None:
    shop.write(f"data/{name}", KINDS[name])
    report = shop.ingest()
    assert shop.rows("customer_id, amount") == ROWS
    assert (report.read, report.kept) == (2, 2)


def test_a_folder_is_searched_and_hidden_and_foreign_files_are_passed_over(tmp_path: Path) -> None:
    for name in ("d/a.csv", "d/e/b.JSONL", "d/.c.csv", "d/_old/d.csv", "d/README.md", "d/z.zip"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            _zip(x__csv=b"a\n1\n", __MACOSX=b"") if name.endswith("zip") else b"a\n1\n"
        )
    found, unmatched = find_files(["d", "d/a.csv", "none/*.csv"], tmp_path)
    assert [one.path for one in found] == ["d/a.csv", "d/e/b.JSONL", "d/z.zip::x.csv"]
    assert unmatched == ["none/*.csv"]


def test_a_glob_may_cross_folders(tmp_path: Path) -> None:
    for name in ("a/1.csv", "a/b/2.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert len(find_files(["a/**/*.csv"], tmp_path)[0]) == 2
    assert len(find_files(["a/*.csv"], tmp_path)[0]) == 1


def test_no_file_at_all_is_an_error_that_names_the_line_and_the_pattern(shop: Shop) -> None:
    with pytest.raises(
        SourceError, match=r"atlas\.yaml:1: sources\.orders\.path: no file matches 'data'"
    ):
        shop.ingest()


def test_a_remote_path_is_refused_with_what_to_do(shop: Shop) -> None:
    shop.settings["path"] = "s3://bucket/orders.csv"
    with pytest.raises(SourceError, match="Copy the files"):
        shop.ingest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", b"PAR1 no more"),
        ("a.parquet", _parquet()[:-20]),
        ("a.csv.gz", b"plain text"),
        ("a.csv.gz", gzip.compress(CSV.encode() * 99)[:-30]),
        ("a.zip", b"PK no more"),
        ("a.json", b'[{"customer_id": "ann"},'),
    ],
    # Not by their bytes, which hold the second at which they were packed.
    ids=["no Parquet", "cut Parquet", "no gzip", "cut gzip", "no zip", "cut JSON"],
)
def test_a_damaged_file_is_an_error_that_names_it(shop: Shop, name: str, content: bytes) -> None:
    shop.write(f"data/{name}", content)
    with pytest.raises(SourceError, match=f"{name}.*(again|Copy)"):
        shop.ingest()


@pytest.mark.parametrize("content", ["", "\n\n", "customer_id,timestamp,amount\n"])
def test_a_source_without_a_row_is_an_error_but_an_empty_file_beside_others_a_note(
    shop: Shop, content: str
) -> None:
    shop.write("data/empty.csv", content)
    with pytest.raises(SourceError, match=r"data/empty\.csv holds"):
        shop.ingest()
    shop.write("data/full.csv", CSV)
    report = shop.ingest()
    assert (report.files_read, report.kept) == (2, 2)
    assert any("data/empty.csv holds" in note for note in report.notes)
    assert not shop.ingest().changed


def test_missing_optional_columns_of_a_json_document_are_null(shop: Shop) -> None:
    lines = [{**RECORDS[0], "tags": ["x"], "n": None}, {**RECORDS[1], "coupon": "A"}]
    shop.write("data/a.jsonl", "\n".join(map(json.dumps, lines)))
    shop.ingest()
    assert shop.rows("customer_id, coupon, tags") == [("ann", None, '["x"]'), ("bob", "A", None)]


def test_a_broken_line_of_json_is_a_ragged_row(shop: Shop) -> None:
    shop.write(
        "data/a.jsonl", json.dumps(RECORDS[0]) + '\n{"customer_id": \n' + json.dumps(RECORDS[1])
    )
    report = shop.ingest()
    assert (report.kept, report.reasons) == (2, {"ragged_row": 1})
