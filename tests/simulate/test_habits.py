"""Customers vary around their kind without moving its means (bounds: 5.5 standard errors)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from customer_atlas.simulate import KINDS, CustomerKind
from customer_atlas.simulate.habits import Habits, draw_habits

COUNT = 40_000


def _drawn(kind: CustomerKind) -> Habits:
    rng = np.random.Generator(np.random.Philox(1))
    return draw_habits(rng, [kind], np.zeros(COUNT, dtype=np.int64), 100)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_the_means_of_customers_are_those_of_their_kind(kind: CustomerKind) -> None:
    habits = _drawn(kind)
    means = {
        "rate": (1 / habits.gap, 1 / kind.gap_days),
        "lines": (habits.lines, kind.basket_lines),
        "units": (habits.units, kind.units),
        "price_level": (habits.price_level, kind.price_level),
        "focus": (habits.focus, kind.focus),
        "discount": (habits.discount, kind.discount_propensity),
        "returns": (habits.returns, kind.return_propensity),
        "online": (habits.online, kind.online),
        "repeats": (habits.repeats, kind.repeat),
        "arrival": (habits.arrival, 100 * np.mean(kind.arrives)),
        "stop": (habits.stop, 100 * np.mean(kind.lapses)),
    }
    for name, (values, planted) in means.items():
        bound = 5.5 * values.std() / np.sqrt(COUNT) + 1e-9
        assert abs(values.mean() - planted) <= bound, name


def test_rates_and_baskets_spread_as_planted_and_not_at_all_at_zero() -> None:
    kind = CustomerKind("wide", 1, 30, basket_lines=5, spread=0.4)
    habits = _drawn(kind)
    for values in (1 / habits.gap, habits.lines - 1):
        assert np.log(values).std() == pytest.approx(0.4, rel=5.5 / np.sqrt(2 * COUNT))
    alike = _drawn(replace(kind, spread=0.0))
    assert np.ptp(alike.gap) == 0
    assert np.ptp(alike.lines) == 0


def test_certain_chances_stay_certain() -> None:
    kind = CustomerKind("sure", 1, 30, discount_propensity=0.0, online=1.0, focus=0.5)
    habits = _drawn(kind)
    assert (habits.discount == 0).all()
    assert (habits.online == 1).all()
    assert 0 < habits.focus.min() < habits.focus.max() < 1
