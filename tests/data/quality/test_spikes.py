"""Odd days are found where they were planted, and seldom where there are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from customer_atlas.data.quality.spikes import Rhythm, rhythm_of
from customer_atlas.simulate import simulate_retailer

START = date(2023, 1, 2)
WEEK = np.array([1.0, 0.9, 0.95, 1.0, 1.4, 1.8, 0.6])


def year(seed: int, level: float = 200.0, days: int = 365) -> np.ndarray:
    """Rows a day with a weekly rhythm, a season, and more spread than a Poisson count."""
    draw = np.random.default_rng(seed)
    place = np.arange(days)
    mean = level * WEEK[place % 7] * (1 + 0.3 * np.sin(2 * np.pi * place / 365))
    return draw.poisson(draw.gamma(20, mean / 20)).astype(float)


def rhythm(counts: np.ndarray) -> Rhythm:
    present = np.flatnonzero(counts)
    days = [START + timedelta(days=int(place)) for place in present]
    found = rhythm_of(days, counts[present].tolist())
    assert found is not None
    return found


def test_a_steady_year_gives_few_alarms(proof_count: Callable[[int, int], int]) -> None:
    trials = proof_count(60, 1000)
    levels = [3.0, 30.0, 300.0, 3000.0]
    found = [rhythm(year(seed, levels[seed % 4])) for seed in range(trials)]
    flagged = sum(bool(one.unusual or one.gaps or one.fall) for one in found)
    assert flagged <= 0.05 * trials


def test_a_simulated_retailer_has_no_odd_days() -> None:
    table = simulate_retailer(3000, seed=5, days=365).transactions
    days = table["timestamp"].to_numpy().astype("datetime64[D]")
    every, counts = np.unique(days, return_counts=True)
    found = rhythm_of(every.tolist(), counts.tolist())
    assert found is not None
    assert len(found.unusual) <= 1
    assert not found.gaps
    assert not found.fall


@pytest.mark.parametrize("level", [30.0, 300.0, 3000.0])
@pytest.mark.parametrize("factor", [0.1, 5.0])
def test_a_planted_day_is_found(level: float, factor: float) -> None:
    counts = year(7, level)
    counts[150] = np.round(counts[150] * factor) + 1
    (odd, *rest) = rhythm(counts).unusual
    assert odd.day == START + timedelta(days=150)
    assert odd.found == counts[150]
    assert (odd.factor > 1) == (factor > 1)
    assert not rest


def test_the_scale_of_the_counts_hardly_moves_the_scores() -> None:
    counts = year(8, 2000.0)
    counts[100] *= 4
    one, ten = rhythm(counts).unusual[0], rhythm(counts * 10).unusual[0]
    assert one.day == ten.day
    assert one.z == pytest.approx(ten.z, rel=0.02)


def test_missing_days_are_a_gap_and_closed_weekdays_are_none() -> None:
    counts = year(9)
    counts[np.arange(365) % 7 == 6] = 0
    assert rhythm(counts).gaps == ()
    counts[203:208] = 0  # Monday to Friday; Saturday is open again
    (gap,) = rhythm(counts).gaps
    assert (gap.first, gap.last) == (START + timedelta(days=202), START + timedelta(days=207))
    assert gap.open_days == 5


def test_single_holidays_are_no_gaps() -> None:
    counts = year(10)
    counts[[30, 90, 140, 200, 300]] = 0
    assert rhythm(counts).gaps == ()


def test_a_level_that_drops_at_the_end_is_told_once() -> None:
    counts = year(11)
    counts[-8:] = np.round(counts[-8:] * 0.25)
    found = rhythm(counts)
    assert found.fall == pytest.approx(4.0, rel=0.5)
    assert not [one for one in found.unusual if one.day >= START + timedelta(days=357)]


def test_an_unfinished_last_day_is_no_spike() -> None:
    counts = year(12)
    counts[-1] = np.round(counts[-1] * 0.1)
    found = rhythm(counts)
    assert found.unfinished is not None
    assert found.unfinished.day == START + timedelta(days=364)
    assert found.unusual == ()


def test_a_first_day_that_begins_late_is_no_drop() -> None:
    counts = year(12)
    counts[0] = 3
    assert rhythm(counts).unusual == ()


def test_a_few_days_or_a_sparse_source_have_no_rhythm_to_break() -> None:
    assert rhythm_of([START], [5.0]) is None
    sparse = [START + timedelta(days=30 * month) for month in range(24)]
    found = rhythm_of(sparse, [float(10 ** (month % 3)) for month in range(24)])
    assert found is not None
    assert (found.unusual, found.gaps, found.fall) == ((), (), None)
    assert found.usual_gap == 30


def test_a_stray_row_of_long_ago_neither_slows_nor_alarms() -> None:
    counts = year(13)
    days = [date(1970, 1, 1), *(START + timedelta(days=place) for place in range(365))]
    found = rhythm_of(days, [1.0, *counts.tolist()])
    assert found is not None
    assert (found.unusual, found.gaps) == ((), ())
