from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering import (
    Clusterer,
    GaussianMixture,
    KMeans,
    Preprocessed,
    Spectral,
    load_served,
    save_served,
)
from customer_atlas.clustering.algorithms.preprocessed import Preprocessing
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import ZERO_WEIGHTS, Conformance

__all__: list[str] = []


@pytest.mark.parametrize("way", get_args(Preprocessing))
def test_labels_are_those_of_the_algorithm_on_what_the_served_model_sees(
    way: Preprocessing,
) -> None:
    X, _ = planted(4, 5, n=300, stretched=True)
    model = Preprocessed(KMeans(4), way, variance=0.9).fit(X)
    seen = model.served_.seen(X)
    assert KMeans(4).fit(seen).labels_.tolist() == model.labels_.tolist()
    assert model.predict(X).tolist() == model.labels_.tolist()
    assert model.facts_["columns"] == seen.shape[1]


def test_whitened_rows_have_no_covariance_and_no_linear_map_before_changes_a_label() -> None:
    X, _ = planted(3, 4, n=300)
    model = Preprocessed(KMeans(3), "whitening").fit(X)
    assert np.cov(model.served_.seen(X).T, bias=True) == pytest.approx(np.eye(4), abs=1e-8)
    turned = X @ np.random.default_rng(0).normal(size=(4, 4)) * 7 + 3
    again = Preprocessed(KMeans(3), "whitening").fit(turned)
    assert adjusted_rand_score(again.labels_, model.labels_) == 1.0


def test_principal_components_keep_the_variance_that_is_asked_and_distances() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(400, 4)) * [10, 5, 1, 0.1]
    model = Preprocessed(KMeans(2), "pca", variance=0.995)
    seen = model.fit(X).served_.seen(X)
    assert seen.shape == (400, 3)
    assert np.var(seen, axis=0).sum() / np.var(X, axis=0).sum() > 0.995
    whole = Preprocessed(KMeans(2), "pca").fit(X).served_.seen(X)
    assert np.linalg.norm(whole[0] - whole[1]) == pytest.approx(np.linalg.norm(X[0] - X[1]))


def test_robust_scales_are_those_of_the_bulk_and_one_value_alone_does_no_harm() -> None:
    X = np.random.default_rng(0).normal(5, 2, size=(4000, 3))
    X[:40, 0] = 1e6
    X[:3000, 1] = 1.0
    X[:, 2] = 4.0
    seen = Preprocessed(KMeans(2), "robust").fit(X).served_.seen(X)
    assert np.median(seen[:, 0]) == pytest.approx(0, abs=0.01)
    assert np.std(seen[40:, 0]) == pytest.approx(1, rel=0.05)
    assert np.isfinite(seen).all()
    assert not seen[:, 2].any()


@pytest.mark.parametrize("way", get_args(Preprocessing))
def test_weights_count_like_copies(way: Preprocessing) -> None:
    X, _ = planted(3, 4, n=90, apart=6)
    counts = np.random.default_rng(0).integers(1, 4, len(X))
    weighted = Preprocessed(KMeans(3), way).fit(X, sample_weight=counts.astype(float))
    copied = Preprocessed(KMeans(3), way).fit(np.repeat(X, counts, axis=0))
    assert weighted.served_.axes == pytest.approx(copied.served_.axes)
    assert weighted.predict(X).tolist() == copied.predict(X).tolist()


@pytest.mark.parametrize("inner", [KMeans(3), GaussianMixture(3), Spectral(3)], ids=str)
def test_what_is_stored_scores_to_the_bit(
    inner: KMeans | GaussianMixture | Spectral, tmp_path: Path
) -> None:
    X, _ = planted(3, 4, n=200)
    model = Preprocessed(inner, "whitening", variance=0.95).fit(X)
    save_served(model.served_, tmp_path)
    again = load_served(tmp_path)
    assert again.n_features == 4
    for ask in ("predict", "predict_proba"):
        assert getattr(again, ask)(X).tobytes() == getattr(model.served_, ask)(X).tobytes()
    assert again.assign(X).distance.tobytes() == model.served_.assign(X).distance.tobytes()


def test_it_is_cloned_with_its_clusterer_and_counts_its_seed() -> None:
    X, _ = planted(3, 4, n=200)
    model = Preprocessed(KMeans(3, n_init=1), "pca", random_state=4).fit(X)
    assert clone(model).fit(X).labels_.tolist() == model.labels_.tolist()
    assert model.clusterer.random_state == 0


@pytest.mark.parametrize(("way", "variance"), [("ica", 1.0), ("pca", 0.0), ("pca", 1.5)])
def test_what_is_no_preprocessing_is_refused(way: Preprocessing, variance: float) -> None:
    with pytest.raises(ClusteringError, match="one of robust, pca, whitening"):
        Preprocessed(KMeans(2), way, variance=variance).fit(np.eye(5))


def test_missing_values_and_another_width_are_refused() -> None:
    model = Preprocessed(KMeans(2)).fit(planted(2, 3, n=50)[0])
    with pytest.raises(ClusteringError, match="knows 3 columns"):
        model.served_.predict(np.zeros((2, 4)))
    with pytest.raises(ClusteringError, match="Missing or infinite"):
        model.predict(np.full((1, 3), np.nan))


class TestPreprocessed(Conformance):
    algorithm = Preprocessed
    weighing = "close"  # the last bits of the axes turn what is near a border
    failed_checks = {  # noqa: RUF012
        **ZERO_WEIGHTS,
        "check_fit2d_1sample": "k-means within asks for three customers; the message says so",
    }

    def make(self, k: int = 4, **settings: Any) -> Clusterer:
        seed = settings.pop("random_state", 0)
        return Preprocessed(KMeans(k, **settings), "robust", random_state=seed)
