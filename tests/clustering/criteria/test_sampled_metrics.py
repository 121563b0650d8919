"""What is measured on a sample of the customers: the error that is told, and the time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from customer_atlas.clustering.criteria import (
    Partition,
    calinski_harabasz,
    davies_bouldin,
    distance_matrix,
    kmeans_bic,
    silhouette,
    stability,
)
from customer_atlas.clustering.criteria.prediction_strength import prediction_strength

from ..blobs import planted

__all__: list[str] = []

_LABELS = 1_000_000


@pytest.mark.parametrize("weighted", [False, True])
def test_two_of_its_errors_around_a_sampled_silhouette_hold_the_true_one(weighted: bool) -> None:
    X, labels = planted(4, 3, n=3_000, apart=1.5)
    weights = np.random.default_rng(0).uniform(1, 9 if weighted else 1, len(X))
    true, _ = silhouette(distance_matrix(X), labels, weights)
    held = 0
    for seed in range(100):
        some = np.random.default_rng(seed).permutation(len(X))[:300]
        found, error = silhouette(distance_matrix(X[some]), labels[some], weights[some])
        held += abs(found - true) <= 2 * error
    assert held >= 90


def _stability(X: np.ndarray, one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> object:
    return stability(one, [other, one], weights, 8)


def _strength(X: np.ndarray, one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> object:
    return prediction_strength(one, other, weights)


def _indices(X: np.ndarray, one: np.ndarray, other: np.ndarray, weights: np.ndarray) -> object:
    partition = Partition.of(X, one, weights)
    return calinski_harabasz(partition), davies_bouldin(partition), kmeans_bic(partition)


@pytest.mark.parametrize("metric", [_stability, _strength, _indices])
def test_a_million_labels_take_no_more_than_linear_time(metric: Callable[..., object]) -> None:
    draw = np.random.default_rng(0)
    one, other = draw.integers(0, 8, (2, _LABELS)).astype(np.int32)
    X, weights = draw.normal(size=(_LABELS, 4)), draw.uniform(1, 9, _LABELS)
    seconds = []
    for n in (_LABELS // 10, _LABELS):
        begun = time.process_time()
        metric(X[:n], one[:n], other[:n], weights[:n])
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 30 * seconds[0] + 0.5
    assert seconds[1] < 5
