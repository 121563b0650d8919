from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import Birch as SklearnBirch
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Birch, KMeans
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []


class TestConformance(Conformance):
    algorithm = Birch
    weighing = "close"


@pytest.mark.parametrize("apart", [1.0, 2.0])
def test_its_inertia_comes_close_to_that_of_k_means(apart: float) -> None:
    X, _ = planted(8, 6, n=20_000, apart=apart)
    X = X[np.random.default_rng(0).permutation(len(X))]
    assert Birch(8).fit(X).facts_["inertia"] <= 1.2 * KMeans(8).fit(X).facts_["inertia"]


def test_it_finds_what_scikit_learns_finds_and_as_well() -> None:
    X, truth = planted(5, 3, n=10_000, apart=6.0, seed=2)
    X = X[np.random.default_rng(0).permutation(len(X))]
    ours = Birch(5, threshold=0.5, max_leaves=5000).fit(X)
    theirs = SklearnBirch(n_clusters=5, threshold=0.5).fit(X)
    found, theirs_found = (adjusted_rand_score(truth, one.labels_) for one in (ours, theirs))
    assert found > theirs_found - 0.01


def test_leaves_stay_few_and_within_their_radius_however_many_rows_come() -> None:
    X, _ = planted(5, 3, n=30_000, apart=4.0)
    model = Birch(5, max_leaves=200).fit(X)
    assert 20 < model.facts_["leaves"] <= 200
    leaves = model._leaves
    assert leaves.masses.sum() == pytest.approx(len(X))
    assert np.average(leaves.centers, axis=0, weights=leaves.masses) == pytest.approx(
        X.mean(axis=0)
    )
    around = ((leaves.centers - X.mean(axis=0)) ** 2).sum(axis=1)
    whole = leaves.scatters.sum() + leaves.masses @ around
    assert whole == pytest.approx(((X - X.mean(axis=0)) ** 2).sum())


def test_without_a_number_of_clusters_the_leaves_are_the_clusters() -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 5, 2000)
    X = 30.0 * np.column_stack([truth, truth % 2]) + draw.normal(size=(2000, 2))
    model = Birch(None, threshold=5.0).fit(X)
    assert model.n_clusters_ == 5
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    with pytest.raises(ClusteringError, match="needs a number of clusters, or the threshold"):
        Birch(None).fit(X)


def test_a_threshold_that_leaves_too_few_leaves_is_refused() -> None:
    X, _ = planted(3, 2, n=300)
    with pytest.raises(ClusteringError, match="left 1 leaves for 3 clusters. Give a lower"):
        Birch(3, threshold=1e6).fit(X)


def test_batch_by_batch_it_finds_the_same_groups_and_keeps_their_numbers() -> None:
    X, truth = planted(5, 4, n=20_000, apart=6.0)
    order = np.random.default_rng(0).permutation(len(X))
    model = Birch(5).partial_fit(X[order[:2000]])
    first = model.predict(X)
    for rows in np.array_split(order[2000:], 9):
        model.partial_fit(X[rows])
    assert adjusted_rand_score(truth, model.predict(X)) > 0.98
    assert (model.predict(X) == first).mean() > 0.98
    assert model.shares_ == pytest.approx(np.bincount(model.predict(X)) / len(X), abs=0.02)
