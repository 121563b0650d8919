from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import davies_bouldin_score

from customer_atlas.clustering.criteria import Partition, davies_bouldin, davies_bouldin_curve

__all__: list[str] = []


@settings(deadline=5_000)
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_it_equals_scikit_learns_with_customers_repeated_by_weight(seed: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    X, labels = draw.normal(size=(50, 3)), np.r_[np.arange(k), draw.integers(k, size=50 - k)]
    times = draw.integers(1, 4, 50)
    found = davies_bouldin(Partition.of(X, labels, times.astype(float)))
    expected = davies_bouldin_score(np.repeat(X, times, axis=0), np.repeat(labels, times))
    assert found == pytest.approx(expected)


def test_customers_who_are_alike_within_their_segments_blur_into_no_other() -> None:
    X, labels = np.repeat([[0.0], [5.0]], 4, axis=0), np.repeat([0, 1], 4)
    assert davies_bouldin(Partition.of(X, labels, np.ones(8))) == 0.0


def test_segments_with_one_centre_are_as_bad_as_can_be_but_finite() -> None:
    X = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    found = davies_bouldin(Partition.of(X, np.array([0, 0, 1, 1]), np.ones(4)))
    assert 1e6 < found < np.inf


def test_the_lowest_is_picked_and_told() -> None:
    curve = davies_bouldin_curve([2, 3, 4], [1.0, 0.5, 0.75])
    assert (curve.choice, curve.better) == (3, "lower")
    assert "blur least with 3 segments (0.50)" in curve.sentence
