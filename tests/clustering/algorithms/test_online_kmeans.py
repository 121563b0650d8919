from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import KMeans, MiniBatchKMeans, OnlineKMeans

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []

Rows = tuple[NDArray[np.float64], NDArray[np.int64]]


class TestConformance(Conformance):
    algorithm = OnlineKMeans
    weighing = "close"


def test_it_follows_drift_where_those_that_do_not_forget_fail() -> None:
    X, truth = _drifting(60_000)
    latest = slice(-3000, None)
    online = OnlineKMeans(4, half_life=2000)
    running = MiniBatchKMeans(4)
    for start in range(0, len(X), 1000):
        online.partial_fit(X[start : start + 1000])
        running.partial_fit(X[start : start + 1000])
    static = KMeans(4).fit(X[:10_000])
    whole = KMeans(4).fit(X)
    assert adjusted_rand_score(truth[latest], online.predict(X[latest])) > 0.95
    for other in (running, static, whole):
        assert adjusted_rand_score(truth[latest], other.predict(X[latest])) < 0.8


def test_a_drifting_group_keeps_its_number() -> None:
    X, truth = _drifting(60_000)
    online = OnlineKMeans(4, half_life=2000).partial_fit(X[:2000])
    begun = [np.bincount(online.labels_[truth[:2000] == g]).argmax() for g in range(4)]
    for start in range(2000, len(X), 500):
        online.partial_fit(X[start : start + 500])
    found = online.predict(X[-2000:])
    assert [np.bincount(found[truth[-2000:] == g]).argmax() for g in range(4)] == begun


def test_a_group_that_dies_gives_its_centre_to_one_that_is_born() -> None:
    draw = np.random.default_rng(3)
    corners = 10.0 * np.array([[0, 0], [1, 0], [0, 1], [2, 2]])
    before, after = draw.choice([0, 1, 2], 20_000), draw.choice([0, 1, 3], 20_000)
    X = corners[np.append(before, after)] + draw.normal(size=(40_000, 2))
    online = OnlineKMeans(3, half_life=1000).partial_fit(X[:20_000])
    assert adjusted_rand_score(before[-2000:], online.predict(X[18_000:20_000])) > 0.99
    names = {int(online.predict(corners[[g]])[0]) for g in (0, 1)}
    dead = int(online.predict(corners[[2]])[0])
    for start in range(20_000, 40_000, 1000):
        online.partial_fit(X[start : start + 1000])
    assert adjusted_rand_score(after[-2000:], online.predict(X[-2000:])) > 0.99
    assert int(online.predict(corners[[3]])[0]) == dead
    assert {int(online.predict(corners[[g]])[0]) for g in (0, 1)} == names
    assert online.shares_[dead] == pytest.approx(1 / 3, abs=0.05)


def test_a_small_group_that_goes_on_keeps_its_centre() -> None:
    X, truth = planted(4, 8, n=50_000, apart=5.0, shares=[0.6, 0.3, 0.09, 0.01])
    order = np.random.default_rng(0).permutation(len(X))
    online = OnlineKMeans(4, half_life=5000)
    for rows in np.split(X[order], 50):
        online.partial_fit(rows)
    assert adjusted_rand_score(truth, online.predict(X)) > 0.99


def test_more_clusters_than_groups_stay_where_they_are() -> None:
    X, _ = planted(3, 4, n=60_000, apart=6.0)
    X = X[np.random.default_rng(0).permutation(len(X))]
    online = OnlineKMeans(6, half_life=8000).partial_fit(X[:20_000])
    before = online.served_.centers
    online.partial_fit(X[20_000:])
    assert np.abs(online.served_.centers - before).max() < 2.5


@pytest.mark.parametrize("size", [1, 37, 1000, 4097, 20_000])
def test_the_cut_into_batches_does_not_matter_to_the_bit(size: int) -> None:
    X, _ = _drifting(1500 if size == 1 else 20_000)
    weights = np.random.default_rng(1).uniform(1, 3, len(X))
    whole, cut = (OnlineKMeans(4, half_life=3000, n_init=2) for _ in range(2))
    whole.partial_fit(X, sample_weight=weights)
    for start in range(0, len(X), size):
        part = slice(start, start + size)
        cut.partial_fit(X[part], sample_weight=weights[part])
    assert cut.served_.centers.tobytes() == whole.served_.centers.tobytes()
    assert cut.served_.variance == whole.served_.variance
    assert cut.shares_.tobytes() == whole.shares_.tobytes()


def test_what_is_older_than_many_half_lives_is_forgotten() -> None:
    draw = np.random.default_rng(0)
    old, new = draw.normal(size=(9000, 2)), draw.normal(size=(9000, 2)) + 1.0
    online = OnlineKMeans(1, half_life=500).partial_fit(old).partial_fit(new)
    ages = np.arange(9000)[::-1]
    expected = np.average(new, axis=0, weights=0.5 ** (ages / 500))
    assert online.served_.centers[0] == pytest.approx(expected, abs=1e-4)


def test_it_answers_from_the_warm_up_on() -> None:
    X, truth = _drifting(2000)
    online = OnlineKMeans(4, warm_up=500).partial_fit(X[:400])
    assert not hasattr(online, "served_")
    online.partial_fit(X[400:600])
    assert adjusted_rand_score(truth[:600], online.predict(X[:600])) > 0.95


def test_it_keeps_up_with_a_stream() -> None:
    X, _ = planted(8, 16, n=300_000, apart=2.0)
    X = X[np.random.default_rng(0).permutation(len(X))]
    online = OnlineKMeans(8).partial_fit(X[:10_000])
    begun = time.perf_counter()
    for start in range(0, len(X), 10_000):
        online.partial_fit(X[start : start + 10_000])
    assert len(X) / (time.perf_counter() - begun) > 300_000  # 1 M/s and more on a quiet machine


def _drifting(n: int) -> Rows:
    """Four groups in a line, 8 deviations apart, that move along it by 24 while 60,000 come."""
    draw = np.random.default_rng(0)
    truth = draw.choice(4, n)
    X = draw.normal(size=(n, 2))
    X[:, 0] += 8.0 * truth + 24.0 * np.arange(n) / 60_000
    return X, truth
