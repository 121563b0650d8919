"""Shrinkage against customers whose true means are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.features.shrinkage import Prior, confidence, learn_prior, shrunk

__all__: list[str] = []

N = 40_000


def normal_normal(seed: int, between: float, within: float) -> tuple[np.ndarray, ...]:
    """True means, observed means and counts, where both levels are normal."""
    draw = np.random.default_rng(seed)
    counts = draw.geometric(0.3, N)
    true = draw.normal(50, between, N)
    return true, true + draw.normal(0, within, N) / np.sqrt(counts), counts


def beta_binomial(seed: int, a: float, b: float) -> tuple[np.ndarray, ...]:
    """True rates, observed shares and counts."""
    draw = np.random.default_rng(seed)
    counts = draw.geometric(0.15, N)
    true = draw.beta(a, b, N)
    return true, draw.binomial(counts, true) / counts, counts


def error(found: np.ndarray, true: np.ndarray) -> float:
    return float(((found - true) ** 2).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("between", "within"), [(10, 20), (10, 5), (5, 20)])
def test_the_variances_of_normal_customers_are_found_to_a_sixth_and_the_error_shrinks(
    seed: int, between: float, within: float
) -> None:
    true, values, counts = normal_normal(seed, between, within)
    prior = learn_prior(values, counts)
    assert prior is not None
    assert prior.mean == pytest.approx(50, abs=0.2)
    assert prior.strength == pytest.approx((within / between) ** 2, rel=1 / 6)
    known = Prior(50.0, (within / between) ** 2)
    assert error(shrunk(values, counts, prior), true) < error(values, true)
    assert error(shrunk(values, counts, prior), true) == pytest.approx(
        error(shrunk(values, counts, known), true), rel=0.02
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("a", "b"), [(2, 18), (5, 5), (1, 19)])
def test_the_prior_of_rates_is_found_to_a_fifth_and_the_error_shrinks(
    seed: int, a: float, b: float
) -> None:
    true, values, counts = beta_binomial(seed, a, b)
    prior = learn_prior(values, counts)
    assert prior is not None
    assert prior.mean == pytest.approx(a / (a + b), rel=0.05)
    assert prior.strength == pytest.approx(a + b, rel=0.2)
    assert error(shrunk(values, counts, prior), true) < 0.5 * error(values, true)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_one_customer_in_a_hundred_that_is_absurd_changes_the_prior_little(seed: int) -> None:
    _, values, counts = normal_normal(seed, 10, 20)
    absurd = np.random.default_rng(seed).random(N) < 0.01
    prior = learn_prior(np.where(absurd, 1e9, values), counts)
    assert prior is not None
    assert prior.mean == pytest.approx(50, abs=1.5)
    assert prior.strength == pytest.approx(4, rel=0.25)


def test_customers_who_do_not_differ_beyond_chance_all_get_about_the_mean() -> None:
    _, values, counts = normal_normal(0, 0, 20)
    prior = learn_prior(values, counts)
    assert prior is not None
    assert prior.strength > 200
    assert shrunk(values, counts, prior).std() < 0.05 * values.std()


def test_values_without_noise_stay_nearly_as_they_are() -> None:
    _, values, counts = normal_normal(0, 10, 0)
    prior = learn_prior(values, counts)
    assert prior is not None
    assert prior.strength < 0.1
    assert np.abs(shrunk(values, counts, prior) - values).max() < 0.1 * values.std() * 5


def test_a_customer_who_weighs_two_counts_like_two() -> None:
    _, values, counts = normal_normal(0, 10, 20)
    values, counts = values[:2000], counts[:2000]
    times = np.random.default_rng(1).integers(1, 4, 2000)
    weighted = learn_prior(values, counts, times.astype(float))
    repeated = learn_prior(np.repeat(values, times), np.repeat(counts, times))
    assert weighted is not None
    assert repeated is not None
    assert weighted.mean == pytest.approx(repeated.mean, rel=1e-4)
    assert weighted.strength == pytest.approx(repeated.strength, rel=1e-3)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (np.arange(49.0), np.arange(1, 50)),  # too few
        (np.arange(500.0), np.full(500, 3)),  # equally many observations
        (np.full(500, 7.0), np.arange(1, 501)),  # all the same
        (np.arange(500.0), np.zeros(500)),  # nobody has any
        (np.full(500, np.nan), np.arange(1, 501)),
        (np.zeros(0), np.zeros(0)),
    ],
)
def test_nothing_is_learnt_where_too_little_is_known(
    values: np.ndarray, counts: np.ndarray
) -> None:
    assert learn_prior(values, counts) is None


numbers = st.floats(-1e9, 1e9) | st.just(np.nan)
observed = st.lists(st.tuples(numbers, st.floats(-1, 1e9) | st.just(np.nan)), min_size=1)
priors = st.builds(Prior, st.floats(-1e9, 1e9), st.floats(0, 1e12) | st.just(math.inf))


@given(observed, priors)
@settings(deadline=2000)
def test_what_is_shrunk_lies_between_the_value_and_the_mean(
    pairs: list[tuple[float, float]], prior: Prior
) -> None:
    values, counts = (np.array(column) for column in zip(*pairs, strict=True))
    found, own = shrunk(values, counts, prior), confidence(counts, prior)
    assert np.isfinite(found).all()
    assert ((own >= 0) & (own <= 1)).all()
    ends = np.stack(
        [np.where(np.isnan(values), prior.mean, values), np.full(len(values), prior.mean)]
    )
    slack = 1e-9 * np.abs(ends).max()
    assert (found >= ends.min(axis=0) - slack).all()
    assert (found <= ends.max(axis=0) + slack).all()


@given(st.lists(st.floats(0.5, 1e6), min_size=1), priors)
@settings(deadline=2000)
def test_more_observations_are_trusted_more(counts: list[float], prior: Prior) -> None:
    assert (np.diff(confidence(np.sort(counts), prior)) >= 0).all()


def test_the_ends_are_exact() -> None:
    values, counts = np.array([0.1, 0.7, np.nan]), np.array([1.0, 5.0, 5.0])
    assert shrunk(values, counts, Prior(0.3, 0.0)).tolist() == [0.1, 0.7, 0.3]
    assert shrunk(values, counts, Prior(0.3, math.inf)).tolist() == [0.3, 0.3, 0.3]
    assert shrunk(values, np.zeros(3), Prior(0.3, 0.0)).tolist() == [0.3, 0.3, 0.3]


@given(
    st.lists(st.tuples(st.floats(-1e300, 1e300), st.integers(0, 10**6)), min_size=50, max_size=80)
)
@settings(deadline=5000, max_examples=200)
def test_whatever_is_learnt_is_a_mean_and_a_strength(pairs: list[tuple[float, int]]) -> None:
    values, counts = (np.array(column, float) for column in zip(*pairs, strict=True))
    prior = learn_prior(values, counts)
    if prior is not None:
        assert math.isfinite(prior.mean)
        assert prior.strength >= 0
        assert values.min() <= prior.mean <= values.max()
