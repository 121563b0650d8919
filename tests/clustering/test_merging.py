from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering.merging import Linkage, merges

__all__: list[str] = []

_METHODS: list[Linkage] = ["ward", "average"]


@settings(max_examples=40, deadline=2000)
@given(st.integers(0, 10_000), st.integers(2, 60), st.integers(1, 4), st.sampled_from(_METHODS))
def test_the_table_is_scipys(seed: int, m: int, d: int, method: Linkage) -> None:
    X = np.random.default_rng(seed).normal(size=(m, d))
    assert merges(X, np.ones(m), method).table == pytest.approx(linkage(X, method))


@pytest.mark.parametrize("method", _METHODS)
def test_a_weight_counts_like_so_many_points(method: Linkage) -> None:
    draw = np.random.default_rng(0)
    X, times = draw.normal(size=(80, 3)), draw.integers(1, 5, 80)
    heights = merges(X, times.astype(float), method).table[:, 2]
    repeated = linkage(np.repeat(X, times, axis=0), method)[:, 2]
    assert heights == pytest.approx(repeated[-79:])


@pytest.mark.parametrize("k", [1, 2, 7, 50])
def test_a_cut_leaves_so_many_clusters(k: int) -> None:
    X = np.random.default_rng(0).normal(size=(50, 3))
    labels = merges(X, np.ones(50), "ward").cut(k)
    assert set(labels.tolist()) == set(range(k))
    assert adjusted_rand_score(fcluster(linkage(X, "ward"), k, "maxclust"), labels) == 1.0


@pytest.mark.parametrize("most", [1, 10, 200])
def test_the_top_is_a_tree_of_its_own_with_all_the_weight(most: int) -> None:
    draw = np.random.default_rng(0)
    found = merges(draw.normal(size=(90, 3)), draw.uniform(1, 2, 90), "ward")
    top = found.top(most)
    assert len(top.table) == min(most, 89)
    assert is_valid_linkage(top.table)
    assert top.masses.sum() == pytest.approx(found.masses.sum())
    assert top.table[:, 2].tolist() == found.table[-most:, 2].tolist()
    sizes = np.bincount(found.cut(len(top.masses)), found.masses)
    assert np.sort(top.masses) == pytest.approx(np.sort(sizes))
