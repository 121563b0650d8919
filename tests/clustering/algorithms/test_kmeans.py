from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import KMeans
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []


class TestConformance(Conformance):
    algorithm = KMeans


def test_planted_groups_come_back() -> None:
    X, truth = planted(7, 8, apart=3.0, stretched=True)
    assert adjusted_rand_score(truth, KMeans(7).fit(X).predict(X)) > 0.95


def test_its_inertia_is_as_low_as_scikit_learns_with_many_restarts() -> None:
    X, _ = planted(20, 6, n=2000, apart=1.5)
    ours = KMeans(20).fit(X).facts_["inertia"] * len(X)
    assert ours <= 1.005 * SklearnKMeans(20, n_init=20, random_state=1).fit(X).inertia_


def test_a_weight_counts_like_so_many_customers() -> None:
    X, _ = planted(3, 4, n=300, apart=4.0)
    times = np.random.default_rng(0).integers(1, 4, 300)
    weighted = KMeans(3).fit(X, sample_weight=times.astype(float))
    repeated = KMeans(3).fit(np.repeat(X, times, axis=0))
    assert weighted.served_.centers == pytest.approx(repeated.served_.centers)
    assert weighted.shares_ == pytest.approx(repeated.shares_)
    assert weighted.served_.variance == pytest.approx(repeated.served_.variance)
    assert weighted.facts_["inertia"] == pytest.approx(repeated.facts_["inertia"])


def test_twice_the_same_is_the_same_to_the_bit_whatever_the_threads() -> None:
    X, _ = planted(6, 12, n=30_000, apart=1.0)
    weights = np.random.default_rng(0).uniform(1, 9, len(X))
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fits.append(KMeans(6).fit(X, sample_weight=weights))
    assert fits[0].served_.centers.tobytes() == fits[1].served_.centers.tobytes()
    assert fits[0].served_.variance == fits[1].served_.variance


def test_more_rows_than_the_restarts_see_still_count() -> None:
    X, _ = planted(4, 3, n=60_000, apart=4.0)
    model = KMeans(4).fit(X)
    means = np.stack([X[model.predict(X) == j].mean(axis=0) for j in range(4)])
    assert model.served_.centers == pytest.approx(means, abs=0.01)


def test_a_long_table_is_scored_as_its_rows_are() -> None:
    X, _ = planted(4, 3, n=300_001, apart=1.0)
    model = KMeans(4).fit(X[::100])
    assert (model.predict(X) == model.served_.predict(X)).all()
    assert model.predict_proba(X).tobytes() == model.served_.predict_proba(X).tobytes()


def test_clusters_are_numbered_by_weight_whatever_the_seed() -> None:
    X, _ = planted(5, 4, apart=4.0, shares=[0.4, 0.3, 0.15, 0.1, 0.05])
    models = [KMeans(5, random_state=seed).fit(X) for seed in range(3)]
    for model in models:
        assert (np.diff(model.shares_) <= 0).all()
        assert model.served_.centers == pytest.approx(models[0].served_.centers, abs=1e-6)


def test_equal_weights_are_numbered_by_centre() -> None:
    X = np.repeat([[5.0, 0.0], [1.0, 9.0], [1.0, 2.0]], 10, axis=0)
    expected = np.array([[1.0, 2.0], [1.0, 9.0], [5.0, 0.0]])
    assert KMeans(3).fit(X).served_.centers == pytest.approx(expected)


def test_one_pass_agrees_with_predict_distances_and_probabilities() -> None:
    X, _ = planted(5, 6, n=9000, apart=1.0)
    model = KMeans(5).fit(X)
    found, P, D = model.served_.assign(X), model.predict_proba(X), model.served_.distances(X)
    assert (found.cluster == model.predict(X)).all()
    assert found.cluster.dtype == np.int32
    assert (P.argmax(axis=1) == found.cluster).all()
    assert P.sum(axis=1) == pytest.approx(1.0)
    assert found.probability.tolist() == P.max(axis=1).tolist()
    assert found.distance.tolist() == D.min(axis=1).tolist()
    assert pytest.approx(cdist(X, model.served_.centers)) == D


def test_a_customer_half_way_is_undecided_and_one_at_a_centre_is_not() -> None:
    X, _ = planted(2, 3, apart=4.0)
    model = KMeans(2).fit(X)
    halfway = model.served_.centers.mean(axis=0, keepdims=True)
    assert model.predict_proba(halfway)[0] == pytest.approx([0.5, 0.5])
    assert model.predict_proba(model.served_.centers).diagonal() == pytest.approx([1, 1], abs=0.05)


def test_probabilities_say_how_often_overlapping_customers_are_placed_right() -> None:
    draw = np.random.default_rng(0)
    truth = np.repeat([0, 1], 20_000)
    X = draw.normal(size=(40_000, 3))
    X[:, 0] += 2.5 * truth
    model = KMeans(2).fit(X)
    found = model.served_.assign(X)
    right = (found.cluster == truth) == (adjusted_rand_score(truth, found.cluster) > 0)
    right = right if right.mean() > 0.5 else ~right
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        some = (found.probability >= low) & (found.probability < high)
        assert right[some].mean() == pytest.approx(found.probability[some].mean(), abs=0.1)


def test_one_cluster_is_the_mean_and_everyone_belongs_to_it() -> None:
    X, _ = planted(3, 4, n=500)
    model = KMeans(1).fit(X)
    assert model.served_.centers[0] == pytest.approx(X.mean(axis=0))
    assert (model.served_.assign(X).probability == 1).all()


def test_customers_that_are_all_at_centres_have_probability_one() -> None:
    X = np.repeat([[0.0, 1.0], [2.0, 5.0]], 4, axis=0)
    assert KMeans(2).fit(X).served_.assign(X).probability.tolist() == [1.0] * 8


def test_more_clusters_than_different_customers_are_refused() -> None:
    X = np.repeat([[0.0], [1.0]], 500, axis=0)
    with pytest.raises(ClusteringError, match="3 clusters were asked for.*only 2 different"):
        KMeans(3).fit(X)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_missing_and_infinite_values_are_refused_in_fit_and_predict(bad: float) -> None:
    X, _ = planted(2, 3, n=100)
    model = KMeans(2).fit(X)
    X[17, 1] = bad
    with pytest.raises(ClusteringError, match="for 1 of 100 customers"):
        KMeans(2).fit(X)
    for ask in (model.predict, model.predict_proba, model.served_.distances, model.served_.assign):
        with pytest.raises(ClusteringError, match="Missing or infinite"):
            ask(X)


def test_another_width_is_refused() -> None:
    model = KMeans(1).fit(np.zeros((3, 4)))
    with pytest.raises(ClusteringError, match="expecting 4 features"):
        model.predict(np.zeros((3, 2)))


def test_no_rows_are_assigned_to_nothing() -> None:
    found = KMeans(1).fit(np.zeros((3, 2))).served_.assign(np.empty((0, 2)))
    assert len(found.cluster) == len(found.probability) == len(found.distance) == 0
