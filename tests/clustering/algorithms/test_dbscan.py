from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import DBSCAN as SKLEARN_DBSCAN
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import DBSCAN, Clusterer
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import ZERO_WEIGHTS, Conformance
from ..shapes import SHAPES, shape

__all__: list[str] = []


class TestDbscan(Conformance):
    algorithm = DBSCAN
    weighing = "close"  # together, weights count as many rows as they leave in effect
    failed_checks = {  # noqa: RUF012
        **ZERO_WEIGHTS,
        "check_fit2d_1sample": "one customer is no cluster; the message speaks of customers",
    }

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        return DBSCAN(**settings)


def test_its_labels_are_scikit_learns() -> None:
    X, _ = _with_strays()
    model = DBSCAN(1.5, min_samples=7).fit(X)
    theirs = SKLEARN_DBSCAN(eps=1.5, min_samples=7).fit(X).labels_
    assert adjusted_rand_score(theirs, model.labels_) == 1.0
    assert ((theirs == -1) == (model.labels_ == -1)).all()
    assert model.facts_["noise"] == pytest.approx((theirs == -1).mean())


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("n", [1000, 20_000])
def test_it_finds_shapes_without_being_told_a_distance(name: str, n: int) -> None:
    X, truth = shape(name, n)
    model = DBSCAN().fit(X)
    assert model.n_clusters_ == 2
    assert adjusted_rand_score(truth, model.labels_) > 0.95
    assert model.facts_["agreement"]["all"] >= 0.98
    assert model.facts_["rows"] <= 8000


def test_strays_are_unusual() -> None:
    X, truth = _with_strays()
    model = DBSCAN().fit(X)
    assert model.n_clusters_ == 3
    assert (model.labels_[truth == -1] == -1).mean() > 0.9
    assert model.facts_["noise"] == pytest.approx(0.09, abs=0.02)
    assert model.facts_["agreement"]["unusual"] > 0.8
    assert model.describe().unusual == pytest.approx(model.facts_["noise"])


def test_a_scale_that_all_weights_share_does_not_matter() -> None:
    X, _ = _with_strays()
    weights = np.random.default_rng(0).uniform(1, 3, len(X))
    models = [DBSCAN().fit(X, sample_weight=weights * scale) for scale in (1, 1000)]
    assert (models[0].labels_ == models[1].labels_).all()


def test_where_nothing_is_dense_it_says_what_to_do() -> None:
    with pytest.raises(ClusteringError, match=r"all 9 are unusual. Choose a larger eps"):
        DBSCAN(0.1, min_samples=3).fit(np.arange(9.0)[:, None])
    with pytest.raises(ClusteringError, match=r"eps must be above 0"):
        DBSCAN(0.0).fit(np.arange(9.0)[:, None])


def _with_strays() -> tuple[np.ndarray, np.ndarray]:
    X, truth = planted(3, 4, n=1500, apart=8.0, seed=3)
    strays = np.random.default_rng(0).uniform(X.min() - 5, X.max() + 5, (150, 4))
    return np.concatenate([X, strays]), np.append(truth, np.full(150, -1))
