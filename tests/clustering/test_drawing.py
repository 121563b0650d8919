from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.drawing import drawn, effective_rows
from customer_atlas.clustering.microclusters import micro_clusters

from .blobs import planted

__all__: list[str] = []


def test_rows_are_drawn_in_proportion_to_their_weight() -> None:
    weights = np.random.default_rng(0).uniform(1, 4, 2000)
    times = np.zeros(2000)
    for seed in range(400):
        times[drawn(weights, 500, seed)] += 1
    expected = 500 * weights / weights.sum()
    assert (times / 400 - expected).std() < 0.03
    assert times.sum() == 400 * 500


def test_a_row_is_drawn_once_however_heavy() -> None:
    weights = np.append(np.ones(999), 1e6)
    rows = drawn(weights, 500, 0)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert 999 in rows


def test_unequal_weights_leave_fewer_rows_so_that_each_counts_the_same() -> None:
    weights = np.repeat([1.0, 3.0], 3000)
    rows = drawn(weights, 99_999, 0)
    assert len(rows) == 4000
    assert (rows >= 3000).mean() == pytest.approx(0.75, abs=0.01)


def test_rows_count_by_their_effective_number() -> None:
    assert effective_rows(np.repeat([1.0, 3.0], 500)) == pytest.approx(800)
    assert effective_rows(np.full(7, 0.1)) == pytest.approx(7)


def test_small_clusters_keep_the_weight_and_stay_near_their_rows() -> None:
    X, _ = planted(5, 3, n=9000, apart=3.0)
    weights = np.random.default_rng(0).uniform(1, 9, 9000)
    found = micro_clusters(X, weights, 300, 0)
    assert len(found.centers) <= 300
    assert np.bincount(found.of_row, weights) == pytest.approx(found.masses)
    assert ((X - found.centers[found.of_row]) ** 2).mean() < 0.1
