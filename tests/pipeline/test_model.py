"""A model that is trained on features alone, under transforms that a person chose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas.config import Segmentation
from customer_atlas.features import FeatureInfo, Population, Selection
from customer_atlas.pipeline.model import Model
from customer_atlas.pipeline.searching import quickly

__all__: list[str] = []

N = 900
INFOS = (
    FeatureInfo("spend", "rfm", "money", "spend"),
    FeatureInfo("visits", "windows", "count", "visits"),
    FeatureInfo("region", "attributes", "category", "region", kind="category"),
)


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """Three groups of customers, and nine who are like nobody."""
    draw = np.random.default_rng(0)
    group = np.arange(N) % 3
    spend, visits = (draw.normal(20 * group, 1.0) + 100 for _ in range(2))
    spend[:9], visits[:9] = 1e6, -1e6
    table = pa.table(
        {
            "customer_id": [f"c{i:04}" for i in range(N)],
            "spend": spend,
            "visits": visits,
            "region": [("north", "south")[i] for i in draw.integers(2, size=N)],
        }
    )
    pq.write_table(table, tmp_path / "features.parquet")
    return tmp_path / "features.parquet"


def trained(features: Path, transforms: Mapping[str, object]) -> Model:
    settings = Segmentation.model_validate({"transforms": transforms, "max_segments": 6})
    every = Selection(tuple(info.name for info in INFOS), (), None, (), "")
    return Model.fit([features], INFOS, Population(), settings, every, quickly(settings))


def test_transforms_reach_the_design_matrix_and_come_back_from_disk(
    features: Path, tmp_path: Path
) -> None:
    transforms = {"skew": "yeo-johnson", "encode": "frequency", "scale": "robust"}
    model = trained(features, transforms)
    assert {column.form for column in model.matrix.fitted} <= {"number", "frequency"}
    assert any(column.power != 1.0 for column in model.matrix.fitted)
    model.save(tmp_path / "model")
    table = pq.read_table(features)
    assert Model.load(tmp_path / "model").assign(table) == model.assign(table)


def test_excluded_outliers_take_no_part_in_training(
    features: Path,
) -> None:
    rule = {"find": "z-score", "limit": 6, "then": "exclude"}
    raw: dict[str, object] = {"skew": "none", "winsorise": 0.02}
    kept, model = trained(features, raw), trained(features, {**raw, "outliers": rule})
    assert (kept.matrix.excluded, model.matrix.excluded) == (0, 9)
    without = pq.read_table(features).slice(9)
    pq.write_table(without, features)
    alone = trained(features, raw)
    assert model.choice == alone.choice
    ours, others = model.clusters.to_arrays(), alone.clusters.to_arrays()
    assert (ours["of.centers"] == others["of.centers"]).all()
    assert model.assign(without) == alone.assign(without)


def test_everybody_is_assigned_excluded_or_not(features: Path) -> None:
    rule = {"find": "isolation-forest", "limit": 0.05, "then": "exclude"}
    model = trained(features, {"outliers": rule})
    table = pq.read_table(features)
    assert 30 < model.matrix.excluded <= 45
    assert model.assign(table).num_rows == N
