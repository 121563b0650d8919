"""What is learned of everybody is JSON, and tells one customer by the ruler of all."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from customer_atlas.config import RfmCuts, Role
from customer_atlas.features.aggregates import Sum
from customer_atlas.features.derived import Values
from customer_atlas.features.frozen import Above, Confidence, Learned, PercentileRank, Score
from customer_atlas.features.packs.rfm import CLASSES
from tests.features.conftest import Compute

CUTOFF = datetime(2026, 7, 1)
SPEND, ORDERS = (Sum(grain="transactions", column=name) for name in ("amount", "quantity"))
KINDS: tuple[Learned, ...] = (
    PercentileRank("rank", SPEND),
    Score("score", SPEND),
    Above("above", SPEND, 0.9),
    Confidence("confidence", SPEND, ORDERS),
)


def told(one: Learned, everybody: list[float], asked: list[float]) -> list[float]:
    """Return what is told of `asked`, after learning from `everybody` and writing it as JSON."""
    learned = one.learn(values(everybody))
    kept = json.loads(json.dumps(learned, allow_nan=False))
    assert kept == learned
    return list(one.apply(values(asked), kept))


def values(spend: list[float]) -> Values:
    return Values({SPEND: np.array(spend), ORDERS: np.ones(len(spend))}, CUTOFF)


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.name)
@pytest.mark.parametrize("everybody", [[], [np.nan], [5.0], [1.0, 2.0, 3.0, np.nan]])
def test_unknown_is_never_ranked_whoever_is_known(one: Learned, everybody: list[float]) -> None:
    (found, _) = told(one, everybody, [np.nan, 1.0])
    assert np.isnan(found)


def test_sums_that_differ_in_their_last_bits_only_are_told_alike() -> None:
    exact, summed = 0.3, 0.1 + 0.2
    assert exact != summed
    everybody = [exact, exact, 0.7, summed, 0.9]
    for one in KINDS[:3]:
        first, second = told(one, everybody, [exact, summed])
        assert first == second


def test_a_value_that_equals_a_declared_cut_is_under_it() -> None:
    days = [30.0, 30.5, 180.0, 181.0]
    recency = Score("r", SPEND, (30.0, 60.0, 90.0, 180.0), low_is_best=True)
    assert told(recency, [1.0], days) == [5, 4, 2, 1]
    assert told(Score("f", SPEND, (1.0, 2.0, 5.0, 10.0)), [], [1.0, 2.0, 11.0]) == [1, 2, 5]


def test_declared_cuts_reach_the_scores_the_cell_and_the_class(compute: Compute) -> None:
    days = (10, 45, 75, 100, 200)
    rows = pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "timestamp": [CUTOFF - timedelta(days=each) for each in days],
            "amount": [5.0, 50.0, 500.0, 15.0, 25.0],
        }
    )
    cuts = RfmCuts(recency=(30, 60, 90, 180), frequency=(1, 2, 3, 4), monetary=(10, 20, 30, 100))
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF, packs=("rfm",), cuts=cuts)
    assert found["rfm_cell"].tolist() == ["511", "414", "315", "212", "113"]
    assert found["rfm_class"].tolist() == [
        "New customers", "Promising", "About to sleep", "Hibernating", "Lost",
    ]  # fmt: skip


def test_without_amounts_there_is_a_class_and_no_cell(compute: Compute) -> None:
    rows = {"customer_id": ["a", "b"], "timestamp": [CUTOFF - timedelta(days=d) for d in (1, 9)]}
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF)
    assert "rfm_class" in found
    assert not {"rfm_cell", "monetary_score", "monetary_rank", "confidence"} & set(found)


def test_eleven_classes_share_the_grid() -> None:
    assert len({name for row in CLASSES for name in row}) == 11


@pytest.mark.parametrize(
    ("zone", "at", "day", "hour"),
    [
        ("Europe/Berlin", "2026-03-29 22:30", "Monday", "00:00"),  # the day after they go forward
        ("Europe/Berlin", "2025-10-26 23:30", "Monday", "00:00"),  # the day after they go back
        ("Europe/Berlin", "2026-03-28 23:30", "Sunday", "00:00"),  # before they go forward
        ("Pacific/Kiritimati", "2026-03-27 10:30", "Saturday", "00:00"),  # UTC+14
        ("Pacific/Pago_Pago", "2026-03-29 11:30", "Sunday", "00:00"),  # UTC-11
        ("Pacific/Pago_Pago", "2026-03-29 10:30", "Saturday", "23:00"),
    ],
)
def test_favourite_times_are_those_of_the_clock_on_the_wall(
    compute: Compute, zone: str, at: str, day: str, hour: str
) -> None:
    instant = pd.Timestamp(at)
    rows = pd.DataFrame(
        {
            "customer_id": ["a", *(f"b{i}" for i in range(12))],
            "timestamp": [instant, *(datetime(2026, 4, 1, 12 + i % 3, 5) for i in range(12))],
        }
    )
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF, packs=("calendar",), zone=zone).loc["a"]
    assert (found["preferred_weekday"], found["preferred_hour"]) == (day, hour)
    assert found["weekend_share"] == (day in ("Saturday", "Sunday"))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_dates_without_a_time_have_no_favourite_hour(compute: Compute, zone: str) -> None:
    midnight = pd.date_range("2026-03-20", "2026-04-10", tz=zone).tz_convert("UTC")
    rows = pd.DataFrame({"customer_id": "a", "timestamp": midnight.tz_localize(None)})
    found = compute({Role.TRANSACTIONS: rows}, CUTOFF, packs=("calendar",), zone=zone)
    assert pd.isna(found.loc["a", "preferred_hour"])
    assert found.loc["a", "preferred_season"] == "Mar-May"


@pytest.mark.parametrize(
    ("ago", "stage"),
    [
        ([10], "new"),
        ([60], "cooling"),
        ([200], "lapsed"),
        ([300, 270, 240, 210, 180, 150, 120, 90, 60, 30], "active"),
        ([300, 270, 240, 210, 180, 150, 120, 90, 75], "cooling"),
        ([400, 370, 340, 310, 280, 250, 20], "reactivated"),
        ([400, 370, 340, 310, 280, 250, 70], "cooling"),
        ([], None),
    ],
)
def test_stages_follow_the_gaps_of_the_customer(
    compute: Compute, ago: list[int], stage: str | None
) -> None:
    others = [(f"b{i}", each) for i in range(9) for each in (90, 60, 30, 0.5)]
    asked = [("a", each) for each in ago]
    rows = pd.DataFrame(others + asked, columns=["customer_id", "ago"])
    rows["timestamp"] = [CUTOFF - timedelta(days=each, hours=1) for each in rows.pop("ago")]
    found = compute(
        {Role.TRANSACTIONS: rows, Role.CUSTOMERS: {"customer_id": ["a"], "city": ["York"]}},
        CUTOFF,
        packs=("lifecycle",),
    )
    assert found["lifecycle_stage"].replace({np.nan: None})["a"] == stage
