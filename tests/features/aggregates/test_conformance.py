"""Every aggregate is an exact monoid, and says the same as its query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features import aggregates as made
from customer_atlas.features.aggregates import Aggregate, Mean, Window, microseconds
from customer_atlas.features.monoids import Slot, Table, Where
from customer_atlas.features.monoids.slots import Greatest, Least
from tests.features.aggregates.conformance import Fed, agree, check_merging, queried, told

CUTOFF = datetime(2026, 3, 29, 3, 30, 0, 1)  # the day on which Berlin's clocks go forward
START = CUTOFF - timedelta(days=70)
PAID = (Where("amount", ">", 0.0),)
SWEET = (Where("category", "in", ("tea", "cake", "not there")),)
TEA = (Where("category", "==", "tea"), Where("amount", "<=", 50.0))


def every(grain: str = "transactions", **where: Any) -> Iterator[Aggregate]:
    """Yield one of each kind of aggregate."""
    given = {"grain": grain, **where}
    yield made.Count(**given)
    for number in ("amount", "quantity"):
        for kind in (made.Sum, made.Mean, made.Min, made.Max, made.Std):
            yield kind(column=number, **given)
        yield made.DecayedSum(column=number, half_life=timedelta(days=7), **given)
        yield made.Quantile(column=number, probability=0.3, **given)
    for column in ("category", "quantity"):
        for one in (made.First, made.Last, made.Distinct, made.Top, made.TopShare, made.Entropy):
            yield one(column=column, **given)
        yield made.RepeatShare(column=column, **given)
        yield made.Recent(column=column, most=3, **given)
    yield made.Min(**given)
    yield made.Max(**given)
    yield made.Share(of=(Where("category", "==", "tea"),), **given)
    yield made.GapMean(**given)
    yield made.GapStd(**given)
    yield made.GapLast(**given)
    for column in ("hour", "weekday", "month", "season", "day"):
        yield made.Distinct(column=column, **given)
    yield made.Top(column="hour", **given)


def some(**given: Any) -> Iterator[Aggregate]:
    """Yield one of each way to keep states."""
    given = {"grain": "transactions", **given}
    yield made.Count(**given)
    yield made.Sum(column="amount", **given)
    yield made.Top(column="category", **given)
    yield made.Recent(column="quantity", most=2, **given)
    yield made.GapStd(**given)
    yield made.GapLast(**given)


def of_orders(**where: Any) -> Iterator[Aggregate]:
    given = {"grain": "orders", **where}
    yield made.Count(**given)
    yield made.Count(where=(Where("paid", "==", True),), **given)
    yield made.Mean(column="items", **given)
    yield made.Distinct(column="items", **given)
    for column in ("hour", "weekday", "season"):
        yield made.Top(column=column, **given)
    yield made.Share(of=(Where("weekday", ">=", 5.0),), **given)
    yield made.GapLast(**given)
    yield made.GapMean(**given)


LAST_HOURS = Window(timedelta(hours=5))
LAST_DAYS = Window(timedelta(days=9))
LAST_MONTH = Window(timedelta(days=30))
MONTH_BEFORE = Window(timedelta(days=30), previous=True)

AGGREGATES = (
    *every(),
    *every(where=TEA, window=LAST_MONTH),
    *some(where=SWEET),
    *some(window=LAST_DAYS),
    *some(window=LAST_HOURS),
    *some(window=MONTH_BEFORE, where=PAID),
    *some(window=Window(timedelta(days=9), previous=True)),
    made.Quantile(grain="transactions", column="hour", probability=0.4),
    *of_orders(),
    *of_orders(window=LAST_MONTH),
    *of_orders(window=MONTH_BEFORE),
)

instants = st.one_of(
    st.integers(0, 70 * 24 * 60 - 1).map(lambda minute: START + timedelta(minutes=minute)),
    st.integers(1, 10**10).map(lambda before: CUTOFF - timedelta(microseconds=before)),
    st.sampled_from([START, CUTOFF - timedelta(microseconds=1), CUTOFF - timedelta(days=31)]),
)
numbers = st.one_of(
    st.none(),
    st.integers(-300, 900).map(lambda cents: cents / 100),
    st.sampled_from([0.0, -0.0, 1e9, 1e9 + 0.25]),
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["ann", "bob", "cyd"]),
            "timestamp": instants,
            "amount": numbers,
            "quantity": st.one_of(st.none(), st.integers(-2, 5).map(float)),
            "order_id": st.one_of(st.none(), st.sampled_from(["o1", "o2", "o3"])),
            "category": st.one_of(st.none(), st.sampled_from(["tea", "cake", "Änis", "zwieback"])),
        }
    ),
    min_size=1,
    max_size=40,
).map(pd.DataFrame)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """One connection for all queries."""
    with DuckDB(threads=1).connect() as opened:
        yield opened


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@settings(max_examples=15)
@given(rows=rows, pieces=st.integers(1, 6), random=st.randoms(use_true_random=False))
def test_states_of_rows_in_any_order_and_any_pieces_say_the_same_as_the_query(
    connection: Connection, zone: str, rows: pd.DataFrame, pieces: int, random: Any
) -> None:
    fed = Fed(AGGREGATES, zone)
    shuffled = rows.sample(frac=1, random_state=random.randrange(2**31))
    state = fed.empty
    for piece in np.array_split(np.arange(len(rows)), pieces):
        state = state.merge(fed.state(shuffled.iloc[piece]))
    agree(told(state, CUTOFF), queried(connection, AGGREGATES, rows, CUTOFF, zone))


@given(rows=rows, pieces=st.integers(2, 6))
def test_merging_is_associative_and_commutative(rows: pd.DataFrame, pieces: int) -> None:
    parts = [rows.iloc[part] for part in np.array_split(np.arange(len(rows)), pieces)]
    check_merging(Fed(AGGREGATES), parts, CUTOFF)


@settings(max_examples=10)
@given(rows=rows, later=st.sampled_from([0, 7, 61, 60 * 24 * 3, 60 * 24 * 45]))
def test_windows_expire_with_time_and_what_is_expired_is_not_missed(
    connection: Connection, rows: pd.DataFrame, later: int
) -> None:
    fed = Fed(AGGREGATES)
    cutoff = CUTOFF + timedelta(minutes=later)
    state = fed.state(rows).expired(CUTOFF).expired(cutoff)
    agree(told(state, cutoff), queried(connection, AGGREGATES, rows, cutoff))


def test_the_stretch_before_a_window_is_as_long_as_the_window() -> None:
    for days in (1, 7, 9, 30):
        start, end = Window(timedelta(days=days)).bounds(CUTOFF)
        before, then = Window(timedelta(days=days), previous=True).bounds(CUTOFF)
        assert then == start
        assert timedelta(0) <= (end - start) - (then - before) < timedelta(days=1)
        assert then - before == timedelta(days=days)


def test_windows_are_empty_when_all_rows_have_left_them() -> None:
    fed = Fed(tuple(one for one in AGGREGATES if one.window))
    rows = pd.DataFrame({"customer_id": ["ann"], "timestamp": [CUTOFF - timedelta(days=1)]})
    rows = rows.assign(amount=3.0, quantity=1.0, category="tea")
    after = CUTOFF + timedelta(days=62)
    state = fed.state(rows).expired(after)
    tiles = [table for shape, table in zip(state.shapes, state.tables, strict=True) if shape.hop]
    assert tiles
    assert all(table is not None and not len(table) for table in tiles)
    for aggregate, values in told(state, after).items():
        assert values[0] == (0 if aggregate.empty == 0 else None), aggregate


def test_no_rows_and_rows_of_nothing_known_behave(connection: Connection) -> None:
    fed = Fed(AGGREGATES)
    nothing = told(fed.empty, CUTOFF)
    for aggregate, values in nothing.items():
        assert values == [0.0 if aggregate.empty == 0 else None] * 4
    blank = pd.DataFrame({"customer_id": ["bob"], "timestamp": [CUTOFF - timedelta(hours=1)]})
    found = told(fed.state(blank), CUTOFF)
    agree(found, queried(connection, AGGREGATES, blank, CUTOFF))
    assert found[made.Count(grain="transactions")] == [0, 1, 0, 0]
    assert found[made.Sum(grain="transactions", column="amount")] == [None] * 4


@dataclass(frozen=True)
class MeanOfMeans(Slot):
    """What looks like a mean, and is no monoid."""

    def lift(self, rows: Any) -> NDArray[np.float64]:
        return Least(self.column, self.where).lift(rows)

    def fold(self, states: Any, starts: Any, words: Any) -> NDArray[np.float64]:
        known = np.add.reduceat(~np.isnan(states), starts)
        total = np.add.reduceat(np.nan_to_num(states), starts)
        means = np.full(len(starts), np.nan)
        np.divide(total, known, out=means, where=known > 0)
        return means


@dataclass(frozen=True, kw_only=True)
class WrongMean(Mean):
    """A mean whose states are means."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (MeanOfMeans(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Any:
        return self.states(states)[0]


@dataclass(frozen=True, kw_only=True)
class ByArrival(made.Last):
    """A last value that forgets when it was."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (Greatest(self.column, self.where),)

    def value(self, states: Table, cutoff: datetime) -> Any:
        return self.states(states)[0]


@pytest.mark.parametrize("wrong", [WrongMean, ByArrival])
def test_the_suite_finds_a_wrong_monoid(connection: Connection, wrong: Any) -> None:
    aggregate = wrong(grain="transactions", column="amount")
    fed = Fed((aggregate,))
    rows = pd.DataFrame({"customer_id": ["ann"] * 3, "amount": [9.0, 1.0, 2.0]})
    rows["timestamp"] = [CUTOFF - timedelta(hours=hours) for hours in (3, 2, 1)]
    pieces = [rows.iloc[:1], rows.iloc[1:2], rows.iloc[2:]]

    def conform() -> None:
        check_merging(fed, pieces, CUTOFF)
        agree(told(fed.state(rows), CUTOFF), queried(connection, (aggregate,), rows, CUTOFF))

    with pytest.raises(AssertionError):
        conform()


def test_large_means_and_small_spreads_lose_nothing() -> None:
    std = made.Std(grain="transactions", column="amount")
    fed = Fed((std,))
    values = 1e9 + np.random.default_rng(0).normal(0, 0.01, 2_000)
    rows = pd.DataFrame({"customer_id": "ann", "amount": values})
    rows["timestamp"] = CUTOFF - timedelta(days=1)
    pieces = [rows.iloc[i : i + 7] for i in range(0, len(rows), 7)]
    state = fed.empty
    for piece in pieces:
        state = state.merge(fed.state(piece))
    assert told(state, CUTOFF)[std][0] == pytest.approx(float(np.std(values, ddof=1)), rel=1e-6)


def test_instants_are_exact_to_the_microsecond() -> None:
    last = made.Max(grain="transactions")
    at = datetime(2254, 12, 31, 23, 59, 59, 999_999)
    fed = Fed((last,))
    found = told(fed.state(pd.DataFrame({"customer_id": ["ann"], "timestamp": [at]})), CUTOFF)
    assert found[last][0] == microseconds(at)
