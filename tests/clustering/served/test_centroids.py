from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from customer_atlas.clustering.served import Centroids, nearest_centers
from customer_atlas.errors import ClusteringError

__all__: list[str] = []


@given(st.integers(0, 1000), st.integers(1, 300), st.integers(1, 5))
def test_the_nearest_centre_is_the_one_that_plain_distances_give(seed: int, k: int, d: int) -> None:
    draw = np.random.default_rng(seed)
    X, centers = draw.normal(size=(50, d)), draw.normal(size=(k, d))
    assert nearest_centers(X, centers).tolist() == cdist(X, centers).argmin(axis=1).tolist()


def test_of_equal_centres_the_first_is_taken() -> None:
    centers = np.array([[3.0], [1.0], [1.0], [3.0]])
    assert nearest_centers(np.array([[1.0], [3.0]]), centers).tolist() == [1, 0]


def test_another_width_is_refused() -> None:
    with pytest.raises(ClusteringError, match="knows 4 columns; found 2"):
        Centroids(np.zeros((1, 4)), 1.0).predict(np.zeros((3, 2)))


def test_assignment_keeps_up_with_the_bare_matrix_product() -> None:
    draw = np.random.default_rng(0)
    X, centers = draw.normal(size=(300_000, 20)), draw.normal(size=(10, 20))
    with threadpool_limits(1):
        ratio = _quickest(lambda: X @ centers.T) / _quickest(lambda: nearest_centers(X, centers))
    assert ratio > 0.4  # 0.7 and more on a quiet machine; the benchmark holds that


def _quickest(work: object) -> float:
    assert callable(work)
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
