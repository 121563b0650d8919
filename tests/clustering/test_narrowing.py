from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import AutoClusterer, choose_k, null_test
from customer_atlas.clustering.criteria import distance_matrix
from customer_atlas.clustering.narrowing import narrowed, principal

__all__: list[str] = []


def _wide(groups: int, apart: float, columns: int = 1_000) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    truth = np.arange(240) % groups
    return draw.normal(size=(240, columns)) + (draw.normal(size=(groups, columns)) * apart)[
        truth
    ], truth


def test_rows_turned_into_fewer_columns_keep_their_distances() -> None:
    X = np.random.default_rng(0).normal(3.0, 1.0, size=(30, 400))
    assert narrowed(X).shape == (30, 30)
    assert distance_matrix(narrowed(X)) == pytest.approx(distance_matrix(X), rel=1e-6, abs=1e-6)
    short = narrowed(X).mean(axis=0)
    assert short @ short == pytest.approx(X.mean(axis=0) @ X.mean(axis=0))


@pytest.mark.parametrize("shape", [(30, 50), (400, 300)])
def test_up_to_fifty_columns_or_as_many_as_rows_nothing_changes(shape: tuple[int, int]) -> None:
    X = np.random.default_rng(0).normal(size=shape)
    assert narrowed(X) is X
    assert principal(X) is X


def test_principal_components_are_those_with_most_variance() -> None:
    X = np.random.default_rng(0).normal(size=(60, 90)) * np.arange(1, 91)
    gaps = X - X.mean(axis=0)
    values, ways = np.linalg.eigh(gaps.T @ gaps)
    found = principal(X)
    assert (found**2).sum(axis=0) == pytest.approx(values[::-1][:50])
    assert np.abs(found[:, 0]) == pytest.approx(np.abs(gaps @ ways[:, -1]))


@pytest.mark.parametrize(("groups", "apart"), [(6, 0.3), (3, 0.2)])
def test_groups_among_more_columns_than_rows_are_seen(groups: int, apart: float) -> None:
    X, _ = _wide(groups, apart)
    assert null_test(X).structured
    assert choose_k(X, max_segments=10).k == groups


def test_noise_in_more_columns_than_rows_is_one_group() -> None:
    X, _ = _wide(1, 0.0)
    assert null_test(X).p_value > 0.1
    draw = np.random.default_rng(1)
    common = draw.normal(size=(240, 4)) @ draw.normal(size=(4, 600)) + draw.normal(size=(240, 600))
    assert not null_test(common).structured
    assert not null_test(np.exp(common / 3)).structured


def test_a_table_much_wider_than_long_takes_seconds() -> None:
    """It takes 5 seconds of the processor, and 22 where references have all columns."""
    X, truth = _wide(6, 0.3, columns=1_500)
    begun = time.process_time()
    model = AutoClusterer(max_clusters=12).fit(X)
    assert time.process_time() - begun < 15
    assert adjusted_rand_score(truth, model.labels_) == pytest.approx(1.0)
