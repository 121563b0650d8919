from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import Spectral
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance
from ..shapes import SHAPES, shape

__all__: list[str] = []


class TestSpectral(Conformance):
    algorithm = Spectral
    weighing = "close"  # its own labels are exact; the student draws rows


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("n", [1000, 20_000])
def test_it_finds_shapes_and_its_student_serves_them(name: str, n: int) -> None:
    X, truth = shape(name, n)
    model = Spectral(2).fit(X)
    assert adjusted_rand_score(truth, model.labels_) > 0.99
    assert model.facts_["agreement"]["all"] >= 0.99
    assert model.facts_["points"] <= 2000
    others, expected = shape(name, 5000, seed=9)
    assert adjusted_rand_score(expected, model.predict(others)) > 0.97


def test_eigenvalues_tell_how_many_groups_hang_together() -> None:
    X, truth = planted(4, 3, n=600, apart=0.0)
    values = Spectral(4).fit(X + 60.0 * np.eye(4, 3)[truth]).facts_["eigenvalues"]
    assert len(values) == 5
    assert values[:4] == pytest.approx(np.zeros(4), abs=1e-3)
    assert values[4] > 0.05


def test_weights_count_exactly_like_so_many_customers() -> None:
    X, _ = shape("moons", 300)
    times = np.random.default_rng(0).integers(1, 5, 300)
    weighted = Spectral(3).fit(X, sample_weight=times.astype(float))
    repeated = Spectral(3).fit(np.repeat(X, times, axis=0))
    assert (np.repeat(weighted.labels_, times) == repeated.labels_).all()
    assert weighted.facts_["eigenvalues"] == pytest.approx(
        repeated.facts_["eigenvalues"], abs=1e-12
    )
    distinct, counts = np.unique(np.repeat(X, times, axis=0), axis=0, return_counts=True)
    each = np.repeat(np.arange(300), counts)
    affinity = Spectral()._affinity(distinct)[np.ix_(each, each)]
    scale = 1 / np.sqrt(affinity.sum(axis=1))
    values = 1 - np.linalg.eigvalsh(affinity * scale * scale[:, None])[::-1]
    assert weighted.facts_["eigenvalues"] == pytest.approx(values[:4], abs=1e-9)


def test_no_neighbours_are_refused() -> None:
    with pytest.raises(ClusteringError, match="At least 1 neighbour"):
        Spectral(2, neighbours=0).fit(np.eye(4))
