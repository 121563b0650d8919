from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.criteria import dirichlet_curve, dirichlet_weights

from ..blobs import planted

__all__: list[str] = []


@pytest.mark.filterwarnings("ignore:Best performing initialization did not converge")
@pytest.mark.parametrize("k", [1, 3, 6])
def test_planted_groups_are_counted_with_their_shares(k: int) -> None:
    X, truth = planted(k, 5, n=800, apart=5.0, seed=k)
    weights = dirichlet_weights(X, 15, seed=0)
    assert dirichlet_curve(weights, least=0.02).choice == k
    assert weights[:k] == pytest.approx(np.sort(np.bincount(truth) / 800)[::-1], abs=0.02)


def test_a_cloud_that_is_long_in_a_slanting_direction_is_one_kind() -> None:
    draw = np.random.default_rng(0)
    turn = np.linalg.qr(draw.normal(size=(6, 6)))[0]
    X = draw.normal(size=(1000, 6)) * [9.0, 9.0, 3.0, 1.0, 1.0, 1.0] @ turn
    assert dirichlet_curve(dirichlet_weights(X, 10, seed=0), least=0.02).choice == 1


def test_no_more_components_than_rows() -> None:
    X = np.arange(4.0)[:, None] * 100
    assert len(dirichlet_weights(X, 20, seed=0)) <= 4


def test_weights_are_kept_and_the_count_told() -> None:
    curve = dirichlet_curve(np.array([0.5, 0.45, 0.04, 0.01]), least=0.04)
    assert (curve.ks, curve.values, curve.choice) == ((1, 2, 3, 4), (0.5, 0.45, 0.04, 0.01), 3)
    assert "3 kinds with at least 4.0%" in curve.sentence
    assert dirichlet_curve(np.array([0.5, 0.5]), least=0.6).choice is None


def test_groups_that_a_short_axis_of_a_long_cloud_parts_are_found() -> None:
    for seed in range(4):
        draw = np.random.default_rng(seed)
        X = draw.normal(size=(800, 3)) * [400.0, 1.0, 1.0]
        X[:500, 1] += 9.0
        weights = dirichlet_weights(X, 12, seed=0)
        assert dirichlet_curve(weights, least=0.02).choice == 2, seed
        assert weights[:2] == pytest.approx([500 / 800, 300 / 800], abs=0.02)


def test_the_unit_of_the_columns_does_not_matter() -> None:
    X, _ = planted(3, 4, n=500, apart=5.0)
    usual = dirichlet_weights(X, 8, seed=0)
    for unit in (1e-5, 1e5):
        assert dirichlet_weights(unit * X, 8, seed=0) == pytest.approx(usual, abs=1e-6)
