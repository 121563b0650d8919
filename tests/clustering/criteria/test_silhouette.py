from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_score

from customer_atlas.clustering.criteria import distance_matrix, silhouette

from ..blobs import planted

__all__: list[str] = []


def test_distances_equal_scipys() -> None:
    X, _ = planted(3, 5, n=200)
    assert distance_matrix(X) == pytest.approx(cdist(X, X), abs=1e-6)


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_the_silhouette_equals_scikit_learns(seed: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    X, labels = draw.normal(size=(40, 3)), draw.integers(k, size=40)
    mean, _ = silhouette(distance_matrix(X), labels, np.ones(40))
    assert mean == pytest.approx(silhouette_score(X, labels), abs=1e-9)


def test_weights_shift_the_mean_to_the_customers_that_count_more() -> None:
    X, labels = planted(3, 2, n=300, apart=2.0)
    D = distance_matrix(X)
    plain, _ = silhouette(D, labels, np.ones(300))
    times = 1 + (labels == 0) * 2
    rows = np.repeat(np.arange(300), times)
    repeated = silhouette_score(X[rows], labels[rows])
    weighted, _ = silhouette(D, labels, times.astype(float))
    assert abs(weighted - repeated) < abs(plain - repeated) / 3


def test_the_error_covers_the_full_value() -> None:
    X, labels = planted(4, 4, n=3000, apart=2.0)
    full = silhouette_score(X, labels)
    draw = np.random.default_rng(1)
    misses = []
    for _ in range(40):
        rows = draw.permutation(3000)[:300]
        mean, error = silhouette(distance_matrix(X[rows]), labels[rows], np.ones(300))
        misses.append((mean - full) / error)
    assert np.mean(np.abs(misses) < 3) >= 0.95
    assert np.std(misses) > 0.3  # an error that is far too wide would cover too


def test_one_segment_has_no_silhouette_and_a_lonely_customer_counts_zero() -> None:
    D = distance_matrix(np.array([[0.0], [1.0], [9.0]]))
    assert silhouette(D, np.array([4, 4, 4]), np.ones(3)) == (0.0, 0.0)
    mean, _ = silhouette(D, np.array([0, 0, 1]), np.ones(3))
    assert mean == pytest.approx(silhouette_score(np.array([[0.0], [1.0], [9.0]]), [0, 0, 1]))
