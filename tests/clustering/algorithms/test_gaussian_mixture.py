from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture as SklearnMixture
from threadpoolctl import threadpool_limits

from customer_atlas.clustering import GaussianMixture, KMeans
from customer_atlas.clustering.expectation import (
    Covariance,
    climb,
    first_guess,
    free_parameters,
    least_variance,
)
from customer_atlas.clustering.lloyd import lloyd
from customer_atlas.errors import ClusteringError

from ..blobs import planted
from ..conformance import Conformance

__all__: list[str] = []

_SHAPES: list[Covariance] = ["full", "tied", "diagonal", "spherical"]
_THEIRS = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


class TestFull(Conformance):
    algorithm = GaussianMixture


class TestDiagonalWithUnusual(Conformance):
    algorithm = GaussianMixture
    settings = {"covariance": "diagonal", "unusual": 0.005}  # noqa: RUF012
    weighing = "close"  # the last unusual row is in or out as a whole


@pytest.mark.parametrize("covariance", _SHAPES)
@pytest.mark.parametrize(("k", "d", "apart"), [(8, 4, 3.0), (5, 6, 1.0)])
def test_it_is_as_likely_as_scikit_learns(covariance: Covariance, k: int, d: int, apart: float):
    X, _ = planted(k, d, apart=apart, stretched=True)
    ours = GaussianMixture(k, covariance=covariance).fit(X)
    theirs = SklearnMixture(k, covariance_type=_THEIRS[covariance], random_state=0).fit(X)
    assert ours.facts_["log_likelihood"] >= theirs.score(X) - 1e-4
    assert ours.facts_["converged"]


@pytest.mark.parametrize("covariance", _SHAPES)
def test_its_figures_are_those_of_its_mixture(covariance: Covariance) -> None:
    X, _ = planted(4, 3, n=900, apart=1.0)
    model = GaussianMixture(4, covariance=covariance).fit(X)
    served, facts = model.served_, model.facts_
    densities = _densities(served.weights, served.means, served.factors, X)
    total = np.log(densities.sum(axis=1))
    shares = densities / densities.sum(axis=1, keepdims=True)
    assert served.log_density(X) == pytest.approx(total)
    assert model.predict_proba(X) == pytest.approx(shares)
    assert facts["log_likelihood"] == pytest.approx(total.mean())
    parameters = SklearnMixture(4, covariance_type=_THEIRS[covariance]).fit(X)._n_parameters()
    assert free_parameters(4, 3, covariance) == parameters == facts["parameters"]
    assert facts["bic"] == pytest.approx(parameters * np.log(900) - 2 * total.sum())
    entropy = -(shares * np.log(shares)).sum()
    assert facts["icl"] == pytest.approx(facts["bic"] + 2 * entropy)


@pytest.mark.parametrize("covariance", _SHAPES)
def test_a_weight_counts_like_so_many_customers_in_every_iteration(covariance: Covariance) -> None:
    X, _ = planted(3, 4, n=300, apart=1.0, stretched=True)
    times = np.random.default_rng(0).integers(1, 5, 300)
    fits = []
    for rows, weights in (
        (X, times.astype(np.float64)),
        (np.repeat(X, times, axis=0), np.ones(int(times.sum()), np.float64)),
    ):
        floor = least_variance(rows, weights)
        start = first_guess(rows, weights, _nearest(rows, X[:3]), 3, covariance, floor)
        fits.append(climb(rows, weights, start, covariance, floor, most=9, tolerance=0))
    for name in ("weights", "means", "factors", "likelihood"):
        assert getattr(fits[0], name) == pytest.approx(getattr(fits[1], name), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("covariance", _SHAPES)
def test_no_iteration_makes_it_less_likely(covariance: Covariance) -> None:
    X, _ = planted(5, 4, n=800, apart=0.7, stretched=True)
    weights = np.random.default_rng(0).uniform(1, 9, 800)
    floor = least_variance(X, weights)
    now, told = first_guess(X, weights, _nearest(X, X[:5]), 5, covariance, floor), []
    for _ in range(40):
        now = climb(X, weights, now, covariance, floor, most=1, tolerance=-np.inf)
        told.append(now.likelihood)
    assert (np.diff(told) >= -1e-6).all()


@pytest.mark.parametrize("covariance", _SHAPES)
def test_an_iteration_is_what_the_formulas_say(covariance: Covariance) -> None:
    X, _ = planted(3, 4, n=400, apart=1.0, stretched=True)
    weights = np.random.default_rng(0).uniform(1, 9, 400)
    floor = least_variance(X, weights)
    start = first_guess(X, weights, np.arange(400) % 3, 3, covariance, floor)
    after = climb(X, weights, start, covariance, floor, most=1, tolerance=-np.inf)
    shares = _densities(start.weights, start.means, _square(start.factors), X)
    assert after.likelihood == pytest.approx(np.average(np.log(shares.sum(1)), weights=weights))
    shares *= weights[:, None] / shares.sum(axis=1, keepdims=True)
    means = shares.T @ X / shares.sum(axis=0)[:, None]
    each = [np.cov(X.T, aweights=share, bias=True) for share in shares.T]
    if covariance == "tied":
        each = [np.average(each, axis=0, weights=shares.sum(axis=0))] * 3
    elif covariance == "diagonal":
        each = [np.diag(np.diag(one)) for one in each]
    elif covariance == "spherical":
        each = [np.eye(4) * np.trace(one) / 4 for one in each]
    factors = _square(after.factors)
    assert after.means == pytest.approx(means)
    assert after.weights == pytest.approx(shares.sum(axis=0) / weights.sum())
    found = np.linalg.inv(factors @ factors.transpose(0, 2, 1))
    assert found == pytest.approx(np.stack(each), rel=1e-4, abs=1e-4)


def test_long_groups_that_mislead_k_means_come_back() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(2000, 2)) * [12.0, 0.3] + np.repeat([[0, 0], [0, 3.0]], 1000, axis=0)
    truth = np.repeat([0, 1], 1000)
    assert adjusted_rand_score(truth, GaussianMixture(2).fit(X).labels_) > 0.98
    assert adjusted_rand_score(truth, KMeans(2).fit(X).labels_) < 0.1


def test_the_bic_finds_the_number_of_groups() -> None:
    X, _ = planted(4, 3, n=1500, apart=4.0, stretched=True)
    bics = {k: GaussianMixture(k).fit(X).facts_["bic"] for k in range(2, 8)}
    assert min(bics, key=lambda k: bics[k]) == 4


def test_rows_count_as_their_effective_number() -> None:
    X, _ = planted(2, 3, n=400)
    weights = np.repeat([1.0, 1e-9], 200)
    facts = GaussianMixture(2).fit(X, sample_weight=weights).facts_
    assert facts["effective_rows"] == pytest.approx(200, rel=1e-6)


def test_customers_who_are_all_alike_do_not_make_it_infinite() -> None:
    X, _ = planted(2, 3, n=600)
    X[:200] = 7.0
    model = GaussianMixture(3).fit(X)
    assert np.isfinite(model.facts_["log_likelihood"])
    assert len(set(model.labels_[:200].tolist())) == 1


def test_the_unusual_are_the_asked_for_share_where_it_is_least_dense() -> None:
    X, _ = planted(3, 4, apart=4.0)
    weights = np.random.default_rng(0).uniform(1, 9, len(X))
    model = GaussianMixture(3, unusual=0.02).fit(X, sample_weight=weights)
    unusual = model.labels_ == -1
    assert np.average(unusual, weights=weights) == pytest.approx(0.02, abs=0.003)
    density = model.served_.log_density(X)
    assert density[unusual].max() < density[~unusual].min()
    assert model.predict(np.full((1, 4), 99.0)).tolist() == [-1]
    assert model.describe().unusual == pytest.approx(0.02, abs=0.003)


def test_more_rows_than_the_starts_see_still_count() -> None:
    X, _ = planted(4, 3, n=60_000, apart=1.0, stretched=True)
    served = GaussianMixture(4).fit(X).served_
    shares = served.predict_proba(X)
    assert served.means == pytest.approx(shares.T @ X / shares.sum(axis=0)[:, None], abs=0.02)
    assert served.weights == pytest.approx(shares.mean(axis=0), abs=0.005)


def test_one_start_is_quicker_than_scikit_learns() -> None:
    X, _ = planted(10, 10, n=5000, apart=1.5, stretched=True)
    weights, times = np.ones(5000), []
    with threadpool_limits(1):
        floor = least_variance(X, weights)
        centers = lloyd(X, weights, 10, seed=0).centers
        for _ in range(3):
            begun = time.perf_counter()
            start = first_guess(X, weights, _nearest(X, centers), 10, "full", floor)
            climb(X, weights, start, "full", floor, most=200, tolerance=1e-4)
            times.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        SklearnMixture(10, means_init=centers, tol=1e-4, max_iter=200, random_state=0).fit(X)
    assert min(times) < 0.8 * (time.perf_counter() - begun)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"covariance": "round"}, "'round' is not known; it is one of full, tied"),
        ({"unusual": 1.0}, "from 0 to below 1; found 1.0"),
        ({"n_clusters": 301}, "301 clusters were asked for"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ClusteringError, match=message):
        GaussianMixture(**settings).fit(planted(2, 3, n=300)[0])  # type: ignore[arg-type]


def _square(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    return factors if factors.ndim == 3 else factors[:, :, None] * np.eye(factors.shape[1])


def _nearest(X: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(cdist(X, centers).argmin(axis=1), np.int64)


def _densities(
    weights: NDArray[np.float64], means: NDArray[np.float64], factors: NDArray[np.float64],
    X: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    covariances = np.linalg.inv(factors @ factors.transpose(0, 2, 1))
    each = [
        weight * multivariate_normal(mean, covariance).pdf(X)
        for weight, mean, covariance in zip(weights, means, covariances, strict=True)
    ]
    return np.stack(each, axis=1)
