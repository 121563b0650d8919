from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import skew

from customer_atlas.clustering.structure_test.column import Column, read_column

__all__: list[str] = []


def read(x: np.ndarray) -> Column:
    column = read_column(np.asarray(x, dtype=float), np.random.default_rng(0))
    assert column is not None
    return column


def test_a_column_of_one_value_is_none() -> None:
    assert read_column(np.full(20, 3.0), np.random.default_rng(0)) is None


def test_plain_numbers_have_no_atom_and_get_one_unit() -> None:
    column = read(np.random.default_rng(1).normal(1e6, 1e4, size=500))
    assert column.is_plain
    assert not column.is_few_valued
    assert column.values.mean() == pytest.approx(0, abs=1e-9)
    assert column.values.std() == pytest.approx(1)


def test_skew_is_taken_out() -> None:
    column = read(np.exp(np.random.default_rng(1).normal(size=500)))
    assert abs(skew(column.values[:, 0])) < 0.3


def test_small_counts_and_flags_are_atoms_alone() -> None:
    draw = np.random.default_rng(1)
    assert read(draw.poisson(1.2, 600)).is_few_valued
    flag = read(draw.random(600) < 0.1)
    assert flag.is_few_valued
    assert np.ptp(flag.values) == pytest.approx(2)


def test_larger_counts_are_spread_and_not_taken_for_modes() -> None:
    x = np.random.default_rng(1).poisson(12, 600)
    column = read(x)
    assert column.is_plain
    assert len(np.unique(column.values)) > 590
    assert (np.sort(column.values[x == 12, 0])[-1] <= column.values[x == 13, 0]).all()


def test_the_zeros_of_an_amount_are_an_atom() -> None:
    draw = np.random.default_rng(1)
    x = draw.gamma(2, size=600) * (draw.random(600) < 0.6)
    column = read(x)
    assert len(column.levels) == 1
    assert len(column.body) == (x > 0).sum()
    assert len(np.unique(column.values[x == 0])) == 1
    again = column.quantile(draw.random(5000))[:, 0]
    assert (again == column.levels[0, 0]).mean() == pytest.approx((x == 0).mean(), abs=0.03)


def test_few_customers_with_different_values_have_no_atoms() -> None:
    assert read(np.random.default_rng(0).normal(size=12)).is_plain


def test_scores_are_normal_however_many_ties() -> None:
    scores = read(np.random.default_rng(1).random(400) < 0.3).scores
    assert scores.mean() == pytest.approx(0, abs=1e-9)
    assert scores.std() == pytest.approx(1, abs=0.01)
