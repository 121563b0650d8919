from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Clusterer, SingleLinkage
from customer_atlas.errors import ClusteringError

from ..conformance import ZERO_WEIGHTS, Conformance
from ..shapes import SHAPES, shape

__all__: list[str] = []


class TestSingleLinkage(Conformance):
    algorithm = SingleLinkage
    weighing = "close"  # rows are drawn by weight
    failed_checks = {  # noqa: RUF012
        **ZERO_WEIGHTS,
        "check_fit2d_1sample": "one customer is parted from nobody; the message says so",
    }

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return SingleLinkage(**settings)


@pytest.mark.parametrize("name", SHAPES)
def test_it_finds_shapes_and_its_student_serves_them(name: str) -> None:
    X, truth = shape(name, 1000)
    model = SingleLinkage().fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    assert model.facts_["agreement"]["all"] >= 0.99
    others, expected = shape(name, 2000, seed=9)
    assert adjusted_rand_score(expected, model.predict(others)) > 0.97


def test_one_group_is_not_cut() -> None:
    draw = np.random.default_rng(4)
    for X in (
        draw.normal(size=(500, 2)),
        draw.uniform(size=(500, 3)),
        draw.gamma(1, size=(500, 2)),
    ):
        assert SingleLinkage(0.05).fit(X).n_clusters_ == 1


def test_of_more_rows_than_it_looks_at_the_others_get_the_cluster_of_their_like() -> None:
    X, truth = shape("moons", 7000, seed=2)
    model = SingleLinkage().fit(X)
    assert model.facts_["rows"] == 5000
    assert adjusted_rand_score(truth, model.labels_) > 0.99


@pytest.mark.parametrize("settings", [{"min_share": 0.0}, {"min_share": 1.0}, {"wide": -1.0}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ClusteringError, match="min_share must be between 0 and 1"):
        SingleLinkage(**settings).fit(np.eye(9))
