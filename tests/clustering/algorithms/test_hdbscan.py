from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN as SKLEARN_HDBSCAN
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import HDBSCAN, Clusterer
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance
from ..shapes import SHAPES, shape

__all__: list[str] = []


class TestHdbscan(Conformance):
    algorithm = HDBSCAN
    weighing = "close"  # rows are drawn by weight

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return HDBSCAN(**settings)


def test_its_labels_are_scikit_learns() -> None:
    X, _ = planted(4, 3, n=900, apart=2.0)
    model = HDBSCAN(30, min_samples=5).fit(X)
    theirs = SKLEARN_HDBSCAN(min_cluster_size=30, min_samples=5, copy=True).fit(X).labels_
    assert adjusted_rand_score(theirs, model.labels_) == 1.0
    assert model.facts_["noise"] == pytest.approx((theirs == -1).mean())


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("n", [1000, 20_000])
def test_it_finds_shapes_and_its_student_serves_them(name: str, n: int) -> None:
    X, truth = shape(name, n)
    model = HDBSCAN().fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    assert model.facts_["agreement"]["all"] >= 0.99
    others, expected = shape(name, 5000, seed=9)
    assert adjusted_rand_score(expected, model.predict(others)) > 0.97


def test_groups_of_unlike_density_are_found_and_the_firmer_one_lasts_longer() -> None:
    draw = np.random.default_rng(0)
    X = np.concatenate(
        [draw.normal(0, 1, (700, 2)), draw.normal(14, 3, (300, 2)), draw.normal(-40, 0.1, (200, 2))]
    )
    truth = np.repeat([0, 1, 2], [700, 300, 200])
    model = HDBSCAN().fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.95
    lasting = model.facts_["persistence"]
    assert max(lasting) == lasting[model.predict(X[-1:])[0]]
    assert all(0 <= each <= 1 for each in lasting)


def test_persistence_compares_where_a_cluster_joins_others_with_where_its_customers_leave() -> None:
    line = np.arange(30.0)
    X = np.concatenate([line, 50 + line, 300 + 2 * line])[:, None]
    model = HDBSCAN(10, min_samples=2).fit(X)
    expected = {0: 1 - 1 / 21, 30: 1 - 1 / 21, 60: 1 - 2 / 221}
    for row, lasting in expected.items():
        assert model.facts_["persistence"][model.labels_[row]] == pytest.approx(lasting)


def test_a_size_is_a_number_of_customers_or_a_share_of_them() -> None:
    X, _ = planted(4, 3, n=1000, apart=3.0)
    sizes = [HDBSCAN(size).fit(X).facts_["min_cluster_size"] for size in (50, 0.05, 0.001)]
    assert sizes == [50, 50, 5]
    X, _ = planted(4, 3, n=20_000, apart=3.0)
    assert HDBSCAN(400).fit(X).facts_ | {"rows": 10_000, "min_cluster_size": 200} == (
        HDBSCAN(0.02).fit(X).facts_
    )


def test_a_customer_like_nobody_is_unusual_even_if_nobody_was() -> None:
    X, _ = shape("moons")
    model = HDBSCAN().fit(X)
    assert model.facts_["noise"] == 0
    assert model.predict(np.array([[50.0, 50.0], [-9.0, 0.2]])).tolist() == [-1, -1]


def test_where_nothing_parts_all_are_one_cluster() -> None:
    X = np.random.default_rng(0).uniform(size=(30, 3))
    model = HDBSCAN(12).fit(X)
    assert model.n_clusters_ == 1
    assert model.facts_["persistence"] == [0.0]


@pytest.mark.parametrize("settings", [{"min_cluster_size": 0}, {"min_samples": -1}])
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ClusteringError, match="must be above 0 and min_samples at least 1"):
        HDBSCAN(**settings).fit(np.eye(9))
