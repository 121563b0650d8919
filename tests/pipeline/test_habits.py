"""When members act and what they buy is what counting by hand gives, in the project's zone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.pipeline import habits, habits_of
from customer_atlas.segments import Habits
from customer_atlas.simulate import Retailer
from tests.pipeline.conftest import PROJECT, make_shop
from tests.pipeline.habit_oracle import hold_to

EVENTS = """\
project: p
sources:
  clicks: {path: clicks.csv, role: events}
segmentations: {main: {packs: [engagement]}}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, retailer: Retailer) -> Path:
    project = make_shop(tmp_path_factory.mktemp("shop"), retailer)
    project.write_text(PROJECT.replace("project: shop", "project: shop\ntimezone: Asia/Tokyo"))
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


def of(project: Path) -> tuple[Habits, pd.DataFrame]:
    """The habits, and who is in which segment."""
    with Atlas.open(project) as atlas:
        members = atlas.members().to_pandas()[["customer_id", "segment_id"]]
        return habits_of(atlas.published()), members


def small(folder: Path, name: str, text: str, rows: pd.DataFrame, file: str) -> Path:
    rows.to_csv(folder / file, index=False)
    project = folder / name
    project.write_text(text, encoding="utf-8")
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


def test_orders_by_day_and_hour_are_those_of_the_zone(shop: Path, retailer: Retailer) -> None:
    found, members = of(shop)
    lines = retailer.transactions.to_pandas()
    paid = lines.groupby(["customer_id", "order_id"]).agg(
        at=("timestamp", "min"), most=("amount", "max")
    )
    orders = paid[paid["most"] > 0].reset_index().assign(weight=1.0)
    # Timestamps without a zone are of the project's zone: what stands in the file is local.
    hold_to(found, "weekday", orders.assign(key=orders["at"].dt.day_name()), members)
    hold_to(found, "hour", orders.assign(key=orders["at"].dt.strftime("%H")), members)
    parts = ["night", "morning", "afternoon", "evening"]
    part = (orders["at"].dt.hour // 6).map(dict(enumerate(parts)))
    hold_to(found, "part of the day", orders.assign(key=part), members)


def test_categories_and_channels_are_by_spend_without_returns(
    shop: Path, retailer: Retailer
) -> None:
    found, members = of(shop)
    lines = retailer.transactions.to_pandas()
    bought = lines[lines["amount"] > 0].assign(weight=lambda rows: rows["amount"])
    hold_to(found, "category", bought.assign(key=bought["category"]), members)
    hold_to(found, "channel", bought.assign(key=bought["channel"]), members)
    assert (found.customers, found.everyone) == (len(members), len(members))


def test_what_was_counted_stays_with_the_run(shop: Path) -> None:
    found, _ = of(shop)
    (kept,) = shop.parent.glob(".atlas/lake/runs/*/habits.json")
    marked = replace(found, everyone=7)
    kept.write_text(json.dumps(marked.to_dict()))
    assert of(shop)[0] == marked
    kept.write_text("{")
    assert of(shop)[0] == found


def test_of_many_customers_the_first_buckets_are_counted(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(habits, "MOST", 1)
    monkeypatch.setattr("customer_atlas.features.snapshot._MANY", 1)
    (kept,) = shop.parent.glob(".atlas/lake/runs/*/habits.json")
    kept.unlink()
    found, members = of(shop)
    kept.unlink()
    assert 0 < found.customers < found.everyone == len(members)
    day = found.of("weekday")
    assert day is not None
    assert day.everyone.customers <= found.customers


def test_events_are_counted_where_nobody_buys(tmp_path: Path) -> None:
    times = pd.date_range("2024-01-01 08:00", periods=600, freq="7h")
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{n % 40}" for n in range(600)],
            "timestamp": times,
            "type": [("view", "cart", "search")[n % 3 % (1 + n % 2)] for n in range(600)],
        }
    )
    found, members = of(small(tmp_path, "atlas.yaml", EVENTS, rows, "clicks.csv"))
    acts = rows.assign(weight=1.0)
    hold_to(found, "weekday", acts.assign(key=times.day_name()), members)
    hold_to(found, "type", acts.assign(key=rows["type"]), members)
    assert {one.measure for one in found.found} == {"events"}


def test_timestamps_that_are_dates_have_no_hours(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{n % 20}" for n in range(200)],
            "timestamp": pd.date_range("2024-01-01", periods=200).date,
        }
    )
    text = "project: p\ntimezone: Europe/Berlin\nsources:\n  o: {path: o.csv, role: transactions}\n"
    found, members = of(small(tmp_path, "atlas.yaml", text, rows, "o.csv"))
    assert [one.what for one in found.found] == ["weekday"]
    days = pd.to_datetime(rows["timestamp"]).dt.day_name()
    hold_to(found, "weekday", rows.assign(key=days, weight=1.0), members)


def test_of_people_who_do_nothing_there_are_no_habits(tmp_path: Path) -> None:
    rows = pd.DataFrame({"customer_id": range(40), "visits": [n % 2 * 50 for n in range(40)]})
    text = "project: p\nsources:\n  people: {path: p.csv, role: customers}\n"
    found, members = of(small(tmp_path, "atlas.yaml", text, rows, "p.csv"))
    assert found == Habits(0, len(members), ())
