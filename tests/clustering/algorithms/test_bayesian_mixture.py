from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import BayesianMixture, Clusterer
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []


class TestBayesianMixture(Conformance):
    algorithm = BayesianMixture
    weighing = "close"  # rows are drawn by weight

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return BayesianMixture(max_clusters=2 * k, **settings)


@pytest.mark.parametrize("covariance", ["full", "diagonal"])
@pytest.mark.parametrize("k", [1, 4, 9])
def test_it_finds_how_many_groups_there_are(covariance: Any, k: int) -> None:
    X, truth = planted(k, 5, n=2000, apart=4.0, stretched=True)
    model = BayesianMixture(20, covariance=covariance).fit(5.0 + 30.0 * X)
    assert model.n_clusters_ == model.facts_["count"] == k
    assert adjusted_rand_score(truth, model.labels_) > 0.97


def test_the_unit_of_a_column_does_not_matter() -> None:
    X, _ = planted(4, 3, n=900, apart=4.0)
    models = [BayesianMixture(9).fit(X * scale) for scale in (1.0, np.array([1e-6, 1.0, 1e6]))]
    assert (models[0].labels_ == models[1].labels_).all()


def test_groups_that_hold_hardly_anybody_are_dropped() -> None:
    X, _ = planted(3, 3, apart=6.0, shares=[0.6, 0.396, 0.004])
    assert BayesianMixture(9).fit(X).n_clusters_ == 2
    assert BayesianMixture(9, least_share=0.001).fit(X).n_clusters_ == 3


def test_its_concentration_is_told() -> None:
    X, _ = planted(2, 3, n=300)
    assert BayesianMixture(8).fit(X).facts_["concentration"] == 1 / 8
    assert BayesianMixture(8, concentration=2.0).fit(X).facts_["concentration"] == 2.0


def test_many_rows_are_drawn_and_all_are_assigned() -> None:
    X, truth = planted(3, 4, n=40_000, apart=6.0)
    model = BayesianMixture(5).fit(X)
    assert model.facts_["rows"] == 5_000
    assert len(model.labels_) == 40_000
    assert adjusted_rand_score(truth, model.labels_) > 0.95


@pytest.mark.parametrize(
    "settings", [{"max_clusters": 0}, {"concentration": 0.0}, {"covariance": "tied"}]
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ClusteringError, match=r"at least 1|is not known"):
        BayesianMixture(**settings).fit(planted(2, 3, n=300)[0])
