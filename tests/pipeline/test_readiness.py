"""A run keeps the profile of what it read, and later looks are compared with it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from customer_atlas import Atlas
from customer_atlas.data import Profile
from customer_atlas.pipeline import check_data
from customer_atlas.pipeline.readiness import profile_path
from customer_atlas.simulate import Retailer


def test_a_run_keeps_the_profile_of_what_it_read(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        (result,) = atlas.run()
        assert result.readiness is not None
        kept = Profile.read(profile_path(atlas.workspace, result.run))
        assert kept == result.readiness.profile
        assert kept.versions == atlas.workspace.snapshot().versions


def test_the_newest_run_that_read_other_data_is_compared_with(
    shop: Path, retailer: Retailer
) -> None:
    with Atlas.open(shop) as atlas:
        assert atlas.run()[0].readiness.compared_with is None
        atlas.run(refit=True)
        assert atlas.check().compared_with is None
        more = retailer.transactions.slice(0, 500)
        pq.write_table(more, shop.parent / "data" / "orders-2.parquet")
        assert atlas.check().compared_with == 2
        (third,) = atlas.run()
        assert third.readiness is not None
        assert third.readiness.compared_with == 2
        assert check_data(atlas.workspace).compared_with == 2


def test_a_damaged_profile_is_passed_over(shop: Path, retailer: Retailer) -> None:
    with Atlas.open(shop) as atlas:
        (first,) = atlas.run()
        profile_path(atlas.workspace, first.run).write_text("{", encoding="utf-8")
        more = retailer.transactions.slice(0, 500)
        pq.write_table(more, shop.parent / "data" / "orders-2.parquet")
        assert atlas.check().compared_with is None
