from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from customer_atlas.clustering.kmeans import KMeansModel, nearest_centers
from customer_atlas.errors import ArtifactError, ClusteringError

from .blobs import planted

__all__: list[str] = []


def test_planted_groups_come_back() -> None:
    X, truth = planted(7, 8, apart=3.0, stretched=True)
    assert adjusted_rand_score(truth, KMeansModel(7).fit(X).predict(X)) > 0.95


def test_its_inertia_is_as_low_as_scikit_learns_with_many_restarts() -> None:
    X, _ = planted(20, 6, n=2000, apart=1.5)
    ours = KMeansModel(20).fit(X).inertia_ * len(X)
    assert ours <= 1.005 * KMeans(20, n_init=20, random_state=1).fit(X).inertia_


def test_a_weight_counts_like_so_many_customers() -> None:
    X, _ = planted(3, 4, n=300, apart=4.0)
    times = np.random.default_rng(0).integers(1, 4, 300)
    weighted = KMeansModel(3).fit(X, times.astype(float))
    repeated = KMeansModel(3).fit(np.repeat(X, times, axis=0))
    assert weighted.centers_ == pytest.approx(repeated.centers_)
    assert weighted.shares_ == pytest.approx(repeated.shares_)
    assert weighted.variance_ == pytest.approx(repeated.variance_)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_)


def test_twice_the_same_is_the_same_to_the_bit_whatever_the_threads() -> None:
    X, _ = planted(6, 12, n=30_000, apart=1.0)
    weights = np.random.default_rng(0).uniform(1, 9, len(X))
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            fits.append(KMeansModel(6).fit(X, weights))
    assert fits[0].centers_.tobytes() == fits[1].centers_.tobytes()
    assert fits[0].variance_ == fits[1].variance_


def test_more_rows_than_the_restarts_see_still_count() -> None:
    X, _ = planted(4, 3, n=60_000, apart=4.0)
    model = KMeansModel(4).fit(X)
    means = np.stack([X[model.predict(X) == j].mean(axis=0) for j in range(4)])
    assert model.centers_ == pytest.approx(means, abs=0.01)


def test_clusters_are_numbered_by_weight_whatever_the_seed() -> None:
    X, _ = planted(5, 4, apart=4.0, shares=[0.4, 0.3, 0.15, 0.1, 0.05])
    models = [KMeansModel(5, seed=seed).fit(X) for seed in range(3)]
    for model in models:
        assert (np.diff(model.shares_) <= 0).all()
        assert model.centers_ == pytest.approx(models[0].centers_, abs=1e-6)


def test_equal_weights_are_numbered_by_centre() -> None:
    X = np.repeat([[5.0, 0.0], [1.0, 9.0], [1.0, 2.0]], 10, axis=0)
    expected = np.array([[1.0, 2.0], [1.0, 9.0], [5.0, 0.0]])
    assert KMeansModel(3).fit(X).centers_ == pytest.approx(expected)


@given(st.integers(0, 1000), st.integers(1, 300), st.integers(1, 5))
def test_the_nearest_centre_is_the_one_that_plain_distances_give(seed: int, k: int, d: int) -> None:
    draw = np.random.default_rng(seed)
    X, centers = draw.normal(size=(50, d)), draw.normal(size=(k, d))
    assert nearest_centers(X, centers).tolist() == cdist(X, centers).argmin(axis=1).tolist()


def test_of_equal_centres_the_first_is_taken() -> None:
    centers = np.array([[3.0], [1.0], [1.0], [3.0]])
    assert nearest_centers(np.array([[1.0], [3.0]]), centers).tolist() == [1, 0]


def test_one_pass_agrees_with_predict_distances_and_probabilities() -> None:
    X, _ = planted(5, 6, n=9000, apart=1.0)
    model = KMeansModel(5).fit(X)
    found, P, D = model.assign(X), model.predict_proba(X), model.distances(X)
    assert (found.cluster == model.predict(X)).all()
    assert found.cluster.dtype == np.int32
    assert (P.argmax(axis=1) == found.cluster).all()
    assert P.sum(axis=1) == pytest.approx(1.0)
    assert found.probability.tolist() == P.max(axis=1).tolist()
    assert found.distance.tolist() == D.min(axis=1).tolist()
    assert pytest.approx(cdist(X, model.centers_)) == D


def test_a_customer_half_way_is_undecided_and_one_at_a_centre_is_not() -> None:
    X, _ = planted(2, 3, apart=4.0)
    model = KMeansModel(2).fit(X)
    halfway = model.centers_.mean(axis=0, keepdims=True)
    assert model.predict_proba(halfway)[0] == pytest.approx([0.5, 0.5])
    assert model.predict_proba(model.centers_).diagonal() == pytest.approx([1, 1], abs=0.05)


def test_probabilities_say_how_often_overlapping_customers_are_placed_right() -> None:
    draw = np.random.default_rng(0)
    truth = np.repeat([0, 1], 20_000)
    X = draw.normal(size=(40_000, 3))
    X[:, 0] += 2.5 * truth
    model = KMeansModel(2).fit(X)
    found = model.assign(X)
    right = (found.cluster == truth) == (adjusted_rand_score(truth, found.cluster) > 0)
    right = right if right.mean() > 0.5 else ~right
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        some = (found.probability >= low) & (found.probability < high)
        assert right[some].mean() == pytest.approx(found.probability[some].mean(), abs=0.1)


def test_saved_and_loaded_it_gives_the_same_bits(tmp_path: Path) -> None:
    X, _ = planted(4, 5, n=1000, apart=1.0)
    model = KMeansModel(4, n_init=3, seed=7).fit(X)
    model.save(tmp_path / "model")
    again = KMeansModel.load(tmp_path / "model")
    assert (again.k, again.n_init, again.seed) == (4, 3, 7)
    assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
    assert again.shares_.tobytes() == model.shares_.tobytes()
    assert again.inertia_ == model.inertia_


def test_saving_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    X, _ = planted(3, 2, n=100)
    for name in ("a", "b"):
        KMeansModel(3).fit(X).save(tmp_path / name)
    for file in ("kmeans.json", "kmeans.npz"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("damage", ["missing json", "missing npz", "format", "text"])
def test_a_damaged_model_is_an_error_for_people(tmp_path: Path, damage: str) -> None:
    KMeansModel(1).fit(np.array([[1.0], [2.0]])).save(tmp_path)
    facts = tmp_path / "kmeans.json"
    if damage == "missing json":
        facts.unlink()
    elif damage == "missing npz":
        (tmp_path / "kmeans.npz").unlink()
    elif damage == "format":
        facts.write_text(json.dumps(json.loads(facts.read_text()) | {"format": 99}))
    else:
        facts.write_text("{")
    with pytest.raises(ArtifactError, match="k-means model in .* cannot be read"):
        KMeansModel.load(tmp_path)


def test_one_cluster_is_the_mean_and_everyone_belongs_to_it() -> None:
    X, _ = planted(3, 4, n=500)
    model = KMeansModel(1).fit(X)
    assert model.centers_[0] == pytest.approx(X.mean(axis=0))
    assert (model.assign(X).probability == 1).all()


def test_customers_that_are_all_at_centres_have_probability_one() -> None:
    X = np.repeat([[0.0, 1.0], [2.0, 5.0]], 4, axis=0)
    assert KMeansModel(2).fit(X).assign(X).probability.tolist() == [1.0] * 8


def test_more_clusters_than_different_customers_are_refused() -> None:
    X = np.repeat([[0.0], [1.0]], 500, axis=0)
    with pytest.raises(ClusteringError, match="3 clusters were asked for.*only 2 different"):
        KMeansModel(3).fit(X)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_missing_and_infinite_values_are_refused_in_fit_and_predict(bad: float) -> None:
    X, _ = planted(2, 3, n=100)
    model = KMeansModel(2).fit(X)
    X[17, 1] = bad
    with pytest.raises(ClusteringError, match="for 1 of 100 customers"):
        KMeansModel(2).fit(X)
    for ask in (model.predict, model.predict_proba, model.distances, model.assign):
        with pytest.raises(ClusteringError, match="Missing or infinite"):
            ask(X)


def test_another_width_is_refused() -> None:
    model = KMeansModel(1).fit(np.zeros((3, 4)))
    with pytest.raises(ClusteringError, match="knows 4 columns; found 2"):
        model.predict(np.zeros((3, 2)))


def test_no_rows_are_assigned_to_nothing() -> None:
    found = KMeansModel(1).fit(np.zeros((3, 2))).assign(np.empty((0, 2)))
    assert len(found.cluster) == len(found.probability) == len(found.distance) == 0


def test_assignment_keeps_up_with_the_bare_matrix_product() -> None:
    draw = np.random.default_rng(0)
    X, centers = draw.normal(size=(300_000, 20)), draw.normal(size=(10, 20))
    with threadpool_limits(1):
        ratio = _quickest(lambda: X @ centers.T) / _quickest(lambda: nearest_centers(X, centers))
    assert ratio > 0.4  # 0.7 and more on a quiet machine; the benchmark holds that


def _quickest(work: object) -> float:
    assert callable(work)
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
