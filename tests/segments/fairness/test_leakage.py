"""What gives an attribute away: planted proxies are named first, and noise is not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.fairness.leakage import (
    folds_of,
    leakage,
    told_by_columns,
    told_by_parts,
)
from customer_atlas.segments.fairness.telling_apart import told
from tests.segments.fairness.made import grouped

__all__: list[str] = []

_INFOS = (
    FeatureInfo("height", "attributes", "number", "height"),
    FeatureInfo("noise", "attributes", "number", "noise"),
    FeatureInfo("shop", "attributes", "category", "favourite shop", kind="category"),
)


def _people(count: int, seed: int, gap: float) -> tuple[np.ndarray, pa.Table]:
    """People whose height is their group and noise, and whose shop hints at it."""
    draw = np.random.default_rng(seed)
    codes = draw.integers(0, 2, count)
    height = gap * codes + draw.normal(size=count)
    shop = np.where(draw.random(count) < 0.3 * (gap > 0), codes, draw.integers(0, 2, count))
    return codes, pa.table(
        {
            "height": pa.array(height, mask=draw.random(count) < 0.1),
            "noise": draw.normal(size=count),
            "shop": np.array(["north", "south"])[shop],
        }
    )


def test_the_area_is_that_of_scikit_learn_for_any_number_of_groups() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 3, 200)
    scores = draw.random((200, 3)).round(1) + 0.3 * np.eye(3)[codes]
    shares = scores / scores.sum(axis=1, keepdims=True)
    theirs = roc_auc_score(codes, shares, multi_class="ovr", average="macro")
    assert told(shares, codes, np.zeros(200, np.int64)).auc.value == pytest.approx(theirs)


def test_the_interval_of_an_area_holds_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    truth = 0.760250  # of two normal distributions a deviation apart: that of 1 / sqrt(2)
    held, times = 0, 400
    for _ in range(times):
        codes = np.repeat([0, 1], [80, 120])
        score = draw.normal(size=200) + codes
        found = told(np.column_stack([-score, score]), codes, np.zeros(200, np.int64)).auc
        held += found.low <= truth <= found.high
    assert 0.90 < held / times < 0.985


def test_chance_is_that_of_shuffling() -> None:
    draw = np.random.default_rng(2)
    codes, folds = draw.integers(0, 3, 150), draw.integers(0, 2, 150)
    scores = draw.random((150, 3)) + 0.12 * np.eye(3)[codes]
    found = told(scores, codes, folds)
    more, times = 0, 1_500
    for _ in range(times):
        shuffled = codes.copy()
        for fold in (0, 1):
            rows = np.flatnonzero(folds == fold)
            shuffled[rows] = codes[draw.permutation(rows)]
        more += told(scores, shuffled, folds).auc.value >= found.auc.value
    assert found.p == pytest.approx(more / times, abs=0.03)


def test_a_planted_proxy_is_named_first_and_noise_tells_nothing() -> None:
    codes, features = _people(900, 3, gap=3.0)
    found = leakage(grouped(codes), np.zeros(900, np.int64), features, _INFOS)
    assert found
    assert [one.feature for one in found.proxies] == ["height", "shop", "noise"]
    assert found.proxies[0].alone.auc.low > 0.9
    assert found.proxies[0].part > 0.7
    assert found.proxies[1].alone.p < 0.01
    assert found.proxies[2].alone.p > 0.05
    assert found.features.auc.value > 0.95
    assert sum(one.part for one in found.proxies) == pytest.approx(1)
    assert (found.segments.auc.value, found.customers) == (0.5, 900)


def test_segments_that_are_the_attribute_tell_it() -> None:
    codes, features = _people(400, 4, gap=0.0)
    found = leakage(grouped(codes), codes, features, _INFOS)
    assert found
    assert found.segments.auc.value == 1.0
    assert found.features.p > 0.01


def test_shuffled_attributes_are_told_by_nothing_more_often_than_the_level_says() -> None:
    draw = np.random.default_rng(5)
    parts = columns = 0
    times = 60
    for seed in range(times):
        codes = draw.integers(0, 2, 200)
        folds = folds_of(codes, seed)
        parts += told_by_parts(draw.integers(0, 5, 200), codes, folds).p < 0.05
        columns += told_by_columns(draw.normal(size=(200, 3)), codes, folds)[0].p < 0.05
    most = 0.05 + 4 * np.sqrt(0.05 * 0.95 / times)
    assert parts / times < most
    assert columns / times < most


def test_groups_too_small_to_learn_of_are_left_out() -> None:
    codes = np.repeat([0, 1, 2], [100, 90, 12])
    groups = grouped(codes, ("a", "b", "c"))
    features = pa.table({"height": codes.astype(float)})
    found = leakage(groups, np.zeros(202, np.int64), features, _INFOS[:1])
    assert found
    assert (found.groups, found.customers) == (("a", "b"), 190)
    assert leakage(grouped(np.zeros(99, np.int64)), np.zeros(99, np.int64), features, ()) is None


def test_no_features_tell_nothing() -> None:
    codes = np.repeat([0, 1], 50)
    found = leakage(grouped(codes), codes, pa.table({"x": codes}), ())
    assert found
    assert (found.features.auc.value, found.proxies) == (0.5, ())


def test_the_same_is_told_again_to_the_bit() -> None:
    codes, features = _people(300, 6, gap=1.0)
    first, second = (leakage(grouped(codes), codes, features, _INFOS, 7) for _ in range(2))
    assert first == second
