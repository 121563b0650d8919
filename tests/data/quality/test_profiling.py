"""A source's profile says what pandas says of the same rows, and keeps nobody's data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.data import Finding, Profile, Readiness
from customer_atlas.data.quality import survey
from customer_atlas.data.quality.profiling import names_people
from customer_atlas.errors import ArtifactError
from customer_atlas.simulate import simulate_retailer

Checked = Callable[..., Readiness]
Found = Callable[[Readiness, str], list[Finding]]


def orders(rows: int, seed: int = 0, people: int = 60) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{one}" for one in draw.integers(0, people, rows)],
            "timestamp": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(draw.integers(0, 300_000, rows), "min"),
            "amount": np.where(
                draw.random(rows) < 0.1, np.nan, draw.lognormal(2, 1, rows).round(2)
            ),
            "channel": np.array(["store", "online", None])[draw.integers(0, 3, rows)],
            "weight": draw.integers(-3, 9, rows),
        }
    )


def test_the_profile_is_what_pandas_says_of_the_rows(checked: Checked) -> None:
    table = orders(4000)
    ready = checked({"orders": table}, orders="role: transactions")
    (profile,) = ready.profile.sources
    assert (profile.rows, profile.looked_at, profile.customers) == (4000, 4000, 60)
    assert (profile.first, profile.last) == (table["timestamp"].min(), table["timestamp"].max())
    for column in profile.columns:
        assert column.filled == table[column.name].notna().sum()
        assert column.exact
        assert column.distinct == table[column.name].nunique()
    amount, weight, channel = (profile.column(name) for name in ("amount", "weight", "channel"))
    assert amount is not None
    assert amount.numbers is not None
    assert amount.numbers.median == table["amount"].quantile(0.5, interpolation="lower")
    assert weight is not None
    assert weight.numbers is not None
    assert weight.numbers.negatives == (table["weight"] < 0).sum()
    assert channel is not None
    levels = {level.value: level.rows for level in channel.levels}
    assert levels == table["channel"].value_counts().to_dict()


def test_the_order_of_the_rows_does_not_matter(checked: Checked) -> None:
    table = orders(3000)
    mixed = table.sample(frac=1, random_state=1)
    one = checked({"orders": table}, orders="role: transactions")
    other = checked({"orders": mixed}, orders="role: transactions")
    (before,), (after,) = one.profile.sources, other.profile.sources
    assert before.columns == after.columns
    ends = {"look_alikes"}
    assert [f for f in one.findings if f.code not in ends] == [
        f for f in other.findings if f.code not in ends
    ]
    assert one.scores == other.scores


def test_no_value_that_names_a_person_is_kept(checked: Checked) -> None:
    people = pd.DataFrame(
        {
            "customer_id": [f"c{place}" for place in range(90)],
            "contact": [f"person{place % 3}@example.org" for place in range(90)],
            "line": [f"+44 20 7946 0{place % 3:03d}" for place in range(90)],
            "first_name": ["Ada", "Grace", "Edsger"] * 30,
            "nickname": ["Countess"] * 3 + ["none given"] * 87,
            "mobile": [447700900000 + place for place in range(90)],
            "region": ["north", "south"] * 45,
        }
    )
    ready = checked({"people": people}, people="role: customers")
    said = json.dumps([asdict(ready.profile), *map(asdict, ready.findings)], default=str)
    for private in ("example.org", "7946", "4477009", "Ada", "Grace", "Countess", '"c1"'):
        assert private not in said
    assert "north" in said


@pytest.mark.parametrize("name", ["Email", "e_mail", "phone_number", "LastName", "address", "name"])
def test_columns_that_name_or_reach_people_are_known_by_their_names(name: str) -> None:
    assert names_people(name)


@pytest.mark.parametrize("name", ["channel", "department", "brand", "filename_kind", "gender"])
def test_other_columns_are_not(name: str) -> None:
    assert not names_people(name)


def test_of_many_rows_whole_buckets_are_looked_at_and_counts_are_scaled(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "_ROWS", 8000)
    table = orders(20_000, people=3000).assign(amount=lambda t: t["amount"].where(t.index % 10 > 0))
    (profile,) = checked({"orders": table}, 16, orders="role: transactions").profile.sources
    assert profile.rows == 20_000
    assert 2000 <= profile.looked_at <= 8000
    assert profile.sampled
    amount = profile.column("amount")
    assert amount is not None
    assert profile.scaled(amount.filled) == pytest.approx(table["amount"].notna().sum(), rel=0.03)
    assert (profile.first, profile.last) == (table["timestamp"].min(), table["timestamp"].max())


def test_a_till_in_a_bucket_that_is_not_looked_at_is_found(
    checked: Checked, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "_ROWS", 3000)
    table = orders(20_000, people=3000)
    for till in ("till-1", "till-2", "till-3"):
        table.loc[table.index % 5 == 0, "customer_id"] = till
        (one,) = found(checked({"orders": table}, 16, orders="role: transactions"), "one_customer")
        assert f"Customer '{till}' has 20 % of all rows" in one.sentence


def test_a_profile_comes_back_as_it_was_written(checked: Checked, tmp_path: Path) -> None:
    shop = simulate_retailer(120, seed=3)
    ready = checked(
        {"orders": shop.transactions.to_pandas(), "products": shop.products.to_pandas()},
        orders="role: transactions",
        products="role: products",
    )
    path = tmp_path / "kept" / "profile.json"
    ready.profile.write(path)
    assert Profile.read(path) == ready.profile
    path.write_text("{}")
    with pytest.raises(ArtifactError, match="cannot be read"):
        Profile.read(path)


def test_two_thousand_columns_are_looked_at_within_seconds(checked: Checked) -> None:
    draw = np.random.default_rng(0)
    wide = pd.DataFrame(
        {f"x{place}": draw.normal(size=50).round(3) for place in range(2000)}
        | {"customer_id": [f"c{place}" for place in range(50)]}
    )
    ready = checked({"people": wide}, people="role: customers")
    assert len(ready.profile.sources[0].columns) == 2001
    assert ready.score >= 90


def test_a_pinned_version_is_what_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "atlas.yaml").write_text(
        "project: shop\nsources: {orders: {path: '*.parquet', role: transactions}}\n"
    )
    orders(500).to_parquet(tmp_path / "a.parquet")
    with Atlas.open(tmp_path / "atlas.yaml") as atlas:
        assert atlas.check().profile.sources[0].rows == 500
        orders(300, seed=1).to_parquet(tmp_path / "b.parquet")
        assert atlas.check().profile.sources[0].rows == 800
