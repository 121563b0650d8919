"""Duplicates are removed where they are declared, and only counted where they are not."""

from __future__ import annotations

import pytest

from customer_atlas.errors import ConfigError
from tests.data.conftest import Shop

HEAD = "customer_id,timestamp,order,amount\n"


def _orders(shop: Shop) -> list[tuple[str, float]]:
    return [(row[0], row[1]) for row in shop.rows('"order", amount')]


def test_rows_that_merely_look_alike_are_counted_and_kept(shop: Shop) -> None:
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,A,1\n" * 3 + "ann,2024-01-02,B,1\n")
    report = shop.ingest()
    assert (report.kept, report.look_alikes, report.deduplicated) == (4, 2, 0)


def test_rows_alike_are_removed_where_the_source_says_so(shop: Shop) -> None:
    shop.settings["deduplicate"] = "rows"
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,A,1\n" * 3 + "ann,2024-01-02,A,2\n")
    shop.write("data/b.csv", HEAD + "ann,2024-01-02,A,2\nann,2024-01-02,A,3\n")
    report = shop.ingest()
    assert (report.read, report.kept, report.deduplicated) == (6, 3, 3)
    assert _orders(shop) == [("A", 1.0), ("A", 2.0), ("A", 3.0)]


def test_the_first_of_a_declared_id_is_kept_also_across_files_and_ingestions(shop: Shop) -> None:
    shop.settings |= {"deduplicate": ["order", "customer_id"], "columns": {"order_id": "order"}}
    shop.write("data/b.csv", HEAD + "ann,2024-01-02,A,1\nann,2024-01-02,A,2\nbob,2024-01-02,A,3\n")
    shop.ingest()
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,A,4\nann,2024-01-02,B,5\n,2024-01-02,B,6\n")
    report = shop.ingest()
    assert (report.kept, report.deduplicated, report.quarantined) == (1, 1, 1)
    assert shop.rows("order_id, amount") == [("A", 1.0), ("A", 3.0), ("B", 5.0)]


def test_rows_without_an_id_are_nobodys_duplicate(shop: Shop) -> None:
    shop.settings["deduplicate"] = ["order"]
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,,1\nann,2024-01-02,,1\nann,2024-01-02,A,1\n")
    assert shop.ingest().kept == 3


def test_events_are_one_by_their_event_id(shop: Shop) -> None:
    shop.settings |= {"role": "events", "columns": {"event_id": "order"}}
    shop.write(
        "data/a.csv", HEAD + "ann,2024-01-02,e1,1\nann,2024-01-03,e1,2\nann,2024-01-03,e2,2\n"
    )
    report = shop.ingest()
    assert (report.kept, report.deduplicated) == (2, 1)


def test_an_unknown_column_of_an_id_is_refused_with_the_nearest(shop: Shop) -> None:
    shop.settings["deduplicate"] = ["ordr"]
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,A,1\n")
    with pytest.raises(ConfigError, match=r"orders\.deduplicate.*'ordr'.*'order'\?"):
        shop.ingest()


def test_a_duplicate_returns_when_the_row_that_hid_it_changes(shop: Shop) -> None:
    shop.settings["deduplicate"] = ["order"]
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,A,1\n")
    shop.write("data/b.csv", HEAD + "ann,2024-01-02,A,2\nann,2024-01-02,B,3\n")
    shop.write("data/c.csv", HEAD + "ann,2024-01-02,C,4\n")
    assert shop.ingest().deduplicated == 1
    shop.write("data/a.csv", HEAD + "ann,2024-01-02,Z,10\n")
    report = shop.ingest()
    assert (report.files_read, report.totals.kept, report.totals.deduplicated) == (2, 4, 0)
    assert _orders(shop) == [("A", 2.0), ("B", 3.0), ("C", 4.0), ("Z", 10.0)]


def test_order_is_kept_and_rows_are_right_when_duplicates_lie_among_many(shop: Shop) -> None:
    shop.settings["deduplicate"] = ["order"]
    rows = [f"c{number % 7},2024-01-02,o{number % 700},{number}" for number in range(1000)]
    shop.write("data/a.csv", HEAD + "\n".join(rows))
    report = shop.ingest()
    assert (report.kept, report.deduplicated) == (700, 300)
    assert sorted(row[0] for row in shop.rows("amount")) == [float(n) for n in range(700)]
