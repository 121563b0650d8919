from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from customer_atlas.features.matrix.statistics import (
    weighted_covariance,
    weighted_moments,
    weighted_quantiles,
    weighted_skewness,
)

__all__: list[str] = []

weighted = st.lists(
    st.tuples(st.floats(-1e6, 1e6), st.integers(1, 5)), min_size=1, max_size=40
).map(lambda pairs: (np.array([v for v, _ in pairs]), np.array([w for _, w in pairs])))


@given(weighted, st.floats(0.001, 1.0))
def test_weighted_quantiles_are_those_of_repeated_values(
    pair: tuple[np.ndarray, np.ndarray], probability: float
) -> None:
    values, times = pair
    found = weighted_quantiles(values, times.astype(float), (probability,))
    exact = np.quantile(np.repeat(values, times), probability, method="inverted_cdf")
    near = np.quantile(np.repeat(values, times), probability - 1e-9, method="inverted_cdf")
    assert found[0] in (exact, near)


@given(weighted)
def test_moments_are_those_of_repeated_values(pair: tuple[np.ndarray, np.ndarray]) -> None:
    values, times = pair
    repeated = np.repeat(values, times)
    mean, deviation = weighted_moments(values, times.astype(float))
    assert mean == pytest.approx(repeated.mean(), abs=1e-6)
    assert deviation == pytest.approx(repeated.std(), abs=1e-4)


def test_skewness_equals_scipys() -> None:
    draw = np.random.default_rng(0)
    values, times = draw.gamma(1, size=500), draw.integers(1, 4, 500)
    found = weighted_skewness(values, times.astype(float))
    assert found == pytest.approx(stats.skew(np.repeat(values, times)))
    assert weighted_skewness(np.full(9, 0.1), np.ones(9)) == 0.0


def test_covariance_equals_numpys() -> None:
    draw = np.random.default_rng(0)
    X, times = draw.normal(size=(200, 4)), draw.integers(1, 4, 200)
    expected = np.cov(X, rowvar=False, fweights=times, bias=True)
    assert weighted_covariance(X, times.astype(float)) == pytest.approx(expected)
