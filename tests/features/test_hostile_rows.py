"""One customer with millions of rows, 100,000 categories, rows of the future, late and repeated."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from customer_atlas import Atlas
from tests.conftest import PROOF

ROWS = 10_000_000 if PROOF else 1_000_000
PROJECT = """\
project: shop
sources:
  orders: {{path: "{path}", role: transactions}}
segmentations: {{main: {{max_segments: 3}}}}
"""


def opened(folder: Path, path: str) -> Atlas:
    """A project over the orders of some files."""
    (folder / "atlas.yaml").write_text(PROJECT.format(path=path))
    return Atlas.open(folder / "atlas.yaml")


def features_of(atlas: Atlas, **given: object) -> pd.DataFrame:
    """What a run computes of every customer."""
    atlas.run(**given)  # type: ignore[arg-type]
    return atlas.published().features().to_pandas().set_index("customer_id")


def test_a_customer_with_millions_of_rows_and_100_000_categories_is_exact(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (
                SELECT CASE WHEN i % 1000 = 0 THEN 'c' || (i // 1000 % 300) ELSE 'giant' END
                    AS customer_id,
                TIMESTAMP '2024-01-01' + INTERVAL (i % 525600) MINUTE AS timestamp,
                (i % 1000) / 4 AS amount, 'o' || (i // 5) AS order_id,
                'category ' || (i % 100000) AS category, 1.0 AS quantity
                FROM range({ROWS}) AS t(i)
            ) TO '{tmp_path}/orders.parquet' (FORMAT parquet)"""
        )
        giant = connection.execute(
            f"""SELECT count(DISTINCT order_id) FILTER (amount > 0), sum(amount),
                count(DISTINCT timestamp::DATE), count(DISTINCT category)
            FROM '{tmp_path}/orders.parquet' WHERE customer_id = 'giant'"""
        ).fetchone()
    assert giant is not None
    with opened(tmp_path, "orders.parquet") as atlas:
        found = features_of(atlas).loc["giant"]
    assert found["frequency"] == giant[0]
    assert found["monetary"] == pytest.approx(giant[1], rel=1e-9)
    assert found["purchase_days"] == giant[2]
    assert found["category_breadth"] == giant[3]
    assert giant[3] > 90_000


def orders(*rows: tuple[str, datetime, float]) -> str:
    """Return rows as the text of a file."""
    lines = [f"{who},{at.isoformat()},{amount}" for who, at, amount in rows]
    return "\n".join(["customer_id,timestamp,amount", *lines, ""])


START = datetime(2024, 1, 1, 12)
PEOPLE = [(f"c{i}", START + timedelta(days=i), 10.0 + i) for i in range(40)]


def test_rows_of_the_future_are_kept_aside_until_their_time(tmp_path: Path) -> None:
    future = datetime(2999, 1, 1)
    (tmp_path / "a.csv").write_text(orders(*PEOPLE, ("c1", future, 1e9), ("late", future, 5.0)))
    with opened(tmp_path, "a.csv") as atlas:
        found = features_of(atlas)
    assert "late" not in found.index
    assert found.loc["c1", "monetary"] == 11.0
    assert found["recency_days"].min() >= 0


def test_late_rows_count_from_the_next_run_and_repeated_files_never_twice(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(orders(*PEOPLE))
    with opened(tmp_path, "*.csv") as atlas:
        before = features_of(atlas)
        (tmp_path / "b.csv").write_text(orders(("c3", START - timedelta(days=5), 7.0)))
        late = features_of(atlas)
        (tmp_path / "b.csv").touch()
        again = features_of(atlas)
    assert before.loc["c3", "monetary"] == 13.0
    assert late.loc["c3", "monetary"] == 20.0
    assert late.loc["c3", "age_days"] == before.loc["c3", "age_days"] + 8
    pd.testing.assert_frame_equal(again, late)


def test_repeated_rows_count_as_often_as_they_stand_unless_the_source_says_otherwise(
    tmp_path: Path,
) -> None:
    twice = PEOPLE + PEOPLE[:1]
    (tmp_path / "a.csv").write_text(orders(*twice))
    with opened(tmp_path, "a.csv") as atlas:
        assert features_of(atlas).loc["c0", "monetary"] == 20.0
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.csv").write_text(orders(*twice))
    text = PROJECT.format(path="a.csv").replace("transactions}", "transactions, deduplicate: rows}")
    (other / "atlas.yaml").write_text(text)
    with Atlas.open(other / "atlas.yaml") as atlas:
        assert features_of(atlas).loc["c0", "monetary"] == 10.0
