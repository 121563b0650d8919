from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import cut_tree, ward

from customer_atlas.clustering.criteria import Curve, box_reference, gap_curve, ward_log_inertia

from ..blobs import planted

__all__: list[str] = []


def _inertia(X: np.ndarray, labels: np.ndarray) -> float:
    return float(
        sum(((X[labels == j] - X[labels == j].mean(axis=0)) ** 2).sum() for j in np.unique(labels))
    )


def _gap(X: np.ndarray, most: int, references: int = 20) -> Curve:
    drawn = np.stack([ward_log_inertia(box_reference(X, seed), most) for seed in range(references)])
    own = ward_log_inertia(X, most)
    return gap_curve(own, drawn.mean(axis=0), drawn.std(axis=0), references=references)


def test_the_heights_of_wards_merging_give_the_inertia_of_its_groups() -> None:
    X, _ = planted(3, 4, n=60, apart=1.0)
    tree = ward(X)
    expected = [_inertia(X, cut_tree(tree, k).ravel()) for k in range(1, 9)]
    assert np.exp(ward_log_inertia(X, 8)) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_gap_error_and_choice_equal_a_calculation_by_hand(seed: int) -> None:
    draw = np.random.default_rng(seed)
    own, drawn = np.sort(draw.normal(size=8))[::-1], draw.normal(size=(10, 8)) * draw.random(8)
    curve = gap_curve(own, drawn.mean(axis=0), drawn.std(axis=0), references=10)
    gaps = [sum(row[k] for row in drawn) / 10 - own[k] for k in range(8)]
    errors = [
        (sum((row[k] - sum(r[k] for r in drawn) / 10) ** 2 for row in drawn) / 10) ** 0.5 * 1.1**0.5
        for k in range(8)
    ]
    assert curve.values == pytest.approx(gaps)
    assert curve.errors == pytest.approx(errors)
    rule = [k + 1 for k in range(7) if gaps[k] >= gaps[k + 1] - errors[k + 1]]
    assert curve.choice == min(rule, default=None)


def test_where_the_gap_rises_to_the_end_none_is_picked_and_said_so() -> None:
    curve = gap_curve(-np.arange(4.0), np.zeros(4), np.full(4, 0.1), references=10)
    assert curve.choice is None
    assert "keeps growing up to 4 segments" in curve.sentence


@pytest.mark.parametrize("k", [2, 4, 7])
def test_planted_groups_are_counted(k: int) -> None:
    X, _ = planted(k, 6, n=400, apart=4.0, seed=k)
    assert _gap(X, 10).choice == k


def test_rows_as_the_references_are_drawn_are_mostly_one_segment() -> None:
    picked = [
        _gap(np.random.default_rng(seed).uniform(size=(150, 3)) * [9, 3, 1], 6).choice
        for seed in range(30)
    ]
    assert picked.count(1) >= 18  # one standard error leaves about one in five to chance


def test_a_reference_fills_the_box_of_the_data_however_it_is_turned() -> None:
    draw = np.random.default_rng(0)
    turn = np.linalg.qr(draw.normal(size=(3, 3)))[0]
    X = draw.uniform(-1, 1, size=(4000, 3)) * [9.0, 3.0, 1.0] @ turn + 7.0
    drawn = box_reference(X, 1)
    assert drawn.mean(axis=0) == pytest.approx(X.mean(axis=0), abs=0.3)
    assert np.cov(drawn.T) == pytest.approx(np.cov(X.T), abs=1.2)
    assert np.array_equal(drawn, box_reference(X, 1))
    assert not np.array_equal(drawn, box_reference(X, 2))


def test_rows_that_are_alike_have_a_finite_logarithm() -> None:
    X = np.repeat([[0.0], [4.0]], 10, axis=0)
    found = ward_log_inertia(X, 5)
    assert np.isfinite(found).all()
    assert found[0] == pytest.approx(np.log(80))
