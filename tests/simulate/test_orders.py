"""Renewal processes have the moments that theory gives them (bounds: 5.5 standard errors)."""

from __future__ import annotations

import numpy as np
import pytest

from customer_atlas.simulate import CustomerKind
from customer_atlas.simulate.habits import draw_habits
from customer_atlas.simulate.orders import order_moments

CUSTOMERS, DAYS, GAP = 20_000, 200, 50.0


def _moments(kind: CustomerKind) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.Generator(np.random.Philox(3))
    habits = draw_habits(rng, [kind], np.zeros(CUSTOMERS, dtype=np.int64), DAYS)
    return order_moments(rng, habits)


@pytest.mark.parametrize("regularity", [1.0, 6.0])
def test_those_who_were_there_order_evenly_from_the_first_day(regularity: float) -> None:
    kind = CustomerKind("there", 1, GAP, regularity=regularity, arrives=(-2, -1), spread=0.0)
    _, moment = _moments(kind)
    counts = np.histogram(moment, bins=20, range=(0, DAYS))[0]
    expected = CUSTOMERS * (DAYS / 20) / GAP
    # The very few without any order are given one, so the slack; a bin holds at most one or two
    # orders of a customer, so that its count deviates by no more than a Poisson one.
    assert np.abs(counts - expected).max() < 5.5 * np.sqrt(expected) + 0.02 * expected


@pytest.mark.parametrize("regularity", [1.0, 2.0, 6.0])
def test_gaps_have_the_planted_mean_and_shape(regularity: float) -> None:
    # Seen from an arrival long before the end, the first gap is hardly cut off.
    kind = CustomerKind("came", 1, 5.0, regularity=regularity, arrives=(0.0, 0.1), spread=0.0)
    customer, moment = _moments(kind)
    first = np.flatnonzero(np.append(True, customer[1:] != customer[:-1]))
    gap = moment[first + 1] - moment[first]
    assert gap.size == CUSTOMERS
    deviation = 5.0 / np.sqrt(regularity)
    assert gap.mean() == pytest.approx(5.0, abs=5.5 * deviation / np.sqrt(CUSTOMERS))
    assert gap.std() == pytest.approx(deviation, rel=5.5 * 1.5 / np.sqrt(CUSTOMERS))


def test_orders_come_sorted_and_only_between_arrival_and_lapse() -> None:
    kind = CustomerKind("short", 1, 3.0, arrives=(0.2, 0.4), lapses=(0.5, 0.9))
    customer, moment = _moments(kind)
    same = customer[1:] == customer[:-1]
    assert (np.diff(customer) >= 0).all()
    assert (np.diff(moment)[same] > 0).all()
    assert moment.min() >= 0.2 * DAYS
    assert moment.max() < 0.9 * DAYS
    assert np.array_equal(np.unique(customer), np.arange(CUSTOMERS))


def test_a_customer_whose_first_order_would_come_too_late_has_one_all_the_same() -> None:
    kind = CustomerKind("rare", 1, 100_000.0, arrives=(-2, -1), lapses=(0.3, 0.5))
    customer, moment = _moments(kind)
    assert np.array_equal(np.unique(customer), np.arange(CUSTOMERS))
    assert moment.min() >= 0
    assert moment.max() < 0.5 * DAYS


def test_long_histories_go_on_where_they_stopped() -> None:
    # So irregular that many customers order far more often than is foreseen.
    kind = CustomerKind("bursts", 1, 20.0, regularity=0.1, arrives=(0.0, 1e-9), spread=0.0)
    customer, _ = _moments(kind)
    counts = np.bincount(customer)
    # The oracle draws enough for everyone at once.
    gaps = np.random.default_rng(9).gamma(0.1, 200.0, (CUSTOMERS, 400))
    oracle = 1 + (np.cumsum(gaps, axis=1) < DAYS).sum(axis=1)
    assert oracle.max() < 400
    for quantile in (0.5, 0.9, 0.99, 0.995, 0.999):
        level = np.quantile(oracle, quantile)
        ours, theirs = (counts > level).mean(), (oracle > level).mean()
        error = np.sqrt(2 * max(theirs, 1 / CUSTOMERS) / CUSTOMERS)
        assert abs(ours - theirs) < 5.5 * error
