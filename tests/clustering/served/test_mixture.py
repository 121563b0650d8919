from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import GaussianMixture
from customer_atlas.clustering.served import Mixture
from customer_atlas.errors import ClusteringError

from ..blobs import planted

__all__: list[str] = []


def test_components_of_one_group_are_one_cluster() -> None:
    X, _ = planted(4, 3, apart=2.0, stretched=True)
    alone = GaussianMixture(4).fit(X).served_
    merged = replace(alone, groups=np.array([1, 0, 1, 0], np.int32))
    parts = alone.predict_proba(X)
    assert merged.n_clusters == 2
    expected = np.stack([parts[:, [1, 3]].sum(axis=1), parts[:, [0, 2]].sum(axis=1)], axis=1)
    assert merged.predict_proba(X) == pytest.approx(expected)
    assert (merged.predict(X) == expected.argmax(axis=1)).all()
    assert merged.responsibilities(X) == pytest.approx(parts)
    assert merged.log_density(X).tobytes() == alone.log_density(X).tobytes()


def test_the_distance_is_mahalanobis_to_the_likeliest_component_of_the_cluster() -> None:
    X, _ = planted(4, 3, n=500, apart=2.0, stretched=True)
    alone = GaussianMixture(4).fit(X).served_
    merged = replace(alone, groups=np.array([1, 0, 1, 0], np.int32))
    found, parts = merged.assign(X), merged.responsibilities(X)
    for row in range(0, 500, 25):
        inside = np.flatnonzero(merged.groups == found.cluster[row])
        best = inside[parts[row, inside].argmax()]
        gap = X[row] - merged.means[best]
        precision = merged.factors[best] @ merged.factors[best].T
        assert found.distance[row] == pytest.approx(np.sqrt(gap @ precision @ gap))


def test_the_likeliest_component_of_all_may_lie_in_another_cluster() -> None:
    weights, means = np.array([0.4, 0.3, 0.3]), np.array([[0.5], [0.4], [0.4]])
    model = Mixture(weights, means, np.ones((3, 1, 1)), np.array([0, 1, 1], np.int32))
    found = model.assign(np.zeros((1, 1)))
    assert found.cluster.tolist() == [1]
    assert found.distance == pytest.approx([0.4])


def test_usual_customers_are_about_the_square_root_of_the_columns_away() -> None:
    X, _ = planted(2, 9, apart=4.0, stretched=True)
    found = GaussianMixture(2).fit(X).served_.assign(X)
    assert np.sqrt((found.distance**2).mean()) == pytest.approx(3.0, rel=0.02)


def test_below_the_threshold_nobody_belongs() -> None:
    model = Mixture(
        np.ones(1), np.zeros((1, 1)), np.ones((1, 1, 1)), np.zeros(1, np.int32), unusual=-5.0
    )
    X = np.array([[0.0], [2.8], [2.9]])  # the log density at x is -0.919 - x²/2
    assert model.predict(X).tolist() == [0, 0, -1]
    assert model.predict_proba(X).tolist() == [[1.0]] * 3


def test_missing_values_and_other_widths_are_refused() -> None:
    model = GaussianMixture(2).fit(planted(2, 3, n=100)[0]).served_
    for ask in (model.predict, model.predict_proba, model.log_density, model.responsibilities):
        with pytest.raises(ClusteringError, match="Missing or infinite values for 1 of 2"):
            ask(np.array([[0.0, 0.0, np.nan], [0.0, 0.0, 0.0]]))
        with pytest.raises(ClusteringError, match="knows 3 columns; found 2"):
            ask(np.zeros((1, 2)))


def test_thirty_thousand_customers_are_scored_in_a_moment() -> None:
    X, _ = planted(10, 10, n=30_000)
    model = GaussianMixture(10, n_init=0).fit(X[::10]).served_
    with threadpool_limits(1):
        begun = time.process_time()
        model.assign(X)
    assert time.process_time() - begun < 1.0
