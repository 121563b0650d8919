from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.regions import COMMON, Regions
from customer_atlas.clustering.starts import merged

__all__: list[str] = []

SHARE = 0.002


@pytest.fixture(scope="module")
def crowd() -> np.ndarray:
    """20,000 customers, the first 40 of them far off in three of six columns."""
    X = np.random.default_rng(0).normal(size=(20_000, 6)) * [3, 1, 1, 1, 1, 1]
    X[:40, 3:] += 6.0
    return X


@pytest.mark.parametrize("seed", range(3))
def test_a_small_group_is_apart_from_other_regions_and_has_rows_in_a_small_draw(
    crowd: np.ndarray, seed: int
) -> None:
    weights = np.random.default_rng(1).uniform(1, 3, len(crowd))
    regions = Regions.of(crowd, weights, SHARE, seed)
    assert regions is not None
    mine = np.isin(regions.of_row, regions.of_row[:40])
    assert mine[:40].all()
    assert mine[40:].sum() <= 4
    rows, masses = regions.drawn(weights, 2_000, seed)
    assert (rows < 40).sum() >= 20
    assert len(rows) <= 2_050
    assert (np.diff(rows) > 0).all()
    drawn = np.bincount(regions.of_row[rows], masses)
    assert drawn == pytest.approx(np.bincount(regions.of_row, weights))


def test_what_the_rows_of_a_draw_stand_for_gives_the_means_of_all(crowd: np.ndarray) -> None:
    weights = np.random.default_rng(1).uniform(1, 3, len(crowd))
    regions = Regions.of(crowd, weights, SHARE, 0)
    assert regions is not None
    means = []
    for seed in range(40):
        rows, masses = regions.drawn(weights, 2_000, seed)
        means.append(np.average(crowd[rows], axis=0, weights=masses))
    error = np.std(means, axis=0) / np.sqrt(len(means))
    truth = np.average(crowd, axis=0, weights=weights)
    assert np.abs(np.mean(means, axis=0) - truth) == pytest.approx(np.zeros(6), abs=4.5 * error[0])


def test_common_groups_and_small_tables_need_no_regions(crowd: np.ndarray) -> None:
    assert Regions.of(crowd, np.ones(len(crowd)), COMMON, 0) is None
    assert Regions.of(crowd[:2_000], np.ones(2_000), 0.001, 0) is None


def test_customers_all_alike_are_one_region() -> None:
    regions = Regions.of(np.ones((5_000, 2)), np.ones(5_000), SHARE, 0)
    assert regions is not None
    assert regions.of_row.max() == 0
    rows, masses = regions.drawn(np.ones(5_000), 100, 0)
    assert masses.sum() == pytest.approx(5_000)
    assert len(rows) <= 101


def test_remote_small_points_last_when_points_merge_and_outliers_do_not() -> None:
    points = np.array([[-1.0], [1.0], [10.0], [90.0]])
    masses = np.array([5_000.0, 5_000.0, 20.0, 0.1])
    usual = merged(points, masses, {2})[2]
    assert usual.ravel().tolist() == pytest.approx([-1.0, 1.0], abs=0.05) or usual[1] > 50
    small = merged(points, masses, {2}, smallest=0.002)[2].ravel()
    assert small == pytest.approx([0.0, 10.4], abs=0.05)
