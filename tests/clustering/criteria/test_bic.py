from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from customer_atlas.clustering.criteria import (
    Partition,
    bic,
    bic_curve,
    kmeans_bic,
    kmeans_log_likelihood,
)
from customer_atlas.clustering.lloyd import lloyd, one_thread

from ..blobs import planted

__all__: list[str] = []


def _by_hand(X: np.ndarray, labels: np.ndarray) -> float:
    """The log-likelihood of customers and segments, customer by customer, by SciPy."""
    k, d = labels.max() + 1, X.shape[1]
    centers = np.stack([X[labels == j].mean(axis=0) for j in range(k)])
    variance = float(((X - centers[labels]) ** 2).mean())
    shares = np.bincount(labels) / len(X)
    return float(
        sum(
            np.log(shares[j]) + multivariate_normal.logpdf(x, centers[j], variance * np.eye(d))
            for x, j in zip(X, labels, strict=True)
        )
    )


def test_the_likelihood_is_that_of_round_gaussians_of_one_variance() -> None:
    X, _ = planted(3, 4, n=200, apart=1.0)
    labels = lloyd(X, np.ones(200), 3, seed=0).labels
    found = kmeans_log_likelihood(Partition.of(X, labels, np.ones(200)))
    assert found == pytest.approx(_by_hand(X, labels))


@pytest.mark.parametrize("kind", ["spherical", "tied", "diag", "full"])
def test_any_model_has_the_criterion_that_scikit_learn_gives(kind: str) -> None:
    X, _ = planted(3, 2, n=300)
    model = GaussianMixture(n_components=3, covariance_type=kind, random_state=0).fit(X)
    parameters = model._n_parameters()
    assert bic(model.score(X) * 300, parameters, 300) == pytest.approx(model.bic(X))


def test_of_groups_that_do_not_overlap_it_is_scikit_learns_with_one_variance_shared() -> None:
    X, truth = planted(4, 3, n=400, apart=40.0, seed=2)
    found = Partition.of(X, truth, np.ones(400))
    variance = found.within / (400 * 3)
    model = GaussianMixture(n_components=4, covariance_type="spherical")
    model.weights_, model.means_ = found.masses / 400, found.centers
    model.covariances_ = np.full(4, variance)
    model.precisions_cholesky_ = np.full(4, variance**-0.5)
    shared = 3 * np.log(400)  # scikit-learn counts a variance for each of the four
    assert kmeans_bic(found) == pytest.approx(model.bic(X) - shared)


@pytest.mark.parametrize("d", [1, 2, 10])
def test_cutting_a_cloud_does_not_pay_and_parting_two_does(d: int) -> None:
    cloud = np.random.default_rng(d).normal(size=(2000, d))
    two = cloud + np.where(np.arange(2000) % 2, 8.0, 0.0)[:, None]
    for X, best in ((cloud, 1), (two, 2)):
        with one_thread():
            fits = [lloyd(X, np.ones(2000), k, seed=0, n_init=2) for k in (1, 2, 3, 4)]
        values = [kmeans_bic(Partition.of(X, fit.labels, np.ones(2000))) for fit in fits]
        assert bic_curve([1, 2, 3, 4], values).choice == best


def test_customers_who_coincide_have_a_finite_criterion() -> None:
    X = np.repeat([[0.0], [5.0]], 4, axis=0)
    found = Partition.of(X, np.repeat([0, 1], 4), np.ones(8))
    assert np.isfinite(kmeans_bic(found))
    assert np.isfinite(kmeans_bic(Partition.of(np.ones((4, 1)), np.zeros(4, int), np.ones(4))))


def test_the_sentence_tells_one_segment_the_best_and_the_last_apart() -> None:
    assert "no division is worth" in bic_curve([1, 2, 3], [1.0, 2.0, 3.0]).sentence
    assert "2 segments are as many as" in bic_curve([1, 2, 3], [2.0, 1.0, 3.0]).sentence
    assert "even 3 segments" in bic_curve([1, 2, 3], [3.0, 2.0, 1.0]).sentence
