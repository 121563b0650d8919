"""Histograms give medians, and merge in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from customer_atlas.segments.histogram import Histogram

VALUES = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e12, 1e12))
COUNTS = hnp.arrays(np.float64, st.integers(1, 60), elements=st.integers(0, 511).map(float))


def _alone(values: np.ndarray) -> Histogram:
    return Histogram.of(values, np.zeros(len(values), dtype=np.int64))


@given(COUNTS)
def test_the_median_of_counts_is_exact(values):
    assert _alone(values).median() == np.median(values)


@given(VALUES)
def test_the_median_is_within_a_fifth_of_a_percent_of_its_neighbours(values):
    ordered = np.sort(values)
    low, high = ordered[(len(values) - 1) // 2], ordered[len(values) // 2]
    tolerance = 0.002 * max(abs(low), abs(high)) + 1e-300
    assert abs(_alone(values).median() - (low + high) / 2) <= tolerance


@given(VALUES, st.integers(0, 60))
def test_merging_is_exact_in_any_order(values, cut):
    groups = np.arange(len(values), dtype=np.int64) % 3
    whole = Histogram.of(values, groups)
    first = Histogram.of(values[:cut], groups[:cut])
    second = Histogram.of(values[cut:], groups[cut:])
    for merged in (first.merge(second), second.merge(first)):
        np.testing.assert_array_equal(merged.keys, whole.keys)
        np.testing.assert_array_equal(merged.counts, whole.counts)
        assert merged.whole == whole.whole


def test_each_group_has_its_own_median():
    values = np.array([1.0, 3.0, -7.0, 10.0, 20.0])
    histogram = Histogram.of(values, np.array([0, 0, 0, 2, 2]))
    assert (histogram.median(0), histogram.median(2)) == (1.0, 15.0)
    with pytest.raises(ValueError, match="no median"):
        histogram.median(1)


def test_shares_below_a_bound_count_the_bound_itself():
    histogram = _alone(np.array([0.0, 1.0, 1.0, 2.0]))
    assert histogram.share_at_most(None, 1.0) == 0.75
    assert histogram.share_at_most(4, 1.0) == 0.0


def test_skewness_agrees_with_scipy():
    draw = np.random.default_rng(1).lognormal(3, 0.8, 5000)
    histogram = _alone(draw)
    assert histogram.skewness() == pytest.approx(stats.skew(draw), rel=0.01)
    assert histogram.skewness(logged=True) == pytest.approx(stats.skew(np.log1p(draw)), abs=0.01)
    assert _alone(np.full(9, 0.1)).skewness() == 0.0
