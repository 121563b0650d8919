"""Intervals hold what they say, and are those of the literature."""

from __future__ import annotations

from math import exp, inf, log

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binomtest

from customer_atlas.segments.fairness.intervals import (
    difference_interval,
    ratio_interval,
    ratio_score,
    wilson,
)

__all__: list[str] = []


@pytest.mark.parametrize(("count", "of"), [(0, 7), (3, 10), (61, 100), (9, 9)])
def test_the_interval_of_a_share_is_the_one_of_scipy(count: int, of: int) -> None:
    theirs = binomtest(count, of).proportion_ci(method="wilson")
    assert wilson(count, of) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # The examples (a), (c) and (h) of his table II, method 10.
    assert difference_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference_interval(6, 7, 2, 7) == pytest.approx((0.0582, 0.8062), abs=5e-5)
    assert difference_interval(10, 10, 0, 10) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_the_ends_of_a_ratio_are_where_the_likeliest_shares_are_two_errors_away() -> None:
    def score(ratio: float, count: int, of: int, other: int, of_other: int) -> float:
        """The same statistic, with the likeliest shares looked for by a search."""

        def unlikely(share: float) -> float:
            first = ratio * share
            return -(
                count * log(first)
                + (of - count) * log(1 - first)
                + other * log(share)
                + (of_other - other) * log(1 - share)
            )

        bounds = (1e-9, min(1 / ratio, 1.0) - 1e-9)
        found = minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12})
        share = found.x
        first = ratio * share
        error = first * (1 - first) / of + ratio**2 * share * (1 - share) / of_other
        return float((count / of - ratio * other / of_other) / error**0.5)

    for table in ((30, 90, 12, 80), (5, 40, 9, 300), (33, 35, 20, 30)):
        low, high = ratio_interval(*table)
        assert ratio_score(*table, 1.3) == pytest.approx(score(1.3, *table), rel=1e-4)
        rough = table[0] / table[1] / (table[2] / table[3])
        for end, sign in ((low, 1), (high, -1)):
            span = sorted((log(rough), log(rough) + (-4 if sign > 0 else 2.5)))
            theirs = brentq(lambda r: score(exp(r), *table) - sign * 1.959964, *span)  # noqa: B023
            assert log(end) == pytest.approx(theirs, abs=1e-4)


def test_a_ratio_to_nobody_is_open_above_and_one_of_nobody_begins_at_nothing() -> None:
    assert ratio_interval(5, 50, 0, 40)[1] == inf
    assert 0 < ratio_interval(5, 50, 0, 40)[0] < ratio_interval(15, 50, 0, 40)[0]
    assert ratio_interval(0, 50, 5, 40)[0] == 0
    assert ratio_interval(0, 50, 0, 40) == (0, inf)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(5)
    truths = ((0.5, 0.4, 60, 200), (0.12, 0.2, 80, 300), (0.05, 0.05, 120, 400))
    for one, other, of, of_other in truths:
        held_ratio = held_difference = 0
        times = 1_000
        for _ in range(times):
            a, b = int(draw.binomial(of, one)), int(draw.binomial(of_other, other))
            low, high = ratio_interval(a, of, b, of_other)
            held_ratio += low <= one / other <= high
            below, above = difference_interval(a, of, b, of_other)
            held_difference += below <= one - other <= above
        # Four errors of a share of 0.95 of a thousand.
        assert 0.922 < held_ratio / times < 0.978
        assert 0.922 < held_difference / times < 0.985
