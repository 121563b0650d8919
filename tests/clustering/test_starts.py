from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering.lloyd import one_thread
from customer_atlas.clustering.served import nearest_centers
from customer_atlas.clustering.starts import merged, ward_starts

from .blobs import planted

__all__: list[str] = []


def test_merging_single_points_is_wards_method_as_scipy_has_it() -> None:
    X, _ = planted(5, 3, n=60, apart=1.0)
    tree = linkage(X, "ward")
    for k, centers in merged(X, np.ones(60), {2, 5, 9}).items():
        groups = fcluster(tree, k, "maxclust")
        means = np.stack([X[groups == g].mean(axis=0) for g in np.unique(groups)])
        assert centers == pytest.approx(means[np.lexsort(means.T[::-1])])


def test_a_weight_merges_like_so_many_points_in_one_place() -> None:
    X, _ = planted(4, 2, n=30, apart=1.0)
    times = np.random.default_rng(0).integers(1, 5, 30)
    weighted = merged(X, times.astype(float), {4})[4]
    repeated = merged(np.repeat(X, times, axis=0), np.ones(times.sum()), {4})[4]
    assert weighted == pytest.approx(repeated)


def test_thirty_planted_groups_are_found_by_the_start_alone() -> None:
    X, truth = planted(30, 8, n=6000, apart=3.0)
    starts = ward_starts(X, np.ones(6000), [30], seed=0)
    assert adjusted_rand_score(truth, nearest_centers(X, starts[30])) > 0.95


def test_fewer_distinct_points_than_asked_for_give_no_start() -> None:
    X = np.repeat([[0.0], [5.0]], 20, axis=0)
    with one_thread():
        assert sorted(ward_starts(X, np.ones(40), [2, 3], seed=0)) == [2]
