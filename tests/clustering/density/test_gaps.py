from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering.density import gaps_of

__all__: list[str] = []


def rings(count: int, radii: tuple[float, ...], noise: float = 0.0, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    X = np.concatenate([radius * ring for radius in radii])
    return X + noise * draw.normal(size=X.shape)


def test_rings_within_rings_are_parted_by_the_gaps_between_them():
    found = gaps_of(rings(120, (1.0, 2.0, 3.0)), 0.05, 0.5)
    assert adjusted_rand_score(np.repeat(range(3), 120), found.labels) == 1.0


def test_a_gap_is_as_wide_as_it_is_for_the_steps_beside_it():
    # From ring to ring it is 1; from one customer to the next on the larger, 2 chords of 3 degrees.
    steps = 2 * 2 * np.sin(np.pi / 120)
    assert gaps_of(rings(120, (1.0, 2.0)), 0.05, 0.5).widest == pytest.approx(np.log(1 / steps))


def test_the_cut_is_that_of_single_linkage_as_scipy_makes_it():
    draw = np.random.default_rng(3)
    X = np.concatenate([draw.uniform(size=(80, 2)) + shift for shift in ([0, 0], [3, 0], [0, 4])])
    expected = fcluster(linkage(X, "single"), 3, "maxclust")
    assert adjusted_rand_score(expected, gaps_of(X, 0.1, 0.5).labels) == 1.0


def test_a_gap_that_is_not_wide_enough_cuts_nothing():
    X = rings(60, (1.0, 1.5), noise=0.02)
    width = gaps_of(X, 0.1, 0.5).widest
    assert gaps_of(X, 0.1, width - 1e-9).labels.max() == 1
    assert gaps_of(X, 0.1, width + 1e-9).labels.max() == 0


def test_a_few_far_away_are_no_part():
    draw = np.random.default_rng(0)
    X = np.concatenate([draw.normal(size=(300, 2)), draw.normal(size=(6, 2)) + 50])
    found = gaps_of(X, 0.05, 0.5)
    assert found.labels.max() == 0
    assert found.widest < 0.5
    assert gaps_of(X, 0.01, 0.5).labels.max() == 1


@pytest.mark.parametrize("X", [np.zeros((40, 2)), np.arange(2.0)[:, None]], ids=["same", "two"])
def test_where_nothing_can_be_parted_there_is_one_part(X: np.ndarray):
    found = gaps_of(X, 0.05, 0.5)
    assert found.widest == 0.0
    assert found.labels.tolist() == [0] * len(X)
