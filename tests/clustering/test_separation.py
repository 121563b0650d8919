from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.lloyd import lloyd
from customer_atlas.clustering.separation import VALLEY, valley_ratios

__all__: list[str] = []


def ratios(X: np.ndarray, k: int) -> np.ndarray:
    fit = lloyd(X, np.ones(len(X)), k, seed=0, n_init=5)
    return valley_ratios(X, np.ones(len(X)), fit.labels, fit.centers)


@pytest.mark.parametrize("d", [1, 5, 20])
def test_one_cloud_that_is_cut_has_no_valley(d: int) -> None:
    X = np.random.default_rng(0).normal(size=(5000, d)) * np.r_[3.0, np.ones(d - 1)]
    assert (ratios(X, 2) > 1).all()
    assert (ratios(X, 4) > VALLEY).all()


@pytest.mark.parametrize("d", [1, 5, 20])
def test_two_clouds_three_and_a_half_deviations_apart_have_one(d: int) -> None:
    X = np.random.default_rng(0).normal(size=(5000, d))
    X[:2500, 0] += 3.5
    assert (ratios(X, 2) < VALLEY).all()


def test_a_cloud_that_was_cut_beside_a_whole_one_shows_which_is_which() -> None:
    X = np.random.default_rng(0).normal(size=(6000, 3)) * np.array([1.0, 3.0, 1.0])
    X[:2000, 0] += 20
    fit = lloyd(X, np.ones(6000), 3, seed=0, n_init=5)
    found = valley_ratios(X, np.ones(6000), fit.labels, fit.centers)
    assert sorted((found < VALLEY).tolist()) == [False, False, True]


def test_weights_decide_where_the_valley_is() -> None:
    X = np.linspace(-1, 1, 401)[:, None]
    labels, centers = (X[:, 0] > 0).astype(int), np.array([[-0.5], [0.5]])
    middle = np.abs(X[:, 0]) < 0.2
    assert (valley_ratios(X, np.where(middle, 0.1, 1.0), labels, centers) < VALLEY).all()
    assert (valley_ratios(X, np.ones(401), labels, centers) > VALLEY).all()
