"""Tests of independence, effect sizes and adjustments, beside other ways to get them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, false_discovery_control, fisher_exact

from customer_atlas.segments.fairness.independence import (
    adjusted_fdr,
    adjusted_holm,
    independence,
)

__all__: list[str] = []


def test_the_test_is_pearsons() -> None:
    draw = np.random.default_rng(1)
    for _ in range(20):
        table = draw.integers(20, 90, (3, 4))
        found = independence(table)
        assert found.p == pytest.approx(chi2_contingency(table, correction=False).pvalue)
        assert not found.drawn


def test_small_counts_are_judged_by_tables_that_are_drawn() -> None:
    # With two by two Pearson's statistic orders tables as Fisher's test does where sums are equal.
    table = np.array([[7, 1], [1, 7]])
    found = independence(table)
    assert found.drawn
    assert found.p == pytest.approx(fisher_exact(table).pvalue, abs=0.004)
    assert independence(table, seed=1) == independence(table, seed=1)


def test_the_effect_is_bergsmas() -> None:
    draw = np.random.default_rng(2)
    for shape in ((2, 2), (3, 5), (6, 2)):
        table = draw.integers(10, 99, shape)
        n = table.sum()
        phi = chi2_contingency(table, correction=False).statistic / n
        phi = max(0, phi - (shape[0] - 1) * (shape[1] - 1) / (n - 1))
        r, c = (one - (one - 1) ** 2 / (n - 1) for one in shape)
        assert independence(table).effect == pytest.approx(np.sqrt(phi / min(r - 1, c - 1)))


def test_a_table_of_one_row_or_of_empty_ones_says_nothing() -> None:
    for table in ([[5, 6, 7]], [[5], [6]], [[3, 4], [0, 0]]):
        found = independence(np.array(table))
        assert (found.p, found.effect) == (1.0, 0.0)


def test_the_level_is_held_with_small_counts_and_with_large_ones() -> None:
    draw = np.random.default_rng(3)
    for people in (40, 400):
        ps = []
        for seed in range(200):
            groups, segments = draw.integers(0, 3, people), draw.integers(0, 3, people)
            table = np.zeros((3, 3), dtype=np.int64)
            np.add.at(table, (groups, segments), 1)
            ps.append(independence(table, seed).p)
        assert np.mean(np.array(ps) < 0.05) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 200)
        assert 0.35 < np.mean(ps) < 0.65


def test_adjusted_values_are_those_of_benjamini_and_hochberg_and_of_holm() -> None:
    draw = np.random.default_rng(4)
    for count in (1, 2, 17):
        ps = (draw.random(count) ** 2).tolist()
        assert adjusted_fdr(ps) == pytest.approx(false_discovery_control(ps).tolist())
        ordered = sorted(range(count), key=lambda at: ps[at])
        for rank, at in enumerate(ordered):
            each = [(count - j) * ps[ordered[j]] for j in range(rank + 1)]
            assert adjusted_holm(ps)[at] == pytest.approx(min(1.0, max(each)))
    assert adjusted_fdr([]) == adjusted_holm([]) == []
