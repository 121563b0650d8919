from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Agglomerative
from customer_atlas.clustering.merging import Linkage
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []


class TestWard(Conformance):
    algorithm = Agglomerative
    weighing = "close"  # its own labels are exact; the student draws rows


class TestAverage(Conformance):
    algorithm = Agglomerative
    settings = {"linkage": "average"}  # noqa: RUF012
    weighing = "close"


@pytest.mark.parametrize("method", ["ward", "average"])
def test_its_labels_are_those_of_scipys_tree(method: Linkage) -> None:
    X, _ = planted(5, 4, n=700, apart=1.0)
    expected = fcluster(linkage(X, method), 6, "maxclust")
    model = Agglomerative(6, linkage=method).fit(X)
    assert adjusted_rand_score(expected, model.labels_) == 1.0
    heights = np.append(0.0, linkage(X, method)[:, 2])
    assert model.facts_["heights"] == pytest.approx([heights[-6], heights[-5]])


@pytest.mark.parametrize("method", ["ward", "average"])
def test_weights_count_exactly_like_so_many_customers_in_the_tree(method: Linkage) -> None:
    X, _ = planted(4, 3, n=300, apart=1.0)
    times = np.random.default_rng(0).integers(1, 5, 300)
    weighted = Agglomerative(4, linkage=method).fit(X, sample_weight=times.astype(float))
    repeated = Agglomerative(4, linkage=method).fit(np.repeat(X, times, axis=0))
    assert (np.repeat(weighted.labels_, times) == repeated.labels_).all()
    assert weighted.dendrogram_ == pytest.approx(repeated.dendrogram_)
    full = linkage(np.repeat(X, times, axis=0), method)
    assert weighted.dendrogram_[:, 2] == pytest.approx(full[-200:, 2])


def test_the_kept_tree_can_be_drawn_and_written_as_json() -> None:
    X, _ = planted(5, 4, n=900)
    model = Agglomerative(5).fit(X, sample_weight=np.full(900, 2.0))
    assert model.dendrogram_.shape == (200, 4)
    assert is_valid_linkage(model.dendrogram_)
    assert len(dendrogram(model.dendrogram_, no_plot=True)["ivl"]) == 201
    kept = json.loads(json.dumps(model.facts_))["dendrogram"]
    assert len(kept["weights"]) == 201
    assert sum(kept["weights"]) == pytest.approx(1800)


def test_many_rows_are_merged_from_small_clusters() -> None:
    X, truth = planted(6, 4, n=20_000, apart=6.0)
    model = Agglomerative(6).fit(X)
    assert model.facts_["points"] <= 4000
    assert sum(model.facts_["dendrogram"]["weights"]) == pytest.approx(20_000)
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    assert adjusted_rand_score(truth, model.predict(X)) > 0.99


def test_another_linkage_is_refused() -> None:
    with pytest.raises(ClusteringError, match="'single' is not known; it is one of ward, average"):
        Agglomerative(2, linkage="single").fit(np.eye(4))  # type: ignore[arg-type]
