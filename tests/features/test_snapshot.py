"""Buckets are worked on together where they are small, and nothing of the result depends on it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandas.testing
import pytest

from customer_atlas import Atlas
from customer_atlas.features import snapshot
from customer_atlas.simulate import simulate_retailer

PROJECT = """\
project: shop
sources:
  orders: {path: data/transactions.parquet, role: transactions}
  products: {path: data/products.parquet, role: products}
  people: {path: data/customers.parquet, role: customers}
segmentations: {main: {max_segments: 5}}
"""


def run(folder: Path) -> tuple[pd.DataFrame, int]:
    """The features of a shop, and how many parts they were computed in."""
    simulate_retailer(120, seed=3).write(folder / "data")
    (folder / "atlas.yaml").write_text(PROJECT)
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
        return atlas.features().table().to_pandas(), len(atlas.workspace.snapshot().parts())


def test_small_buckets_are_computed_together_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "together").mkdir()
    (tmp_path / "apart").mkdir()
    together, few = run(tmp_path / "together")
    monkeypatch.setattr(snapshot, "_MANY", 1)
    apart, many = run(tmp_path / "apart")
    assert (few, many) == (1, 16)
    # Sums of another order may differ in their last bits.
    pandas.testing.assert_frame_equal(together, apart, rtol=1e-12)


def test_every_bucket_is_in_one_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path)
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        for many in (1, 500, 2_000, 10**9):
            monkeypatch.setattr(snapshot, "_MANY", many)
            parts = atlas.workspace.snapshot().parts()
            assert [bucket for part in parts for bucket in part] == list(range(16))


def test_a_few_customers_leave_buckets_empty_and_are_computed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer_id,date,amount\n7,2024-01-01,5\n9,2024-02-03,4\n")
    (tmp_path / "atlas.yaml").write_text(
        "project: p\nsources: {a: {path: a.csv, role: transactions, columns: {timestamp: date}}}\n"
    )
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        assert atlas.run()[0].customers == 2
