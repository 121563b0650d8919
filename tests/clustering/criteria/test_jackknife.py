from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.criteria import (
    Partition,
    calinski_harabasz,
    davies_bouldin,
    jackknife,
    kmeans_bic,
)

__all__: list[str] = []

MEASURES = (calinski_harabasz, davies_bouldin, kmeans_bic)
CENTERS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]])


def drawn(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 3, n)
    return CENTERS[labels] + draw.normal(size=(n, 2)), labels


@pytest.mark.parametrize("weight", [1.0, 7.0])
def test_the_errors_are_the_spread_over_other_draws(weight: float):
    """The truth is what many draws of as many customers say."""
    values, errors = [], []
    for seed in range(60):
        X, labels = drawn(seed)
        part = Partition.of(X, labels, np.full(len(X), weight))
        values.append([measure(part) for measure in MEASURES])
        errors.append(jackknife(X, labels, np.full(len(X), weight), MEASURES))
    spread = np.std(values, axis=0)
    np.testing.assert_allclose(np.mean(errors, axis=0) / spread, 1.0, atol=0.3)


def test_with_too_few_customers_to_leave_any_out_there_is_no_error():
    X, labels = drawn(0, 40)
    labels[:] = 0
    labels[:9] = 1
    assert jackknife(X, labels, np.ones(40), MEASURES) == (0.0, 0.0, 0.0)
