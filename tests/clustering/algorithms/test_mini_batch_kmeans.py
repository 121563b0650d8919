from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import KMeans, MiniBatchKMeans
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []


class TestConformance(Conformance):
    algorithm = MiniBatchKMeans
    weighing = "close"


@pytest.mark.parametrize("apart", [0.5, 1.0, 2.0])
def test_its_inertia_is_within_two_percent_of_k_means(apart: float) -> None:
    X, _ = planted(10, 8, n=40_000, apart=apart)
    ours = MiniBatchKMeans(10).fit(X).facts_["inertia"]
    assert ours <= 1.02 * KMeans(10).fit(X).facts_["inertia"]


def test_small_groups_are_found_in_a_sorted_table() -> None:
    X, truth = planted(4, 8, n=50_000, apart=5.0, shares=[0.6, 0.3, 0.09, 0.01])
    assert adjusted_rand_score(truth, MiniBatchKMeans(4).fit(X).labels_) > 0.99


def test_batch_by_batch_it_comes_close_to_the_whole_and_keeps_its_numbers() -> None:
    X, _ = planted(5, 4, n=30_000, apart=4.0)
    X = X[np.random.default_rng(0).permutation(len(X))]
    model = MiniBatchKMeans(5)
    first = model.partial_fit(X[:3000]).served_.centers
    for start in range(3000, len(X), 3000):
        model.partial_fit(X[start : start + 3000])
    assert np.abs(model.served_.centers - first).max() < 0.3
    means = np.stack([X[model.predict(X) == j].mean(axis=0) for j in range(5)])
    assert model.served_.centers == pytest.approx(means, abs=0.03)
    assert model.shares_ == pytest.approx(np.bincount(model.predict(X)) / len(X), abs=0.01)


def test_of_one_group_it_keeps_the_mean_of_all_that_came() -> None:
    draw = np.random.default_rng(0)
    X, weights = draw.normal(size=(900, 2)), draw.uniform(1, 9, 900)
    model = MiniBatchKMeans(1)
    for rows in np.array_split(np.arange(900), 7):
        model.partial_fit(X[rows] + rows[:, None], sample_weight=weights[rows])
    expected = np.average(X + np.arange(900)[:, None], axis=0, weights=weights)
    assert model.served_.centers[0] == pytest.approx(expected)


def test_after_fit_it_goes_on_from_what_it_knows() -> None:
    X, _ = planted(3, 2, n=900, apart=5.0)
    model = MiniBatchKMeans(3).fit(X)
    before = model.served_.centers
    model.partial_fit(X[:90])
    assert np.abs(model.served_.centers - before).max() < 0.2
    assert len(model.labels_) == 90


def test_rows_that_cannot_be_taken_change_nothing() -> None:
    X, _ = planted(3, 2, n=900, apart=5.0)
    model = MiniBatchKMeans(3).fit(X)
    before = model.served_.centers.tobytes()
    with pytest.raises(ClusteringError, match="Missing or infinite"):
        model.partial_fit(np.full((5, 2), np.nan))
    assert model.served_.centers.tobytes() == before


def test_a_first_batch_without_so_many_different_rows_is_refused() -> None:
    with pytest.raises(ClusteringError, match="3 clusters were asked for"):
        MiniBatchKMeans(3).partial_fit(np.zeros((9, 2)))
