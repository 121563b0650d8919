from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from customer_atlas.clustering.criteria import Partition

from ..blobs import planted

__all__: list[str] = []


def test_within_is_the_inertia_of_k_means_and_spread_the_mean_distance() -> None:
    X, _ = planted(4, 3, n=500)
    model = KMeans(4, random_state=0, tol=0).fit(X)
    found = Partition.of(X, model.labels_, np.ones(500))
    assert found.within == pytest.approx(model.inertia_)
    assert found.centers == pytest.approx(model.cluster_centers_)
    away = np.linalg.norm(X - model.cluster_centers_[model.labels_], axis=1)
    expected = [away[model.labels_ == j].mean() for j in range(4)]
    assert found.spread == pytest.approx(expected)


def test_within_and_between_add_up_to_the_whole_scatter() -> None:
    draw = np.random.default_rng(0)
    X, labels, weights = draw.normal(size=(90, 4)), draw.integers(5, size=90), draw.random(90) + 0.1
    whole = Partition.of(X, np.zeros(90, int), weights)
    found = Partition.of(X, labels, weights)
    assert found.within + found.between == pytest.approx(whole.within)
    assert whole.between == pytest.approx(0.0, abs=1e-20)


def test_a_weight_is_a_number_of_alike_customers() -> None:
    draw = np.random.default_rng(1)
    X, labels, times = draw.normal(size=(60, 3)), draw.integers(4, size=60), draw.integers(1, 5, 60)
    weighted = Partition.of(X, labels, times.astype(float))
    repeated = Partition.of(
        np.repeat(X, times, axis=0), np.repeat(labels, times), np.ones(times.sum())
    )
    for name in ("masses", "centers", "scatter", "spread"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name)), name


def test_segments_without_customers_are_left_out() -> None:
    found = Partition.of(np.eye(3), np.array([0, 5, 5]), np.ones(3))
    assert found.masses.tolist() == [1.0, 2.0]


def test_customers_who_coincide_still_have_a_logarithm_of_inertia() -> None:
    X = np.array([[0.0], [0.0], [3.0]])
    assert Partition.of(X, np.array([0, 0, 1]), np.ones(3)).within == 0.0
    assert Partition.of(X, np.array([0, 0, 1]), np.ones(3)).floored > 0.0
