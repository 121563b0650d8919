from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from customer_atlas.features.matrix.skew import (
    best_power,
    signed_log,
    signed_log_inverse,
    yeo_johnson,
    yeo_johnson_inverse,
)

__all__: list[str] = []

DRAWS = {
    "spend": lambda r: np.exp(r.normal(3, 1, 3000)),
    "loss": lambda r: -np.exp(r.normal(1, 1, 3000)),
    "both": lambda r: r.normal(0.5, 2, 3000) ** 3 / 10,
    "share": lambda r: r.beta(1, 6, 3000),
    "count": lambda r: r.poisson(0.4, 3000).astype(float),
}


@pytest.mark.parametrize("power", [-2.0, -0.3, 0.0, 0.5, 1.0, 1.7, 2.0, 3.5])
def test_yeo_johnson_equals_scipys(power: float) -> None:
    values = np.random.default_rng(0).normal(0, 20, 500)
    assert yeo_johnson(values, power) == pytest.approx(stats.yeojohnson(values, power), rel=1e-12)


@pytest.mark.parametrize("draw", DRAWS)
def test_the_best_power_is_that_of_scikit_learn(draw: str) -> None:
    values = DRAWS[draw](np.random.default_rng(0))
    theirs = PowerTransformer(standardize=False).fit(values[:, None])
    assert best_power(values, np.ones(3000)) == pytest.approx(theirs.lambdas_[0], abs=1e-4)
    found = yeo_johnson(values, float(theirs.lambdas_[0]))
    assert found == pytest.approx(theirs.transform(values[:, None])[:, 0], rel=1e-9, abs=1e-12)


def test_a_weight_counts_like_so_many_values() -> None:
    draw = np.random.default_rng(0)
    values, times = draw.gamma(1, 5, 500), draw.integers(1, 5, 500)
    repeated = best_power(np.repeat(values, times), np.ones(times.sum()))
    assert best_power(values, times.astype(float)) == pytest.approx(repeated, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6, 1e60])
@pytest.mark.parametrize("draw", ["spend", "loss", "share"])
def test_numbers_of_any_size_keep_their_differences(draw: str, scale: float) -> None:
    values = DRAWS[draw](np.random.default_rng(0)) * scale
    power = best_power(values, np.ones(3000))
    assert -5 <= power <= 5
    assert abs(stats.skew(yeo_johnson(values, power))) < abs(stats.skew(values)) + 1e-6


def test_values_that_are_all_alike_ask_for_no_power() -> None:
    assert best_power(np.full(10, 3.0), np.ones(10)) == 1.0


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=30), st.floats(0.2, 1.8))
@settings(deadline=2000)
def test_what_was_transformed_comes_back_in_its_order(values: list[float], power: float) -> None:
    array = np.sort(np.array(values))
    made = yeo_johnson(array, power)
    assert (np.diff(made) >= 0).all()
    assert yeo_johnson_inverse(made, power) == pytest.approx(array, rel=1e-6, abs=1e-9)
    assert signed_log_inverse(signed_log(array)) == pytest.approx(array, rel=1e-9, abs=1e-12)


def test_beyond_the_range_of_the_transform_its_inverse_is_infinite() -> None:
    assert yeo_johnson(np.array([1e300]), -2.0)[0] == pytest.approx(0.5)
    assert yeo_johnson_inverse(np.array([0.6, 0.2]), -2.0)[0] == np.inf
    assert yeo_johnson_inverse(np.array([-0.6]), 4.0)[0] == -np.inf
    assert yeo_johnson(np.array([1e300, -1e300]), 1.5).tolist()[0] == np.inf
    assert signed_log_inverse(np.array([1e5, -1e5])).tolist() == [np.inf, -np.inf]
