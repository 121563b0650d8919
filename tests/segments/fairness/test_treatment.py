"""What is done to groups: across segments and within them, with what chance may do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from customer_atlas.segments.fairness.report import AttributeAudit
from customer_atlas.segments.fairness.telling import say_treatment
from customer_atlas.segments.fairness.treatment import (
    Measure,
    adjusted_treatments,
    treated,
    welch,
)
from tests.segments.fairness.made import grouped

__all__: list[str] = []


def _given(values: np.ndarray) -> Measure:
    return Measure("campaigns", "campaigns sent", "count", values)


def test_of_two_groups_the_test_is_welchs_t() -> None:
    draw = np.random.default_rng(0)
    codes = np.repeat([0, 1], [30, 50])
    values = draw.normal(size=80) * (1 + 2 * codes)
    theirs = ttest_ind(values[:30], values[30:], equal_var=False).pvalue
    assert welch(values, codes) == pytest.approx(theirs)


def test_the_level_is_held_where_groups_vary_differently() -> None:
    draw = np.random.default_rng(1)
    codes = np.repeat([0, 1, 2], [30, 60, 200])
    ps = [welch(draw.normal(size=290) * (4 - codes), codes) for _ in range(600)]
    assert 0.014 < np.mean(np.array(ps) < 0.05) < 0.086


def test_what_segments_explain_is_not_left_within_them() -> None:
    draw = np.random.default_rng(2)
    places = np.repeat([0, 1], 500)
    codes = (draw.random(1_000) < np.where(places == 0, 0.8, 0.2)).astype(np.int64)
    values = draw.poisson(np.where(places == 0, 8, 2)).astype(float)
    (found,) = treated(grouped(codes), places, [_given(values)])
    m, f = found.groups[1], found.groups[0]
    assert m.mean.value - f.mean.value > 3
    assert found.p < 1e-6
    assert m.within
    assert f.within
    assert abs(m.within.value - f.within.value) < 0.6
    assert found.within_p > 0.01
    assert "within segments chance may do it" in say_treatment(found)


def test_what_is_withheld_from_a_group_is_seen_within_segments_at_its_size() -> None:
    draw = np.random.default_rng(3)
    places, codes = draw.integers(0, 3, 900), draw.integers(0, 2, 900)
    values = draw.poisson(3 + places + 2 * codes).astype(float)
    (found,) = treated(grouped(codes), places, [_given(values)])
    f, m = found.groups
    assert f.within
    assert m.within
    assert m.within.value - f.within.value == pytest.approx(2, abs=0.6)
    assert found.within_p < 1e-6
    assert "the groups differ too" in say_treatment(found)


def test_means_within_segments_count_everybodys_segments() -> None:
    # Of 200 in these segments 150 are in the first; the third has too few women to compare.
    places = np.repeat([0, 0, 1, 1, 2, 2], [100, 50, 10, 40, 2, 60])
    codes = np.repeat([0, 1, 0, 1, 0, 1], [100, 50, 10, 40, 2, 60])
    noise = np.tile([-1.0, 1.0], 131)
    values = np.array([4.0, 6.0, 20.0, 40.0, 99.0, 99.0])[2 * places + codes] + noise
    (found,) = treated(grouped(codes), places, [_given(values)])
    women, men = found.groups
    assert women.within
    assert men.within
    assert women.within.value == pytest.approx(0.75 * 4 + 0.25 * 20)
    assert men.within.value == pytest.approx(0.75 * 6 + 0.25 * 40)


def test_what_nobody_or_everybody_got_alike_is_not_told() -> None:
    codes = np.repeat([0, 1], 50)
    nothing = [_given(np.zeros(100)), _given(np.full(100, np.nan))]
    assert treated(grouped(codes), codes, nothing) == ()


def test_small_groups_are_left_out() -> None:
    codes = np.repeat([0, 1, 2], [50, 50, 8])
    found = treated(grouped(codes, ("a", "b", "c")), codes * 0, [_given(np.arange(108.0))])
    assert [one.group for one in found[0].groups] == ["a", "b"]


def test_many_looks_are_counted() -> None:
    draw = np.random.default_rng(4)
    codes = np.repeat([0, 1], 60)
    measures = [Measure(f"m{at}", "", "count", draw.normal(size=120)) for at in range(20)]
    each = treated(grouped(codes), codes * 0, measures)
    audit = AttributeAudit("gender", "", (), 0.0, 0, None, (), None, each)
    (adjusted,) = adjusted_treatments([audit])
    assert min(one.p for one in adjusted.treatments) >= min(one.p for one in each) * 2
