from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from customer_atlas.features.selection.stability import shift_between, unstable
from tests.features.selection.columns import category, customers_of, number

RNG = np.random.default_rng(5)


def index_by_pandas(before: pd.Series[Any], now: pd.Series[Any]) -> float:
    """The population stability index over deciles of `before`, chance taken off, independently."""
    if before.dtype == float:
        edges = before.quantile(np.arange(1, 10) / 10).drop_duplicates().tolist()
        bins = [-np.inf, *edges, np.inf]
        then, today = (pd.cut(one, bins).value_counts(sort=False) for one in (before, now))
    else:
        levels = sorted({*before.dropna(), *now.dropna()})
        then, today = (one.value_counts().reindex(levels, fill_value=0) for one in (before, now))
    frame = pd.DataFrame({"then": then.to_numpy(), "today": today.to_numpy()})
    frame.loc[len(frame)] = [before.isna().sum(), now.isna().sum()]
    frame = frame[frame.sum(axis=1) > 0]
    shares = (frame + 0.5) / (frame + 0.5).sum()
    index = ((shares.then - shares.today) * np.log(shares.then / shares.today)).sum()
    chance = chi2.isf(0.01, len(frame) - 1) * (1 / len(before) + 1 / len(now))
    return max(0.0, float(index - chance))


@given(seed=st.integers(0, 10_000), shift=st.floats(-2, 2), missing=st.floats(0, 0.4))
def test_the_index_of_numbers_is_that_of_pandas(seed: int, shift: float, missing: float) -> None:
    rng = np.random.default_rng(seed)
    before, now = rng.normal(size=300), rng.normal(shift, 1, 400)
    before, now = np.round(before, 1), np.round(now, 1)
    now[rng.random(400) < missing] = np.nan
    expected = index_by_pandas(pd.Series(before), pd.Series(now))
    assert shift_between(number(before), number(now)) == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 10_000), favour=st.floats(1, 20))
def test_the_index_of_levels_is_that_of_pandas(seed: int, favour: float) -> None:
    rng = np.random.default_rng(seed)
    names = np.array(["a", "b", "c", None], dtype=object)
    before = rng.choice(names, 300)
    weights = np.array([favour, 1, 1, 1])
    now = rng.choice(names, 500, p=weights / weights.sum())
    expected = index_by_pandas(pd.Series(before), pd.Series(now))
    assert shift_between(category(before), category(now)) == pytest.approx(expected, abs=1e-12)


def test_levels_that_were_not_there_before_are_counted_together() -> None:
    before, now = ["a"] * 50 + ["b"] * 50, ["a"] * 50 + ["c"] * 25 + ["d"] * 25
    assert shift_between(category(before), category(now)) == pytest.approx(
        index_by_pandas(pd.Series(before), pd.Series([*"a" * 50, *["others"] * 50])), rel=0.2
    )


@given(seed=st.integers(0, 100_000), size=st.integers(5, 500))
def test_two_draws_of_one_population_have_not_moved(seed: int, size: int) -> None:
    before, now = np.random.default_rng(seed).exponential(size=(2, size))
    assert shift_between(number(before), number(now)) <= 0.5


def test_another_unit_is_unstable_and_says_by_how_much() -> None:
    values = {name: RNG.exponential(size=400) for name in ("price", "two", "three")}
    now = customers_of(**{**values, "price": values["price"] * 100})
    dropped, notes = unstable(list(now.columns.values()), customers_of(**values))
    assert [name for name, _ in dropped] == ["price"]
    assert "the population stability index is" in dropped[0][1]
    assert notes == []


def test_what_the_calendar_moves_is_kept_and_noted() -> None:
    before = customers_of(age=RNG.uniform(0, 100, 300))
    aged = number(before.columns["age"].values + 200, "age", "days")
    dropped, notes = unstable([aged], before)
    assert dropped == []
    assert notes[0].startswith("Measured in days, moved by the calendar, and kept: 'age' (index ")


def test_where_most_features_moved_the_customers_did_and_none_is_dropped() -> None:
    values = {name: RNG.exponential(size=400) for name in ("one", "two", "three")}
    now = customers_of(**{name: column * 50 for name, column in values.items()})
    dropped, notes = unstable(list(now.columns.values()), customers_of(**values))
    assert dropped == []
    assert notes[0].startswith("3 of 3 features that are not measured in days moved")
