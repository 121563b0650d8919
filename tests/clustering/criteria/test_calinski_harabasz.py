from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import calinski_harabasz_score

from customer_atlas.clustering.criteria import (
    Partition,
    calinski_harabasz,
    calinski_harabasz_curve,
)

__all__: list[str] = []


@settings(deadline=5_000)
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_it_equals_scikit_learns_with_customers_repeated_by_weight(seed: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    X, labels = draw.normal(size=(50, 3)), np.r_[np.arange(k), draw.integers(k, size=50 - k)]
    times = draw.integers(1, 4, 50)
    found = calinski_harabasz(Partition.of(X, labels, times.astype(float)))
    expected = calinski_harabasz_score(np.repeat(X, times, axis=0), np.repeat(labels, times))
    assert found == pytest.approx(expected)


def test_where_all_of_a_segment_are_alike_it_is_what_scikit_learn_says() -> None:
    X, labels = np.repeat([[0.0], [5.0]], 4, axis=0), np.repeat([0, 1], 4)
    assert calinski_harabasz(Partition.of(X, labels, np.ones(8))) == 1.0
    assert calinski_harabasz_score(X, labels) == 1.0


def test_what_cannot_be_compared_is_zero() -> None:
    X = np.arange(3.0)[:, None]
    assert calinski_harabasz(Partition.of(X, np.zeros(3, int), np.ones(3))) == 0.0
    assert calinski_harabasz(Partition.of(X, np.arange(3), np.ones(3))) == 0.0


def test_the_highest_is_picked_and_told() -> None:
    curve = calinski_harabasz_curve([2, 3, 4], [10.0, 30.0, 20.0])
    assert (curve.choice, curve.better, curve.errors) == (3, "higher", None)
    assert "highest with 3 segments" in curve.sentence
