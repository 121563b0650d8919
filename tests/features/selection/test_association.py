from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from customer_atlas.features.selection.association import area_under_curve, correlation, ranks


@given(
    values=st.lists(st.integers(-3, 3), min_size=4, max_size=60),
    seed=st.integers(0, 10_000),
)
def test_the_area_under_the_curve_is_scikit_learns(values: list[int], seed: int) -> None:
    positive = np.random.default_rng(seed).random(len(values)) < 0.5
    positive[:2] = True, False
    numbers = np.array(values, dtype=float)
    assert area_under_curve(ranks(numbers), positive) == pytest.approx(
        roc_auc_score(positive, numbers), abs=1e-12
    )


@given(seed=st.integers(0, 10_000), levels=st.integers(2, 200))
def test_the_correlation_of_ranks_is_scipys(seed: int, levels: int) -> None:
    one, two = np.random.default_rng(seed).integers(0, levels, (2, 80)).astype(float)
    one[:2] = two[:2] = 0, 1
    assert correlation(ranks(one), ranks(two)) == pytest.approx(spearmanr(one, two).statistic)


def test_what_does_not_vary_correlates_with_nothing() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) == 0
