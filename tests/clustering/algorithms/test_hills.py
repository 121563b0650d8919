from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Clusterer, Hills
from customer_atlas.clustering.density import Neighbours, modes
from customer_atlas.errors import ClusteringError

from ..conformance import ZERO_WEIGHTS, Conformance
from ..shapes import SHAPES, shape

__all__: list[str] = []


class TestHills(Conformance):
    algorithm = Hills
    weighing = "close"  # rows are drawn by weight
    failed_checks = {  # noqa: RUF012
        **ZERO_WEIGHTS,
        "check_fit2d_1sample": "one customer is no hill; the message speaks of customers",
    }

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return Hills(**settings)


@pytest.mark.parametrize("name", SHAPES)
def test_it_finds_shapes_and_its_student_serves_them(name: str) -> None:
    X, truth = shape(name, 1000)
    model = Hills(height=8.0).fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    assert model.facts_["agreement"]["all"] >= 0.99
    others, expected = shape(name, 2000, seed=9)
    assert adjusted_rand_score(expected, model.predict(others)) > 0.97


def test_its_clusters_are_the_modes_of_the_density_with_the_largest_first() -> None:
    X, _ = shape("moons", 600, seed=3)
    model = Hills(15, height=1.0).fit(X)
    expected = modes(Neighbours.of(X, 20), 15, 1.0 / np.sqrt(15))
    assert model.n_clusters_ == expected.max() + 1 > 2
    assert adjusted_rand_score(expected, model.labels_) == 1.0
    assert (np.diff(np.bincount(model.labels_)) <= 0).all()


def test_the_higher_a_hill_must_be_the_fewer_there_are() -> None:
    X = np.random.default_rng(1).uniform(size=(600, 2))
    found = [Hills(height=height).fit(X).n_clusters_ for height in (0.0, 1.0, 2.5, 4.0, 100.0)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[2]
    assert found[-2:] == [1, 1]


def test_of_more_rows_than_it_looks_at_the_others_get_the_cluster_of_their_like() -> None:
    X, truth = shape("moons", 7000, seed=2)
    model = Hills(height=8.0).fit(X)
    assert model.facts_["rows"] == 5000
    assert adjusted_rand_score(truth, model.labels_) > 0.98


@pytest.mark.parametrize("settings", [{"neighbours": 0}, {"height": -0.1}])
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ClusteringError, match="neighbours must be at least 1 and height not below"):
        Hills(**settings).fit(np.eye(9))


def test_few_neighbours_find_the_hills_that_the_search_saw_with_more_of_them() -> None:
    X, _ = shape("rings", 500)
    for count in (5, 10, 15):
        expected = modes(Neighbours.of(X, 40), count, 4.0 / np.sqrt(count))
        assert adjusted_rand_score(expected, Hills(count).fit(X).labels_) == 1.0
