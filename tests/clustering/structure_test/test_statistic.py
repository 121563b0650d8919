from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from customer_atlas.clustering import adjusted_rand
from customer_atlas.clustering.lloyd import lloyd
from customer_atlas.clustering.structure_test.statistic import cuts, excess, log_inertia

__all__: list[str] = []


def test_the_inertia_is_that_of_the_groups_of_the_tree() -> None:
    X = np.random.default_rng(0).normal(size=(120, 3))
    found = log_inertia(X, 15)
    one = ((X - X.mean(axis=0)) ** 2).sum()
    for k in range(1, 16):
        labels = fcluster(linkage(X, "ward"), k, "maxclust")
        groups = [X[labels == label] for label in np.unique(labels)]
        inertia = sum(((group - group.mean(axis=0)) ** 2).sum() for group in groups)
        if k in (1, 7, 9, 10, 15):
            assert found[k - 1] == pytest.approx(np.log(inertia + 1e-4 * one))
        else:
            assert found[k - 1] <= np.log(inertia + 1e-4 * one) + 1e-9


def test_each_cut_of_the_tree_has_the_groups_that_scipy_finds() -> None:
    X = np.random.default_rng(0).normal(size=(120, 3))
    tree, sizes = linkage(X, "ward"), [2, 3, 5, 8]
    for k, labels in zip(sizes, cuts(tree, sizes), strict=True):
        assert adjusted_rand(fcluster(tree, k, "maxclust") - 1, labels) == pytest.approx(1)
        assert set(labels) == set(range(k))


def test_overlapping_groups_settle_as_k_means_has_them() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(300, 2)) + 3 * np.array([[0, 0], [1, 0], [0, 1]])[np.arange(300) % 3]
    found = log_inertia(X, 5)
    best = np.log(lloyd(X, np.ones(300), 3, seed=0, n_init=10).inertia)
    assert best <= found[2] <= best + 0.02


def test_more_groups_than_rows_have_no_inertia_left() -> None:
    found = log_inertia(np.arange(5.0)[:, None], 8)
    assert found[4:] == pytest.approx(np.log(1e-4 * 10))


def test_the_data_and_the_references_are_treated_alike() -> None:
    curves = np.random.default_rng(0).normal(size=(30, 6))
    order = np.random.default_rng(1).permutation(30)
    assert excess(curves[order]) == pytest.approx(excess(curves)[order])


def test_a_column_in_which_all_curves_agree_tells_nothing() -> None:
    assert (excess(np.zeros((10, 4))) == 0).all()
