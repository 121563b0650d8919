"""Clocks and draws stay within their rows."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.simulate import CustomerKind
from customer_atlas.simulate.calendar import Calendar, cumulated, drawn

weights = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda w: sum(w) > 0)


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=30), st.integers(0, 200), st.integers(0, 2**32)
)
def test_draws_are_those_of_a_search_in_each_row_alone(
    whole: list[int], row: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.stack([cumulated(rng.permutation(np.array(whole, dtype=float))) for _ in range(201)])
    uniform = rng.random(50)
    # Adding the row to a draw costs its last bits: draws on an edge could go either way.
    clear = np.abs(rows[row][:, None] - uniform).min(axis=0) > 1e-9
    found = drawn(rows, np.full(50, row), uniform)
    alone = np.searchsorted(rows[row], uniform, side="right")
    assert np.array_equal(found[clear], alone[clear])


@given(weights, st.integers(0, 9))
def test_draws_at_the_edges_stay_in_the_row(values: list[float], row: int) -> None:
    rows = np.stack([cumulated(np.array(values))] * 10)
    edges = np.array([0.0, 5e-324, np.nextafter(1, 0), 1 - 1e-12])
    found = drawn(rows, np.full(edges.size, row), edges)
    assert found.min() >= 0
    assert found.max() < len(values)


def test_a_clock_runs_through_every_day_and_faster_in_its_months() -> None:
    months = (0.0,) * 5 + (1.0,) + (0.0,) * 5 + (3.0,)
    kinds = [CustomerKind("even", 1, 9), CustomerKind("december", 1, 9, months=months)]
    calendar = Calendar(date(2025, 1, 1), 365, kinds)
    moments = np.linspace(0, 365, 200_000, endpoint=False)
    even = calendar.day(np.zeros(moments.size, dtype=np.int64), moments)
    assert np.array_equal(np.unique(even), np.arange(365))
    days = calendar.day(np.ones(moments.size, dtype=np.int64), moments)
    assert (np.diff(days) >= 0).all()
    month = (np.datetime64("2025-01-01") + days).astype("datetime64[M]").astype(int) % 12
    assert set(month.tolist()) == {5, 11}
    # December has 31 days of three times the weight, and the common winter season on top.
    assert 0.75 < (month == 11).mean() < 0.85


def test_a_period_without_any_month_of_a_kind_is_taken_evenly() -> None:
    kind = CustomerKind("december", 1, 9, months=(0.0,) * 11 + (1.0,))
    calendar = Calendar(date(2025, 3, 1), 31, [kind])
    days = calendar.day(np.zeros(5000, dtype=np.int64), np.linspace(0, 31, 5000, endpoint=False))
    assert np.array_equal(np.unique(days), np.arange(31))
