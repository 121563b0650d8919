from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import GaussianMixture, KMeans
from customer_atlas.clustering.search.quick import quick_search

__all__: list[str] = []

SMALL = 3
SHARE = 0.002


def _planted(seed: int, share: float, stretch: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Three broad groups among 20,000 customers in six columns, and a remote small one."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(3, 20_000, p=[0.5, 0.3, 0.2])
    X = np.eye(3, 6)[truth] * 8.0 + draw.normal(size=(20_000, 6)) * [1, 1, 1, stretch, 1, 1]
    small = draw.permutation(20_000)[: round(share * 20_000)]
    X[small] = draw.normal([8, 0, 0, 0, 6, 6], size=(len(small), 6))
    truth[small] = SMALL
    return X, truth


def _found(labels: np.ndarray, truth: np.ndarray) -> float:
    """The best Jaccard similarity of the small group with a cluster."""
    mine = truth == SMALL
    return max(
        float((mine & (labels == j)).sum() / (mine | (labels == j)).sum())
        for j in range(labels.max() + 1)
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_remote_group_of_a_five_hundredth_is_a_segment_of_its_own(seed: int) -> None:
    X, truth = _planted(seed, SHARE)
    found = quick_search(X, np.ones(len(X)), min_share=SHARE, max_clusters=8, level=0.01, seed=seed)
    assert found.recipe is not None
    labels = found.recipe.clusterer(seed).fit(X).labels_
    assert labels.max() + 1 == 4
    assert _found(labels, truth) > 0.95


def test_no_small_segment_is_invented_where_there_is_none() -> None:
    X, truth = _planted(0, 0.0)
    found = quick_search(X, np.ones(len(X)), min_share=SHARE, max_clusters=8, level=0.01, seed=0)
    assert found.recipe is not None
    assert dict(found.recipe.settings)["n_clusters"] == 3
    labels = found.recipe.clusterer(0).fit(X).labels_
    assert adjusted_rand_score(truth, labels) > 0.99


@pytest.mark.parametrize("kind", [KMeans, GaussianMixture])
def test_a_fit_begins_with_remote_small_groups_where_it_is_told_their_share(
    kind: type[KMeans] | type[GaussianMixture],
) -> None:
    X, truth = _planted(0, SHARE, stretch=1.6)
    weights = np.random.default_rng(1).uniform(1, 3, len(X))
    blind = kind(4).fit(X, sample_weight=weights)
    told = kind(4, smallest=SHARE).fit(X, sample_weight=weights)
    assert _found(blind.labels_, truth) < 0.1 or kind is GaussianMixture
    assert _found(told.labels_, truth) > 0.9
    assert told.shares_[-1] == pytest.approx(SHARE, rel=0.3)
