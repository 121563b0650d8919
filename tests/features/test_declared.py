"""Declared features equal plain pandas, in batch and live; what is wrong is said with a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from customer_atlas import Atlas
from customer_atlas.cli.app import app
from customer_atlas.config import FeatureDeclaration
from customer_atlas.errors import ConfigError
from customer_atlas.features import Computation, Plan, Population
from customer_atlas.features.history import compute_history
from customer_atlas.pipeline.declared import declared_of

HEAD = """\
project: shop
timezone: Europe/Berlin
sources:
  orders:
    path: orders.csv
    role: transactions
    columns: {customer_id: who, timestamp: at, amount: paid, product: item}
  clicks: {path: clicks.csv, role: events, columns: {customer_id: who, timestamp: at, type: what}}
  people: {path: people.csv, role: customers, columns: {customer_id: who}}
privacy: {contact: [mail]}
protected: [age]
segmentations:
  main:
    packs: [rfm]
    features:
"""
START = datetime(2024, 1, 1)
END = datetime(2024, 5, 1)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Orders of a shop with columns that no role knows."""
    random = np.random.default_rng(5)
    n = 400
    at = START + pd.to_timedelta(random.integers(0, 120 * 24 * 60, n), unit="min")
    return pd.DataFrame(
        {
            "who": random.choice(["a", "b", "c", "d"], n, p=[0.5, 0.3, 0.19, 0.01]),
            "at": at,
            "paid": random.integers(-500, 9_000, n) / 100,
            "item": random.choice(["tea", "cake", None], n),  # type: ignore[arg-type]
            "Shop": random.choice(["north", "south"], n),
            "points": random.integers(0, 9, n),
        }
    )


@pytest.fixture
def shop(tmp_path: Path, orders: pd.DataFrame) -> Callable[..., Path]:
    """Write the shop's files and a project file with the lines that are given."""

    def write(*lines: str) -> Path:
        orders.to_csv(tmp_path / "orders.csv", index=False)
        clicks = orders.assign(what="view")[["who", "at", "what"]]
        clicks.to_csv(tmp_path / "clicks.csv", index=False)
        people = pd.DataFrame({"who": ["a", "b"], "age": [30, 40], "mail": ["a@x.org", "b@x.org"]})
        people.to_csv(tmp_path / "people.csv", index=False)
        text = HEAD + "".join(f"      - {{{line}}}\n" for line in lines)
        if not lines:
            text = text.replace("    features:\n", "")
        (tmp_path / "atlas.yaml").write_text(text)
        return tmp_path / "atlas.yaml"

    return write


def computed(path: Path, as_of: datetime = END) -> pd.DataFrame:
    """The declared features of everybody, in batch, once seen to be the same live."""
    with Atlas.open(path) as atlas:
        atlas.ingest()
        work = atlas.workspace
        snapshot, declared = declared_of(work, work.snapshot(), "main")
        plan = Plan.of((), snapshot.sources, Population(), "Europe/Berlin", declared)
        computation = Computation(work.engine, snapshot, plan, as_of)
        plan = computation.learn()
        batch = pd.concat(map(pd.read_parquet, computation.write(path.parent / "batch")))
        cutoffs = [as_of - timedelta(days=days) for days in (40, 3, 0)]
        live = pd.concat(
            map(pd.read_parquet, compute_history(work.engine, snapshot, plan, cutoffs, path.parent))
        )
    batch = batch.set_index("customer_id").sort_index()
    last = live[live["cutoff"] == pd.Timestamp(as_of, tz="UTC")].set_index("customer_id")
    last = last.drop(columns="cutoff")
    pd.testing.assert_frame_equal(last.sort_index(), batch, rtol=1e-9, check_dtype=False)
    return batch


def test_what_is_declared_equals_pandas(shop: Callable[..., Path], orders: pd.DataFrame) -> None:
    found = computed(
        shop(
            "name: north_share, from: orders, share: \"Shop = 'north'\"",
            "name: big_30d, from: orders, sum: amount * 2, where: \"points > 3 or Shop = 'north'\","
            " window: 30d",
            "name: late, from: orders, count: rows, where: hour >= 18 and weekday < 5",
            'name: worth, from: orders, mean: "amount / (points + 1)", where: amount > 0',
            "name: top_shop, from: orders, top: Shop",
            "name: newest, from: orders, recent: amount, most: 2",
            "name: views, from: events, count: rows, window: 7d",
            "name: ratio_of, ratio: [big_30d, late]",
            "name: rank, percentile_rank: worth",
        )
    )
    local = orders["at"].dt.tz_localize("Europe/Berlin")
    rows = orders.assign(local=local, at=local.dt.tz_convert("UTC").dt.tz_localize(None))
    by = rows.groupby("who")
    assert found["north_share"].to_dict() == pytest.approx(
        by["Shop"].apply(lambda shops: (shops == "north").mean()).to_dict()
    )
    recent = rows[rows["at"] >= END - timedelta(days=30)]
    big = recent[(recent["points"] > 3) | (recent["Shop"] == "north")]
    expected = (big.groupby("who")["paid"].sum() * 2).reindex(found.index, fill_value=0)
    assert found["big_30d"].to_dict() == pytest.approx(expected.to_dict())
    late = rows[(rows["local"].dt.hour >= 18) & (rows["local"].dt.day_of_week < 5)]
    late_rows = late.groupby("who").size().reindex(found.index, fill_value=0)
    assert found["late"].to_dict() == late_rows.to_dict()
    paid = rows[rows["paid"] > 0]
    worth = (paid["paid"] / (paid["points"] + 1)).groupby(paid["who"]).mean()
    assert found["worth"].to_dict() == pytest.approx(worth.to_dict())
    top = by["Shop"].agg(lambda shops: sorted(shops.mode())[0])
    assert found["top_shop"].to_dict() == top.to_dict()
    for who, own in rows.sort_values(["at", "paid"], ascending=False).groupby("who"):
        assert list(found.loc[who, "newest"]) == own["paid"].iloc[:2].tolist()
    seven = rows[rows["at"] >= END - timedelta(days=7)].groupby("who").size()
    assert found["views"].to_dict() == seven.reindex(found.index, fill_value=0).to_dict()
    assert found["ratio_of"].dropna().to_dict() == pytest.approx(
        (expected / late_rows)[late_rows > 0].to_dict()
    )
    ranks = (worth.rank(method="average") - 0.5) / len(worth)
    assert found["rank"].to_dict() == pytest.approx(ranks.to_dict())


def test_two_lines_are_enough_and_the_run_uses_them(shop: Callable[..., Path]) -> None:
    with Atlas.open(shop("name: tea, from: orders, count: rows, where: product = 'tea'")) as atlas:
        (result,) = atlas.run()
        assert result.changed
        assert "tea" in atlas.features().table().column_names


def test_what_python_declares_is_what_the_file_declares(
    shop: Callable[..., Path], tmp_path: Path
) -> None:
    lines = (
        "name: newest, from: orders, recent: amount, most: 2",
        "name: tea, from: orders, sum: amount * 2, where: product = 'tea'",
        "name: teas, percentile_rank: tea",
    )
    newest, tea, teas = (
        FeatureDeclaration(name="newest", source="orders", recent="amount", most=2),
        FeatureDeclaration(name="tea", source="orders", sum="amount * 2", where="product = 'tea'"),
        FeatureDeclaration(name="teas", percentile_rank="tea"),
    )
    with Atlas.open(shop(*lines)) as atlas:
        atlas.ingest()
        from_file = atlas.features().table(END)
    with Atlas.open(shop("name: other, from: orders, count: rows")) as atlas:
        from_python = atlas.features().declaring(newest, tea, teas).table(END)
    assert from_python.drop(["other"]) == from_file
    with Atlas.open(shop()) as atlas, pytest.raises(ConfigError, match="'amount'"):
        atlas.features().declaring(tea.model_copy(update={"sum": "amont"})).table(END)


def test_lists_are_json_in_files_that_know_none(shop: Callable[..., Path], tmp_path: Path) -> None:
    path = shop("name: newest, from: orders, recent: amount, most: 2")
    given = ["export", "features", "--project", str(path), "-o", str(tmp_path / "found.csv")]
    assert CliRunner().invoke(app, given).exit_code == 0
    found = pd.read_csv(tmp_path / "found.csv").set_index("customer_id")["newest"]
    assert len(json.loads(found["a"])) == 2


def test_odd_values_and_expressions_are_unknown_for_their_row_only(
    shop: Callable[..., Path], orders: pd.DataFrame
) -> None:
    path = shop(
        "name: per_point, from: orders, mean: amount / points",
        'name: as_number, from: orders, count: rows, where: "CAST(Shop AS DOUBLE) > 1"',
        "name: later_goods, from: orders, count: rows, where: \"product > 'd'\"",
        "name: listed, from: orders, count: rows, where: \"product IN ('tea') AND hour < 9\"",
        "name: middle_hour, from: orders, quantile: hour, probability: 0.5",
        "name: blank, from: orders, count: rows, where: amount IS NULL",
        "name: paid_mean, from: orders, mean: amount",
        "name: paid_least, from: orders, min: amount",
        "name: hours, from: orders, recent: hour, most: 3",
        'name: goods, from: orders, recent: product, most: 2, where: "points > 99"',
        "name: is_north, from: orders, sum: \"Shop = 'north'\"",
        "name: days, from: orders, distinct: day",
    )
    some = orders.assign(paid=orders["paid"].where(orders.index % 7 > 0))
    some.to_csv(path.parent / "orders.csv", index=False)
    found = computed(path)
    rows = some.assign(at=some["at"].dt.tz_localize("Europe/Berlin"))
    per_point = (rows["paid"] / rows["points"])[rows["points"] > 0]
    by = rows.groupby("who")
    expected = {
        "per_point": per_point.groupby(rows["who"]).mean(),
        "as_number": by.size() * 0,
        "later_goods": (rows["item"] > "d").groupby(rows["who"]).sum(),
        "middle_hour": by["at"].apply(lambda times: times.dt.hour.median()),
        "listed": ((rows["item"] == "tea") & (rows["at"].dt.hour < 9)).groupby(rows["who"]).sum(),
        "blank": rows["paid"].isna().groupby(rows["who"]).sum(),
        "paid_mean": by["paid"].mean(),
        "paid_least": by["paid"].min(),
        "is_north": (rows["Shop"] == "north").groupby(rows["who"]).sum(),
        "days": by["at"].apply(lambda times: times.dt.date.nunique()),
    }
    for name, values in expected.items():
        assert found[name].to_dict() == pytest.approx(values.astype(float).to_dict()), name
    assert found["goods"].isna().all()
    assert len(found.loc["a", "hours"]) == 3


def test_a_window_longer_than_history_is_a_warning(shop: Callable[..., Path]) -> None:
    path = shop("name: always, from: orders, count: rows, window: 1000d",
                "name: lately, from: orders, count: rows, window: 20d")  # fmt: skip
    with Atlas.open(path) as atlas:
        (result,) = atlas.run()
    told = [warning for warning in result.warnings if "looks back" in warning]
    assert len(told) == 1
    assert told[0].startswith("The feature 'always' looks back 1000 days")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["name: x, from: orders, sum: amont"], ["yaml:16", "Did you mean 'amount'?"]),
        (["name: x, from: order, count: rows"], ["atlas.yaml:16", "'order'", "'orders'"]),
        (["name: x, count: rows"], ["needs `from`", "orders", "events"]),
        (["name: x, from: orders, sum: what"], ["atlas.yaml:16", "the column 'what'"]),
        (["name: x, from: orders, sum: Shop"], ["which is text; numbers are needed"]),
        (["name: x, from: orders, sum: amount + Shop"], ["atlas.yaml:16", "amount + Shop"]),
        (["name: x, from: orders, count: rows, where: amount + 1"], ["a condition is needed"]),
        (["name: x, from: orders, sum: sum(amount)"], ["atlas.yaml:16", "which uses a sum"]),
        (["name: x, from: orders, sum: (select 1)"], ["atlas.yaml:16", "which uses"]),
        (["name: x, from: orders, sum: hour * 2"], ["'hour' can only be compared with a"]),
        (["name: x, from: people, count: rows"], ["atlas.yaml:16", "found 'people'"]),
        (["name: x, ratio: [frequenzy, monetary]"], ["atlas.yaml:16", "'frequency'"]),
        (["name: x, trend: monetary"], ["the trend of 'monetary' needs a window"]),
        (["name: monetary, from: orders, count: rows"], ["atlas.yaml:16", "the pack rfm"]),
        (["name: x, ratio: [y, y]", "name: y, ratio: [x, x]"], ["yaml:16", "circle: x -> y -> x"]),
        (["name: x, ratio: [x, x]"], ["circle: x -> x"]),
        (["name: customer_id, from: orders, count: rows"], ["atlas.yaml:16", "customer_id"]),
        (["name: x, weighted: {recency_days: 1}"], ["'recency_days' is no share"]),
        (["name: x, from: orders, top: customer_id"], ["who a customer is, is no feature"]),
        (["name: x, from: orders, last: day"], ["'day' can only be compared"]),
        (["name: x, from: orders, count: rows"] * 2, ["atlas.yaml:17", "'x' is declared"]),
        (["name: x, from: orders, count: rows, window: 3 moons"], ["atlas.yaml:16", "3 moons"]),
        (["name: x, from: orders, count: rows, window: 0d"], ["'0d' may be from one minute"]),
        (["name: x, from: orders, top_shar: Shop"], ["Did you mean 'top_share'?"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    shop: Callable[..., Path], lines: list[str], said: list[str]
) -> None:
    path = shop(*lines)
    with pytest.raises(ConfigError) as raised, Atlas.open(path) as atlas:
        atlas.run()
    for words in said:
        assert words in str(raised.value)


def test_a_protected_column_is_not_mapped_where_features_are_made_of_rows(
    shop: Callable[..., Path],
) -> None:
    path = shop("name: x, from: orders, count: rows")
    path.write_text(path.read_text().replace("product: item}", "channel: age}"))
    with pytest.raises(ConfigError, match="columns.channel rests on a protected column"):
        Atlas.open(path)


def test_columns_that_are_never_features_are_never_read(shop: Callable[..., Path]) -> None:
    path = shop("name: x, from: orders, count: rows, where: product = 'tea' or age > 3")
    text = path.read_text().replace("product: item}", "product: item, age: points}")
    path.write_text(text)
    with pytest.raises(ConfigError, match="'age' is never read"), Atlas.open(path) as atlas:
        atlas.run()
