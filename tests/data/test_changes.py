"""Only new and changed files are read; a changed file replaces its own rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from customer_atlas.data import compact, vacuum
from customer_atlas.engine import DuckDB
from customer_atlas.errors import LakeError, SourceError
from tests.data.conftest import Shop

HEAD = "customer_id,timestamp,amount\n"


def _touch(path: Path, seconds: int = 10) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + seconds * 10**9))


def _amounts(shop: Shop) -> list[float]:
    return [row[0] for row in shop.rows("amount")]


@pytest.fixture
def two(shop: Shop) -> Shop:
    """A shop that has ingested two files, one with a bad row."""
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,1\nann,never,2\n")
    shop.write("data/b.csv", HEAD + "bob,2024-01-02,3\n")
    shop.ingest()
    return shop


def test_unchanged_files_are_not_read_again(two: Shop) -> None:
    before = two.pins()
    report = two.ingest()
    assert (report.files_read, report.files_unchanged, report.changed) == (0, 2, False)
    assert (report.totals.read, report.totals.kept, report.total_reasons) == (
        3, 2, {"unparsable_timestamp": 1},
    )  # fmt: skip
    assert two.pins() == before


def test_another_time_alone_changes_nothing_and_is_remembered(two: Shop) -> None:
    path = two.folder / "data/a.csv"
    _touch(path)
    assert not two.ingest().changed
    with two.registry() as registry:
        assert registry.files("orders")["data/a.csv"].modified_ns == path.stat().st_mtime_ns


def test_a_new_file_is_added(two: Shop) -> None:
    two.write("data/c.csv", HEAD + "cec,2024-01-02,5\n")
    report = two.ingest()
    assert (report.files_read, report.files_unchanged, report.read) == (1, 2, 1)
    assert report.totals.kept == 3
    assert _amounts(two) == [1.0, 3.0, 5.0]


def test_a_changed_file_replaces_its_own_rows_kept_and_quarantined(two: Shop) -> None:
    two.write("data/a.csv", HEAD + "ann,2024-01-02,7\nann,2024-01-02,x\n,2024-01-02,8\n")
    report = two.ingest()
    assert (report.files_read, report.totals.read, report.totals.kept) == (1, 4, 2)
    assert _amounts(two) == [3.0, 7.0]
    assert sorted(row[0] for row in two.refused()) == ["missing_customer", "unparsable_number"]


def test_a_change_of_the_same_size_and_another_time_is_seen(two: Shop) -> None:
    path = two.folder / "data/b.csv"
    path.write_text(HEAD + "bob,2024-01-02,9\n")
    _touch(path)
    two.ingest()
    assert _amounts(two) == [1.0, 9.0]


def test_a_file_that_is_gone_keeps_its_rows_and_is_counted(two: Shop) -> None:
    (two.folder / "data/b.csv").unlink()
    report = two.ingest()
    assert (report.files_gone, report.changed) == (1, False)
    assert _amounts(two) == [1.0, 3.0]


def test_a_file_that_the_path_no_longer_names_takes_its_rows_along(two: Shop) -> None:
    two.settings["path"] = "data/a.csv"
    report = two.ingest()
    assert (report.files_gone, report.changed, report.totals.kept) == (0, True, 1)
    assert _amounts(two) == [1.0]
    assert not two.ingest().changed


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"amount": "amount * 2"}},
        {"where": "amount < 9"},
        {"read": {"decimal": "."}},
        {"deduplicate": "rows"},
        {"role": "events"},
    ],
)
def test_a_changed_definition_reads_everything_again(two: Shop, change: dict[str, object]) -> None:
    two.settings |= change
    report = two.ingest()
    assert (report.files_read, report.read, report.kept) == (2, 3, 2)
    factor = 2 if "columns" in change else 1
    assert _amounts(two) == [factor * 1.0, factor * 3.0]
    assert len(two.refused()) == 1


def test_another_zone_reads_everything_again(two: Shop) -> None:
    two.project["timezone"] = "Europe/Berlin"
    assert two.ingest().files_read == 2
    assert two.rows("CAST(timestamp AS VARCHAR)")[0] == ("2024-01-01 23:00:00",)


def test_a_changed_definition_without_the_files_is_refused_and_changes_nothing(two: Shop) -> None:
    for name in ("a", "b"):
        (two.folder / f"data/{name}.csv").unlink()
    two.settings["where"] = "amount < 9"
    with pytest.raises(SourceError, match="cannot be read again"):
        two.ingest()
    assert _amounts(two) == [1.0, 3.0]


def test_another_count_of_buckets_is_refused_with_both_counts(two: Shop) -> None:
    from customer_atlas.data import Lake

    with pytest.raises(LakeError, match="has 4 buckets.*asks for 8"):
        Lake(two.folder / "lake", 8)


_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.data.conftest import Shop

def progress(step: str) -> None:
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

Shop(Path(sys.argv[1])).ingest(progress)
"""


@pytest.mark.parametrize("name", [None, "a", "b"], ids=["first", "changed", "new"])
@pytest.mark.parametrize(
    "step",
    ["orders: reading 1 file", "orders: rows committed", "orders: quarantine committed",
     "pinning versions", "pinned"],
)  # fmt: skip
def test_a_kill_at_any_moment_loses_nothing_and_counts_nothing_twice(
    shop: Shop, step: str, name: str | None
) -> None:
    if name is not None:
        shop.write("data/a.csv", HEAD + "zoe,2024-01-02,9\nzoe,never,8\n")
        shop.ingest()
    new = HEAD + "ann,2024-01-02,1\nann,never,2\nbob,2024-01-02,3\n"
    shop.write(f"data/{name or 'a'}.csv", new)
    before = shop.pins()
    root = Path(__file__).resolve().parents[2]
    died = subprocess.run(
        [sys.executable, "-c", _KILLED, str(shop.folder), step],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"},
        check=False,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    if step != "pinned":
        assert shop.pins() == before
        assert name is None or _amounts(shop) == [9.0]
    report = shop.ingest()
    stays = name == "b"
    expected = (5, 3, 2) if stays else (3, 2, 1)
    assert (report.totals.read, report.totals.kept, report.totals.quarantined) == expected
    assert _amounts(shop) == ([1.0, 3.0, 9.0] if stays else [1.0, 3.0])
    assert [row[2] for row in shop.refused()] == ["never"] * expected[2]
    assert not shop.ingest().changed


def test_an_undone_commit_is_not_undone_again(two: Shop) -> None:
    table = two.lake().table("orders")
    table.commit([], [table.data_files()[0].path])
    two.ingest()
    restored = table.version()
    assert not two.ingest().changed
    assert table.version() == restored


def test_compaction_keeps_every_row_and_its_order(two: Shop) -> None:
    for number in range(3):
        two.write(f"data/n{number}.csv", HEAD + f"ann,2024-01-02,{number}\nbad,x,1\n")
        two.ingest()
    rows, refused, count = two.rows("*"), two.refused("*"), len(two.lake().table("orders").files())
    with two.registry() as registry:
        fewer = compact(two.lake(), registry, DuckDB(threads=2))
    assert fewer["orders"] > 0
    assert len(two.lake().table("orders").files()) < count
    assert (two.rows("*"), two.refused("*")) == (rows, refused)
    for path in two.lake().table("orders").files():
        places = pq.read_table(path, columns=["_file", "_row"]).to_pylist()
        assert places == sorted(places, key=lambda place: (place["_file"], place["_row"]))
    assert two.lake().table("orders").row_count() == len(rows)
    assert not two.ingest().changed
    two.write("data/n1.csv", HEAD + "ann,2024-01-02,77\n")
    two.ingest()
    assert 77.0 in _amounts(two)
    assert len(_amounts(two)) == len(rows)


def test_vacuum_deletes_what_no_kept_version_needs(two: Shop) -> None:
    first = two.pins()["orders"].version
    two.write("data/a.csv", HEAD + "ann,2024-01-02,50\n")
    two.ingest()
    table = two.lake().table("orders")
    with two.registry() as registry:
        assert vacuum(two.lake(), registry, 24)["orders"] == 0
        assert vacuum(two.lake(), registry, 0, keep=[("orders", first)])["orders"] <= 1
        assert all(Path(path).exists() for path in table.files(first))
        assert vacuum(two.lake(), registry, 0)["orders"] > 0
    assert not all(Path(path).exists() for path in table.files(first))
    assert _amounts(two) == [3.0, 50.0]
