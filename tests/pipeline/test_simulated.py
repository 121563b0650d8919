"""Known kinds of customer are found again, as well as the features allow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_predict

from customer_atlas import Atlas
from customer_atlas.simulate import simulate_retailer

_PROJECT = """\
project: known-kinds
sources:
  orders: {path: data/transactions.parquet, role: transactions}
  products: {path: data/products.parquet, role: products}
"""


def agreements(folder: Path, seed: int, overlap: float) -> tuple[float, float]:
    """Return how well the segments and how well a forest told the truth recover the kinds.

    Both are adjusted Rand indices on the same features; the forest predicts customers that it
    was not trained on.
    """
    retailer = simulate_retailer(2_000, seed=seed, overlap=overlap)
    retailer.write(folder / "data")
    (folder / "atlas.yaml").write_text(_PROJECT, encoding="utf-8")
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
        members = atlas.members().to_pandas().set_index("customer_id")
        features = atlas.features().table().to_pandas().set_index("customer_id")
    truth: pd.Series[str] = retailer.truth.to_pandas().set_index("customer_id")["kind"]
    truth = truth.loc[features.index]
    forest = RandomForestClassifier(100, random_state=0)
    told = cross_val_predict(forest, features.select_dtypes("number").fillna(-1.0), truth, cv=3)
    found = members.loc[features.index]["segment_id"]
    return adjusted_rand_score(truth, found), adjusted_rand_score(truth, told)


@pytest.mark.proof
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_kinds_that_a_forest_can_tell_apart_are_found_without_being_told(
    tmp_path: Path, seed: int, measured: Callable[[str, object], None]
) -> None:
    found, told = agreements(tmp_path, seed, overlap=0.0)
    measured("adjusted Rand index of the segments", f"{found:.3f}")
    measured("of a forest told the truth", f"{told:.3f}")
    assert told >= 0.95
    assert found >= 0.8


@pytest.mark.proof
@pytest.mark.parametrize("overlap", [0.15, 0.3])
def test_where_kinds_overlap_the_figure_stands_beside_the_forest(
    tmp_path: Path, overlap: float, measured: Callable[[str, object], None]
) -> None:
    found, told = agreements(tmp_path, seed=0, overlap=overlap)
    measured("adjusted Rand index of the segments", f"{found:.3f}")
    measured("of a forest told the truth", f"{told:.3f}")
    assert told < 0.95
    assert found >= 0.5 * told
