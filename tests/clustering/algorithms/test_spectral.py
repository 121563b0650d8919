from __future__ import annotations

import time

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
    affinity = Spectral()._affinity(distinct)[0][np.ix_(each, each)]
    scale = 1 / np.sqrt(affinity.sum(axis=1))
    values = 1 - np.linalg.eigvalsh(affinity * scale * scale[:, None])[::-1]
    assert weighted.facts_["eigenvalues"] == pytest.approx(values[:4], abs=1e-9)


def test_no_neighbours_are_refused() -> None:
    with pytest.raises(ClusteringError, match="At least 1 neighbour"):
        Spectral(2, neighbours=0).fit(np.eye(4))


def _unequal(n: int) -> tuple[np.ndarray, np.ndarray]:
    """A broad round group, and two small dense ones beside it."""
    draw = np.random.default_rng(0)
    truth = draw.choice(3, n, p=[0.9, 0.07, 0.03])
    middles, widths = np.array([[0, 0], [4, 0], [0, 6]]), np.array([1, 0.4, 0.3])
    return middles[truth] + draw.normal(size=(n, 2)) * widths[truth][:, None], truth


@pytest.mark.parametrize("weighted", [False, True])
def test_past_two_thousand_rows_each_row_finds_its_own_place(weighted: bool) -> None:
    X, truth = _unequal(20_000)
    weights = np.random.default_rng(1).uniform(0.2, 5, len(X)) if weighted else None
    model = Spectral(3).fit(X, sample_weight=weights)
    assert model.facts_["points"] == 1000
    assert adjusted_rand_score(truth, model.labels_) > 0.8


def test_rows_that_are_landmarks_get_the_eigenvectors_of_the_landmarks() -> None:
    X, _ = shape("moons", 200)
    masses = np.random.default_rng(0).uniform(1, 3, 200)
    affinity, local = Spectral(3, neighbours=7)._affinity(X)
    values, vectors, scale = Spectral(3)._spectrum(affinity.copy(), masses)
    weighing = vectors[:, :3] * scale[:, None] / (1.0 - values[:3])
    # A landmark is its own nearest one, so that its seventh neighbour is the eighth.
    found = Spectral(3, neighbours=8)._extended(X, X, local, weighing)
    assert found == pytest.approx(vectors[:, :3] / scale[:, None])


def test_time_grows_with_the_rows_and_not_with_their_square() -> None:
    seconds = []
    for n in (10_000, 40_000):
        X, _ = shape("circles", n)
        begun = time.process_time()
        Spectral(2).fit(X)
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 8 * seconds[0]
