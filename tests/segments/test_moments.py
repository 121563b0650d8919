"""Moments merge exactly and keep their digits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from customer_atlas.segments.effects import cohen_d, cohen_h
from customer_atlas.segments.moments import Moments

GROUPS = 3
ROWS = hnp.arrays(
    np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)


@given(ROWS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_moments_of_parts_merge_into_those_of_the_whole(values, cut, random):
    groups = np.array([random.randrange(GROUPS) for _ in values], dtype=np.int64)
    whole = Moments.of(values, groups, GROUPS)
    parts = Moments.of(values[:cut], groups[:cut], GROUPS).merge(
        Moments.of(values[cut:], groups[cut:], GROUPS)
    )
    np.testing.assert_array_equal(parts.count, whole.count)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(parts.squares, whole.squares, rtol=1e-7, atol=1e-3)


@given(ROWS, st.randoms(use_true_random=False))
def test_everybody_else_is_everyone_without_the_group(values, random):
    groups = np.array([random.randrange(GROUPS) for _ in values], dtype=np.int64)
    others = Moments.of(values, groups, GROUPS).others()
    for group in range(GROUPS):
        rest = values[groups != group]
        assert others.count[group] == len(rest)
        if len(rest):
            assert others.mean[group] == pytest.approx(rest.mean(), rel=1e-9, abs=1e-6)
            assert others.squares[group] == pytest.approx(
                ((rest - rest.mean()) ** 2).sum(), rel=1e-7, abs=1e-3
            )


def test_a_large_offset_costs_no_digits():
    values = 1e9 + np.array([0.0, 1.0, 2.0, 3.0])
    moments = Moments.of(values, np.zeros(4, dtype=np.int64), 1)
    halves = Moments.of(values[:2], np.zeros(2, dtype=np.int64), 1).merge(
        Moments.of(values[2:], np.zeros(2, dtype=np.int64), 1)
    )
    assert moments.squares[0] == pytest.approx(5.0, rel=1e-12)
    assert halves.squares[0] == pytest.approx(5.0, rel=1e-12)


def test_cohens_d_equals_the_textbook_formula():
    draw = np.random.default_rng(0)
    here, rest = draw.normal(3, 2, 60), draw.normal(1, 1, 400)
    groups = np.repeat([0, 1], [60, 400])
    moments = Moments.of(np.concatenate([here, rest]), groups, 2)
    pooled = np.sqrt((59 * here.var(ddof=1) + 399 * rest.var(ddof=1)) / 458)
    expected = (here.mean() - rest.mean()) / pooled
    np.testing.assert_allclose(cohen_d(moments, moments.others()), [expected, -expected])


def test_effects_stay_finite_where_nothing_varies():
    groups = np.array([0, 0, 1, 1, 2])
    apart = Moments.of(np.array([1.0, 1.0, 2.0, 2.0, 2.0]), groups, 3)
    alike = Moments.of(np.full(5, 0.1), groups, 3)
    assert cohen_d(apart, apart.others())[0] == -10.0
    assert cohen_d(alike, alike.others()).tolist() == [0.0, 0.0, 0.0]
    assert cohen_h(1.0, 0.0) == pytest.approx(np.pi)


def test_a_group_alone_has_no_effect():
    only = Moments.of(np.array([1.0, 5.0]), np.array([0, 0]), 1)
    assert cohen_d(only, only.others()).tolist() == [0.0]
