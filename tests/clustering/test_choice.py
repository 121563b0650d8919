from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

from customer_atlas.clustering import Choice, KMeans, choose_k
from customer_atlas.errors import ClusteringError

from .blobs import planted

__all__: list[str] = []


@pytest.mark.parametrize("k", [2, 3, 4, 6, 9])
def test_planted_groups_are_counted(k: int) -> None:
    X, truth = planted(k, 8, seed=k)
    choice = choose_k(X, max_segments=12)
    assert choice.k == k
    assert adjusted_rand_score(truth, KMeans(k).fit(X).predict(X)) > 0.95


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_stretched_groups_are_counted(seed: int) -> None:
    X, _ = planted(5, 6, apart=4.0, seed=seed, stretched=True)
    assert choose_k(X, max_segments=12).k == 5


def test_thirty_groups_are_counted() -> None:
    X, truth = planted(30, 10, n=6000, apart=2.5)
    choice = choose_k(X, max_segments=33)
    assert choice.k == 30
    assert adjusted_rand_score(truth, KMeans(30).fit(X).predict(X)) > 0.95


def test_a_group_of_one_percent_is_counted() -> None:
    X, truth = planted(4, 6, n=8000, apart=5.0, shares=[0.5, 0.3, 0.19, 0.01], seed=3)
    assert choose_k(X, max_segments=8, min_share=0.005).k == 4
    assert adjusted_rand_score(truth, KMeans(4).fit(X).predict(X)) > 0.98


def test_weights_bring_back_what_a_stratified_sample_bent() -> None:
    X, truth = planted(4, 5, n=6000, apart=4.0)
    kept = np.where(truth == 0, np.arange(6000) % 10 == 0, True)
    weights = np.where(truth == 0, 10.0, 1.0)[kept]
    choice = choose_k(X[kept], weights, max_segments=8)
    assert choice.k == 4
    shares = [score.smallest_share for score in choice.curve if score.k == 4]
    assert shares[0] == pytest.approx(np.bincount(truth).min() / 6000, abs=0.02)


def test_customers_who_spread_without_gaps_still_get_segments_to_act_on() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(6000, 10)) * np.r_[3, 2, np.ones(8)]
    choice = choose_k(X, max_segments=12)
    assert 3 <= choice.k <= 8
    assert choice.curve[0].stability > 0.9  # two are the most stable, and are no use


def test_a_round_cloud_is_one_segment() -> None:
    X = np.random.default_rng(0).normal(size=(4000, 10))
    choice = choose_k(X, max_segments=8)
    assert choice.k == 1
    assert "invented" in choice.reason


@pytest.mark.parametrize(
    ("load", "expected", "least"),
    [(load_iris, {2, 3}, 0.5), (load_wine, {3}, 0.85), (load_digits, range(8, 16), 0.5)],
)
def test_classics_are_divided_sensibly(load: object, expected: object, least: float) -> None:
    assert callable(load)
    X, truth = load(return_X_y=True)
    if X.shape[1] < 64:  # the pixels of the digits have one unit as they are
        X = (X - X.mean(axis=0)) / X.std(axis=0)
    choice = choose_k(X, max_segments=15)
    assert choice.k in expected  # type: ignore[operator]
    assert adjusted_rand_score(truth, KMeans(choice.k).fit(X).predict(X)) > least


def test_twice_the_same_is_the_same_to_the_bit() -> None:
    X, _ = planted(4, 5, n=12_000, apart=1.0)
    assert choose_k(X, max_segments=6) == choose_k(X.copy(), max_segments=6)


def test_another_seed_draws_others_but_finds_the_same() -> None:
    X, _ = planted(4, 5, n=4000)
    one, other = choose_k(X, max_segments=6), choose_k(X, max_segments=6, seed=1)
    assert one.k == other.k == 4
    assert one.curve != other.curve


def test_constant_columns_change_nothing() -> None:
    X, _ = planted(3, 4, n=1500)
    wide = np.concatenate([X, np.full((1500, 2), 7.0)], axis=1)
    assert choose_k(wide, max_segments=6).k == choose_k(X, max_segments=6).k == 3


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_a_handful_of_customers_is_one_segment(rows: int) -> None:
    choice = choose_k(np.arange(rows, dtype=float)[:, None])
    assert choice.k == 1
    assert choice.reason.startswith("One segment: ")


@pytest.mark.parametrize("rows", [5, 6, 9, 14])
def test_a_few_customers_are_divided_or_not_but_never_fail(rows: int) -> None:
    choice = choose_k(np.random.default_rng(rows).normal(size=(rows, 3)))
    assert 1 <= choice.k <= rows // 2


def test_customers_who_are_all_alike_are_one_segment() -> None:
    choice = choose_k(np.ones((1000, 3)))
    assert (choice.k, choice.curve) == (1, ())
    assert choice.reason == "One segment: all 1000 customers are the same in every column."


@pytest.mark.parametrize("points", [2, 3, 5])
def test_few_distinct_points_are_the_segments(points: int) -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(points, 3))[draw.integers(points, size=2000)] * 5
    assert choose_k(X).k == points


def test_the_candidates_keep_to_the_limits() -> None:
    X, _ = planted(4, 3, n=1000)
    assert [score.k for score in choose_k(X, min_share=0.2).curve] == [2, 3, 4, 5]
    assert [score.k for score in choose_k(X, max_segments=3).curve] == [2, 3]


@pytest.mark.parametrize(("limit", "share"), [(1, 0.01), (5, 0.0), (5, 1.0)])
def test_limits_that_leave_nothing_to_choose_are_refused(limit: int, share: float) -> None:
    with pytest.raises(ClusteringError, match="max_segments must be at least 2"):
        choose_k(np.zeros((5, 1)), max_segments=limit, min_share=share)


def test_missing_values_are_refused() -> None:
    with pytest.raises(ClusteringError, match="Missing or infinite values for 1 of 3"):
        choose_k(np.array([[1.0], [np.nan], [2.0]]))


def test_a_choice_survives_json() -> None:
    X, _ = planted(3, 3, n=600)
    choice = choose_k(X, max_segments=5)
    assert Choice.from_dict(json.loads(json.dumps(choice.to_dict()))) == choice


def test_each_criterion_says_what_it_would_pick_of_all_candidates() -> None:
    X, _ = planted(4, 6, n=2500, apart=5.0)
    choice = choose_k(X, max_segments=9)
    assert {curve.name: curve.choice for curve in choice.curves} == dict.fromkeys(
        [
            "stability", "prediction_strength", "silhouette", "gap", "elbow",
            "calinski_harabasz", "davies_bouldin", "bic", "dirichlet",
        ],
        4,
    )  # fmt: skip
    for curve in choice.curves:
        assert curve.ks in (tuple(range(2, 10)), tuple(range(1, 10)))
        assert len(curve.values) == len(curve.ks)
        assert np.isfinite(curve.values).all()
        assert curve.errors is None or len(curve.errors) == len(curve.ks)
        assert str(curve.choice) in curve.sentence


def test_the_indices_are_scikit_learns_on_the_partition_that_was_fitted() -> None:
    X, truth = planted(4, 6, n=2500, apart=5.0)
    curves = {curve.name: curve for curve in choose_k(X, max_segments=5).curves}
    at = curves["silhouette"].ks.index(4)
    assert curves["calinski_harabasz"].values[at] == pytest.approx(
        calinski_harabasz_score(X, truth)
    )
    assert curves["davies_bouldin"].values[at] == pytest.approx(davies_bouldin_score(X, truth))
    assert curves["elbow"].values[0] == pytest.approx(X.var(axis=0).sum())
    assert curves["silhouette"].values[at] == pytest.approx(silhouette_score(X, truth), abs=0.01)


def test_equal_weights_in_another_unit_change_no_criterion() -> None:
    X, _ = planted(3, 4, n=900)
    one, other = choose_k(X, max_segments=5), choose_k(X, np.full(900, 40.0), max_segments=5)
    for before, after in zip(one.curves, other.curves, strict=True):
        assert after.values == pytest.approx(before.values)
        assert after.choice == before.choice


@pytest.mark.parametrize("rows", [5, 9, 40])
def test_of_a_few_customers_every_criterion_is_still_a_number(rows: int) -> None:
    choice = choose_k(np.random.default_rng(rows).normal(size=(rows, 3)))
    assert len(choice.curves) == 9
    assert all(np.isfinite(curve.values).all() for curve in choice.curves)


@pytest.mark.parametrize("processors", [1, 2, 5])
def test_how_many_processors_there_are_changes_nothing(
    processors: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, _ = planted(5, 8, n=12_000, apart=2.0)
    usual = choose_k(X, max_segments=8)
    monkeypatch.setattr("customer_atlas.side_by_side.processors", lambda: processors)
    assert choose_k(X, max_segments=8) == usual
