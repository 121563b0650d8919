"""A run selects features: what leaks or repeats forms no segment, and the ranking is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import ConfigError
from customer_atlas.features import Selection
from customer_atlas.pipeline.model import Model
from customer_atlas.simulate import simulate_retailer

PROJECT = """\
project: shop
sources:
  orders: {path: data/transactions.parquet, role: transactions}
  people:
    path: people.parquet
    role: customers
    labels: {left: {column: churned, positive: "yes"}}
segmentations:
  main:
    packs: [rfm, windows, rhythm, basket, lifecycle, attributes]
    max_segments: 6
    features: [{name: spent_twice, from: orders, sum: amount * 2}]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose table of people has a column that gives a label away."""
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(600, seed=2).write(folder / "data")
    people = pd.read_parquet(folder / "data/customers.parquet")[["customer_id"]]
    random = np.random.default_rng(0)
    left = random.random(len(people)) < 0.3
    people["churned"] = np.where(left, "yes", "no")
    people["farewell_score"] = np.where(left, 5.0, 1.0) + random.random(len(people))
    people["visits_to_shop"] = random.integers(0, 30, len(people)).astype(float)
    people.to_parquet(folder / "people.parquet")
    (folder / "atlas.yaml").write_text(PROJECT)
    return folder


def selected(atlas: Atlas) -> Selection:
    """The selection of the generation that serves."""
    work = atlas.workspace
    generation = work.registry.generation(atlas.published().pointer.generation)
    return Model.load(work.root / generation.artifacts).selection


def test_leaking_and_repeated_features_form_no_segments_and_the_rest_is_ranked(shop: Path) -> None:
    with Atlas.open(shop / "atlas.yaml") as atlas:
        atlas.run()
        found = selected(atlas)
        view = atlas.run_view()
        names = atlas.features().table().column_names
    reasons = {one.name: one.reason for one in found.dropped}
    assert reasons["farewell_score"] == "leaking"
    assert reasons["spent_twice"] == "duplicate"
    assert "visits_to_shop" in found.kept
    assert "farewell_score" in view.unused
    assert "farewell_score" in names  # it is computed, and shown, but forms nothing
    assert found.ranking
    ranks = {one.name: one.rank for one in found.ranking}
    assert ranks["visits_to_shop"] > len(ranks) / 2
    assert min(ranks["recency_days"], ranks["orders_90d"], ranks["frequency"]) <= 3


def test_what_is_said_to_be_kept_is_kept(shop: Path) -> None:
    text = PROJECT + "    selection: {keep: [spent_twice], rank: false}\n"
    (shop / "kept.yaml").write_text(text.replace("project: shop", "project: kept"))
    with Atlas.open(shop / "kept.yaml") as atlas:
        atlas.run()
        found = selected(atlas)
    assert "spent_twice" in found.kept
    assert found.ranking is None


def test_an_unknown_feature_to_keep_is_refused_with_the_nearest_name(shop: Path) -> None:
    text = PROJECT + "    selection: {keep: [monetari]}\n"
    (shop / "wrong.yaml").write_text(text)
    with Atlas.open(shop / "wrong.yaml") as atlas, pytest.raises(ConfigError, match="'monetary'"):
        atlas.run(refit=True)


def test_elimination_leaves_fewer_features_and_says_what_it_cost(shop: Path) -> None:
    (shop / "few.yaml").write_text(PROJECT + "    selection: {eliminate: true}\n")
    with Atlas.open(shop / "few.yaml") as atlas:
        atlas.run()
        found = selected(atlas)
    assert {one.reason for one in found.dropped} >= {"eliminated"}
    assert len(found.curve) > 3
    assert 1 <= len(found.kept) < 15
