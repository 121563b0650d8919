from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.linear_model import Ridge

from customer_atlas.features.matrix.imputation import Imputer

__all__: list[str] = []


def holes(seed: int = 0, n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Five correlated columns, and where the first, third and fourth are unknown."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(n, 2)) @ draw.normal(size=(2, 5)) + draw.normal(size=(n, 5)) * 0.3
    return matrix, draw.random((n, 3)) < (0.1, 0.4, 0.25)


def filled(matrix: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """The matrix with the means of what is known where it is not."""
    start = matrix.copy()
    for i, j in enumerate((0, 2, 3)):
        start[unknown[:, i], j] = matrix[~unknown[:, i], j].mean()
    return start


def learnt(start: np.ndarray, unknown: np.ndarray, weights: np.ndarray | None = None) -> Imputer:
    weights = np.ones(len(start)) if weights is None else weights
    return Imputer.learn(start, unknown, [0, 2, 3], range(5), weights)


class _Penalised(Ridge):  # type: ignore[misc]
    """A ridge whose penalty is a thousandth for each row."""

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: object = None) -> _Penalised:
        self.alpha = 1e-3 * len(X)
        super().fit(X, y)
        return self


def test_it_equals_scikit_learns_chained_regressions() -> None:
    matrix, unknown = holes()
    start = filled(matrix, unknown)
    with_gaps = matrix.copy()
    for i, j in enumerate((0, 2, 3)):
        with_gaps[unknown[:, i], j] = np.nan
    theirs = IterativeImputer(
        _Penalised(), max_iter=5, tol=0.0, imputation_order="roman", skip_complete=True,
        min_value=np.nanmin(with_gaps, axis=0), max_value=np.nanmax(with_gaps, axis=0),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that five rounds are few is known
        expected = theirs.fit_transform(with_gaps)
    ours = start.copy()
    learnt(start, unknown).fill(ours, unknown)
    assert ours == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_new_customers_get_nearer_to_the_truth_than_by_the_mean() -> None:
    matrix, unknown = holes()
    imputer = learnt(filled(matrix, unknown), unknown)
    fresh, gaps = matrix[:400], np.random.default_rng(5).random((400, 3)) < 0.2
    start = filled(fresh, gaps)
    found = start.copy()
    imputer.fill(found, gaps)
    assert ((found - fresh) ** 2).sum() < 0.35 * ((start - fresh) ** 2).sum()


def test_only_what_is_unknown_changes_and_the_rows_do_not_matter_to_each_other() -> None:
    matrix, unknown = holes()
    start = filled(matrix, unknown)
    imputer = learnt(start, unknown)
    whole = start.copy()
    imputer.fill(whole, unknown)
    for row in (0, 7, 1499):
        alone = start[[row]].copy()
        imputer.fill(alone, unknown[[row]])
        assert alone.tobytes() == whole[[row]].tobytes()
    known = np.ones_like(matrix, bool)
    known[:, [0, 2, 3]] = ~unknown
    assert (whole[known] == matrix[known]).all()


def test_a_weight_counts_like_so_many_customers() -> None:
    matrix, unknown = holes(n=400)
    times = np.random.default_rng(1).integers(1, 4, 400)
    start = filled(matrix, unknown)
    weighted = learnt(start, unknown, times.astype(float))
    repeated = learnt(np.repeat(start, times, axis=0), np.repeat(unknown, times, axis=0))
    assert weighted.coefficients == pytest.approx(repeated.coefficients)


def test_scaled_columns_are_filled_with_the_same_in_their_units() -> None:
    matrix, unknown = holes()
    start, factors = filled(matrix, unknown), np.array([2.0, 0.1, 3.0, 0.5, 1.0])
    plain, scaled = start.copy(), start * factors
    learnt(start, unknown).fill(plain, unknown)
    learnt(start, unknown).scaled(factors).fill(scaled, unknown)
    assert scaled == pytest.approx(plain * factors)


def test_what_is_predicted_stays_in_the_range_that_was_seen() -> None:
    matrix, unknown = holes()
    imputer = learnt(filled(matrix, unknown), unknown)
    strange = np.full((1, 5), 1e6)
    imputer.fill(strange, np.array([[True, True, False]]))
    assert (strange[0, [0, 2]] <= imputer.high[:2]).all()
    assert (strange[0, [0, 2]] >= imputer.low[:2]).all()
