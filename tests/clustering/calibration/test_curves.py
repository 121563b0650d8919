from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.clustering.calibration.curves import Kept

__all__: list[str] = []


def counted(few: int = 12_000) -> Kept:
    """Two segments with the same margins: the second dissolves in every other refit."""
    margin = np.tile(np.linspace(0.0, 9.0, few), 2)
    segment = np.repeat([0, 1], few)
    kept = np.array([(segment == 0) | (refit % 2 == 0) for refit in range(10)])
    return Kept.count(margin, segment, kept, np.ones(2 * few), 2)


def test_a_segment_that_dissolves_is_unsure_however_deep_a_customer_is_in_it() -> None:
    firm, loose = counted().curves(np.arange(10))
    assert firm == pytest.approx(np.full(len(firm), (10 + 2 * 0.75) / 12))
    assert loose == pytest.approx(np.full(len(loose), (5 + 2 * 0.75) / 12))


def test_where_a_segment_has_few_customers_the_curve_of_all_speaks() -> None:
    firm, loose = counted(few=20).curves(np.arange(10))
    assert firm[0] - loose[0] < 0.3 * 0.5


def test_refits_that_are_left_out_teach_nothing() -> None:
    even = counted().curves(np.arange(0, 10, 2))
    assert even == pytest.approx(np.ones(even.shape))


def test_the_knots_rise_and_stand_closer_where_margins_are_small() -> None:
    knots = counted().knots
    steps = np.diff(knots)
    assert (steps > 0).all()
    assert steps[0] < steps[-1] / 5
