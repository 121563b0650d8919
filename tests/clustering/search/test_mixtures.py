from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_atlas.clustering.search.mixtures import FLOOR, best_mixtures, fitted, overlap

from ..blobs import planted

__all__: list[str] = []


@pytest.mark.parametrize("seed", range(5))
def test_the_overlap_is_the_worst_share_of_one_component_that_is_taken_for_another(
    seed: int,
) -> None:
    draw = np.random.default_rng(seed)
    k = 2 + seed
    posterior = draw.dirichlet(np.full(k, 0.3), 200)
    labels = posterior.argmax(axis=1)
    expected = []
    for j in range(k):
        worst = 0.0
        for other in set(range(k)) - {j}:
            own = [row for row, label in zip(posterior, labels, strict=True) if label == j]
            strangers = [
                row for row, label in zip(posterior, labels, strict=True) if label == other
            ]
            lost = sum(row[other] for row in own) / len(own)
            gained = sum(row[j] for row in strangers) / sum(row[j] for row in posterior)
            worst = max(worst, lost, gained)
        expected.append(worst)
    assert overlap(posterior, labels) == pytest.approx(expected)


def test_components_that_nobody_is_taken_from_overlap_with_nobody() -> None:
    sure = np.repeat(np.eye(3), 5, axis=0)
    assert overlap(sure, sure.argmax(axis=1)).tolist() == [0.0, 0.0, 0.0]


def test_a_mixture_comes_with_schwarzs_criterion_and_one_that_counts_clusters() -> None:
    X, truth = planted(3, 2, n=300, apart=5.0, seed=2)
    one = fitted(X, truth, "full")
    density = one.mixture.log_density(X)
    parameters = 3 * (2 + 3) + 2  # means, covariances, shares
    assert one.bic == pytest.approx(parameters * np.log(300) - 2 * density.sum())
    logs = np.log(one.posterior, where=one.posterior > 1e-300, out=np.zeros_like(one.posterior))
    assert one.icl == pytest.approx(one.bic - 2 * (one.posterior * logs).sum())
    assert one.icl >= one.bic
    assert adjusted_rand_score(truth, one.labels) > 0.95


def test_the_best_of_all_numbers_are_yielded_and_the_search_ends_when_it_gets_no_better() -> None:
    X, truth = planted(3, 2, n=300, apart=9.0, seed=2)
    halves = truth * 2 + (np.arange(300) % 2)
    tried = count(1)
    starts = {1: np.zeros(300, int), 2: np.minimum(truth, 1), 3: truth, 4: np.minimum(halves, 3)}

    def begin() -> object:
        for k in tried:
            yield starts.get(k, np.arange(300) % k)

    found = list(best_mixtures(X, begin(), "full"))  # type: ignore[arg-type]
    assert found[0].k == 3
    assert adjusted_rand_score(truth, found[0].labels) > 0.98
    assert 3 < next(tried) <= 20


def test_people_who_are_the_same_make_no_component_without_width() -> None:
    draw = np.random.default_rng(0)
    X = np.concatenate([draw.normal(size=(150, 2)), np.zeros((150, 2))])
    start = np.repeat([0, 1], 150)
    for covariance in ("full", "diagonal"):
        one = fitted(X, start, covariance)
        assert np.isfinite(one.bic)
        assert one.bic > -40 * len(X) * np.log(1 / FLOOR)
