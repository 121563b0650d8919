"""How features are looked at: their spread against pandas, their use, and who differs in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas import Atlas
from customer_atlas.errors import UnknownNameError
from customer_atlas.features import Dropped, FeatureInfo, Ranked, Selection
from customer_atlas.pipeline import Features, explain_feature, view_features
from customer_atlas.pipeline.spread import PERCENTILES, spread_of

NUMBER = FeatureInfo("x", "rfm", "number", "x")
ZERO = replace(NUMBER, zero=True)
CITY = FeatureInfo("city", "attributes", "category", "city", kind="category")


@given(
    st.lists(
        st.one_of(st.none(), st.integers(-30, 30).map(float), st.floats(-1e6, 1e6, width=32)),
        max_size=60,
    )
)
def test_every_customer_is_counted_once_and_percentiles_are_those_of_pandas(
    values: list[float | None],
) -> None:
    spread = spread_of(pa.chunked_array([pa.array(values, pa.float64())]), NUMBER)
    known = pd.Series([value for value in values if value is not None], dtype=float)
    assert (spread.customers, spread.known) == (len(values), len(known))
    assert spread.zeros == int((known == 0).sum())
    if len(known):
        expected = known.quantile([at / 100 for at in PERCENTILES]).to_list()
        assert list(spread.percentiles.values()) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    others = known[known != 0]
    assert 0.9 * len(others) - 2 <= sum(spread.counts) <= len(others)
    if len(others):
        assert len(spread.edges) == len(spread.counts) + 1
        assert len(spread.counts) <= 12
        inside = others[others.between(spread.edges[0], spread.edges[-1])]
        assert sum(spread.counts) <= len(inside)


def test_whole_numbers_have_bins_of_whole_numbers() -> None:
    few = spread_of(pa.chunked_array([[1.0, 1.0, 2.0, 4.0]]), NUMBER)
    assert (few.edges, few.counts) == ((0.5, 1.5, 2.5, 3.5, 4.5), (2, 1, 0, 1))
    many = spread_of(pa.chunked_array([np.arange(1.0, 101.0)]), NUMBER)
    assert all(edge % 1 == 0.5 for edge in many.edges)
    assert sum(many.counts) == 99  # the central 98 %


def test_a_missing_value_that_means_none_is_a_zero_and_is_known() -> None:
    column = pa.chunked_array([[None, 0.0, 5.0, float("nan")]])
    assert (spread_of(column, ZERO).known, spread_of(column, ZERO).zeros) == (4, 3)
    assert (spread_of(column, NUMBER).known, spread_of(column, NUMBER).zeros) == (2, 1)


def test_levels_are_the_most_frequent_first_and_ties_by_name() -> None:
    spread = spread_of(pa.chunked_array([["b", "a", None, "c", "c"]]), CITY)
    assert spread.levels == (("c", 2), ("a", 1), ("b", 1))
    assert (spread.known, spread.median) == (4, None)


def test_features_are_seen_before_and_after_a_run(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        early = view_features(atlas.features())
        assert early.run is None
        assert not atlas.runs()
        atlas.run()
        served = view_features(atlas.features())
        table = atlas.published().features().to_pandas()
    assert {view.use for view in early.features} == {"declared", "describes"}
    assert (served.run, served.as_of) == (1, early.as_of)
    assert [view.spread for view in served.features] == [view.spread for view in early.features]
    assert {view.use for view in served.features} >= {"forms", "describes"}
    spend = next(view for view in served.features if view.info.name == "monetary")
    assert spend.spread.median == pytest.approx(table["monetary"].fillna(0).median())


def test_a_feature_is_explained_with_its_segments_bounds_and_sources(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        found = explain_feature(atlas.features(), "orders_90d")
        city = explain_feature(atlas.features(), "region")
        joined = atlas.features().table().join(atlas.members(), "customer_id").to_pandas()
    medians = joined.groupby("segment_id")["orders_90d"].median().to_dict()
    assert {one.id: one.median for one in found.segments} == pytest.approx(medians)
    assert sum(one.size for one in found.segments) == 240
    assert found.origin
    assert found.origin.stretches[0].end == found.as_of
    assert set(found.origin.sources) == {"orders"}
    shares = joined.groupby("segment_id")["region"].agg(lambda held: (held.value_counts()).max())
    for one in city.segments:
        known = joined[joined["segment_id"] == one.id]["region"].notna().sum()
        assert one.share == pytest.approx(shares[one.id] / known)


def test_what_a_selection_found_is_told_with_the_feature(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        select(atlas.features())
        found = {view.info.name: view for view in view_features(atlas.features()).features}
        explained = explain_feature(atlas.features(), "recency_days")
    assert (found["frequency"].use, found["frequency"].why) == ("dropped", "It says the same.")
    assert (found["recency_days"].use, found["recency_days"].rank) == ("forms", 1)
    assert found["recency_days"].importance == 0.75
    assert found["spend_30d"].importance is None
    assert explained.ranked == 2


def select(features: Features) -> None:
    """Keep a selection with the model that serves, as training does."""
    published = features.current(features.asked())
    assert published
    selection = Selection(
        ("recency_days", "monetary"),
        (Dropped("frequency", "duplicate", "It says the same."),),
        (Ranked("recency_days", 0.75, 1), Ranked("monetary", 0.25, 2)),
        (),
        "Ranked by what they did later.",
    )
    folder = published.work.root / published.generation.artifacts
    replace(published.model, selection=selection).save(folder)


def test_what_the_project_says_of_a_column_is_told(shop: Path) -> None:
    text = shop.read_text().replace(
        "role: transactions", "role: transactions, columns: {amount: amount * 2}"
    )
    shop.write_text(text)
    with Atlas.open(shop) as atlas:
        found = explain_feature(atlas.features(), "monetary")
    assert ("orders", "amount", "amount * 2") in found.declared_as


def test_a_declared_feature_shows_its_own_line(shop: Path) -> None:
    lines = (
        "{packs: [rfm], features: [{name: big_90d, sum: amount, window: 90d, where: amount > 50}, "
        "{name: keen, above: big_90d, percentile: 80}]}"
    )
    shop.write_text(shop.read_text().replace("{max_segments: 8}", lines))
    with Atlas.open(shop) as atlas:
        atlas.run()
        found = explain_feature(atlas.features(), "keen")
        spend = atlas.features().table()["big_90d"].to_pandas().fillna(0)
    assert found.example == ({"name": "keen", "above": "big_90d", "percentile": 80.0},)
    assert found.origin
    learned = found.origin.learned["keen"]
    assert learned["low"] <= learned["threshold"] <= learned["high"]
    assert learned["threshold"] == pytest.approx(np.quantile(spend, 0.8, method="inverted_cdf"))


def test_an_unknown_feature_is_refused_with_the_nearest(shop: Path) -> None:
    with Atlas.open(shop) as atlas, pytest.raises(UnknownNameError, match="'orders_90d'"):
        explain_feature(atlas.features(), "orders_91d")


def test_a_feature_that_the_project_no_longer_declares_has_no_origin(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
    shop.write_text(shop.read_text().replace("{max_segments: 8}", "{packs: [rfm]}"))
    with Atlas.open(shop) as atlas:
        found = explain_feature(atlas.features(), "orders_90d")
    assert found.origin is None
    assert found.view.spread.known == 240
