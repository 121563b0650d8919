"""The books of the simulated retailer hold what they promise, whatever the arguments."""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.errors import UsageError
from customer_atlas.simulate import KINDS, CustomerKind, Retailer, simulate_retailer

TABLES = ("transactions", "products", "customers", "truth")

retailers = st.builds(
    simulate_retailer,
    st.integers(1, 150),
    seed=st.integers(0, 2**70),
    start=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    days=st.integers(1, 500),
    overlap=st.sampled_from([0.0, 0.3, 1.0]),
)


@given(
    st.integers(1, 150),
    st.integers(0, 2**70),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.integers(1, 500),
    st.sampled_from([0.0, 0.3, 1.0]),
)
def test_no_transaction_lies_outside_the_period_and_none_is_out_of_order(
    customers: int, seed: int, start: date, days: int, overlap: float
) -> None:
    made = simulate_retailer(customers, seed=seed, start=start, days=days, overlap=overlap)
    times = made.transactions["timestamp"].to_numpy()
    assert times.min() >= np.datetime64(start, "us")
    assert times.max() < np.datetime64(start + timedelta(days), "us")
    assert (np.diff(times) >= np.timedelta64(0)).all()
    signups = made.customers["signup"].to_numpy()
    assert signups.max() < np.datetime64(start + timedelta(days), "D")


@given(retailers)
def test_every_customer_of_the_truth_has_a_sale_and_no_other_has_any(made: Retailer) -> None:
    lines = made.transactions.to_pandas()
    known = made.truth["customer_id"].to_pylist()
    assert set(lines.loc[lines["amount"] > 0, "customer_id"]) == set(known)
    assert set(lines["customer_id"]) == set(known)
    assert made.customers["customer_id"].to_pylist() == known
    assert len(set(known)) == len(known)


@given(retailers)
def test_amounts_are_quantity_times_price_minus_discount_to_the_cent(made: Retailer) -> None:
    lines = made.transactions.to_pandas().merge(
        made.products.to_pandas(), on=["product", "category"], how="left", validate="many_to_one"
    )
    money = lines[["amount", "price", "discount"]] * 100
    cents = money.round().astype("int64")
    assert (money - cents).abs().to_numpy().max() < 1e-6
    assert (cents["amount"] == lines["quantity"] * cents["price"] - cents["discount"]).all()
    assert (np.sign(cents["amount"]) == np.sign(lines["quantity"])).all()
    assert (cents["discount"] * lines["quantity"] >= 0).all()


@given(retailers)
def test_a_return_takes_back_a_line_that_was_sold_before(made: Retailer) -> None:
    lines = made.transactions.to_pandas()
    returns = lines[lines["quantity"] < 0]
    assert returns["order_id"].str.startswith("R").all()
    assert returns["order_id"].is_unique
    sold = lines[lines["quantity"] > 0]
    assert sold["order_id"].str.startswith("O").all()
    keys = ["customer_id", "product", "quantity", "amount", "discount", "channel"]
    back = returns.assign(
        quantity=-returns["quantity"], amount=-returns["amount"], discount=-returns["discount"]
    )
    pairs = back.merge(sold, on=keys, suffixes=("", "_sold"))
    days = pairs["timestamp"].dt.normalize() - pairs["timestamp_sold"].dt.normalize()
    fitting = pairs[days.between(pd.Timedelta(days=1), pd.Timedelta(days=21))]
    assert set(fitting["order_id"]) == set(returns["order_id"])


@given(retailers)
def test_an_order_has_one_customer_one_time_and_one_channel(made: Retailer) -> None:
    orders = made.transactions.to_pandas().groupby("order_id")
    for column in ("customer_id", "timestamp", "channel"):
        assert (orders[column].nunique() == 1).all()


def test_the_tables_have_the_columns_and_types_that_were_promised(retailer: Retailer) -> None:
    text = pa.string()
    schema = retailer.transactions.schema
    assert dict(zip(schema.names, schema.types, strict=True)) == {
        "customer_id": text, "timestamp": pa.timestamp("us"), "order_id": text, "product": text,
        "category": text, "quantity": pa.int64(), "amount": pa.float64(),
        "discount": pa.float64(), "channel": text,
    }  # fmt: skip
    assert retailer.products.column_names == ["product", "category", "brand", "price"]
    assert retailer.customers.column_names == ["customer_id", "signup", "region", "age_band"]
    assert retailer.truth.column_names == ["customer_id", "kind"]
    for name in TABLES:
        table = getattr(retailer, name)
        assert sum(column.null_count for column in table.columns) == 0


def test_the_same_seed_gives_the_same_books_to_the_bit(tmp_path: Path) -> None:
    first = simulate_retailer(300, seed=5, days=200, overlap=0.2)
    # Neither a global seed nor other draws have a say.
    np.random.seed(1)
    np.random.random(7)
    second = simulate_retailer(300, seed=5, days=200, overlap=0.2)
    for name in TABLES:
        assert getattr(first, name).equals(getattr(second, name))
    pairs = zip(first.write(tmp_path / "a"), second.write(tmp_path / "b"), strict=True)
    assert all(one.read_bytes() == other.read_bytes() for one, other in pairs)


def test_another_seed_gives_other_books() -> None:
    first, second = (simulate_retailer(50, seed=seed) for seed in (1, 2))
    for name in TABLES:
        assert not getattr(first, name).equals(getattr(second, name))


@pytest.mark.parametrize("customers", [1, 7, 100, 2003])
def test_shares_of_kinds_hold_to_within_one_customer(customers: int) -> None:
    truth = simulate_retailer(customers, days=5).truth["kind"].to_pylist()
    total = sum(kind.share for kind in KINDS)
    for kind in KINDS:
        assert abs(truth.count(kind.name) - customers * kind.share / total) <= 1


def test_kinds_are_spread_over_the_ids(retailer: Retailer) -> None:
    half = retailer.truth.to_pandas()["kind"].head(2000).value_counts()
    for kind in KINDS:
        # Hypergeometric: half of the kind, with a deviation under sqrt(n) / 2.
        n = 4000 * kind.share
        assert abs(half[kind.name] - n / 2) < 5.5 * math.sqrt(n) / 2


def test_more_customers_than_one_part_are_all_different_people() -> None:
    kinds = [CustomerKind("rare", 1, gap_days=400), CustomerKind("once", 1, 9, repeat=0.0)]
    made = simulate_retailer(70_000, days=100, kinds=kinds)
    lines = made.transactions.to_pandas()
    assert lines["customer_id"].nunique() == 70_000
    truth = made.truth.to_pandas().set_index("customer_id")["kind"]
    orders = lines[lines["amount"] > 0].groupby("customer_id")["order_id"].nunique()
    assert (orders[truth == "once"] == 1).all()
    late = truth.index[65_536:]
    assert not np.array_equal(orders[late].to_numpy(), orders[truth.index[: late.size]].to_numpy())


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_what_is_written_reads_back_the_same(tmp_path: Path, format: str) -> None:
    made = simulate_retailer(60, seed=3)
    files = made.write(tmp_path / "new" / "folder", format)  # type: ignore[arg-type]
    assert [file.name for file in files] == [f"{name}.{format}" for name in TABLES]
    for name, file in zip(TABLES, files, strict=True):
        table: pa.Table = getattr(made, name)
        if format == "parquet":
            assert pyarrow.parquet.read_table(file).equals(table)
        else:
            types = pyarrow.csv.ConvertOptions(column_types=table.schema)
            assert pyarrow.csv.read_csv(file, convert_options=types).equals(table)


def test_an_unknown_format_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    made = simulate_retailer(5, days=5)
    with pytest.raises(UsageError, match=r"written as 'parket'\. Did you mean 'parquet'"):
        made.write(tmp_path / "out", "parket")  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"customers": 0}, "customers must be at least 1, not 0"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"days": 0}, "days must be at least 1, not 0"),
        ({"overlap": 1.01}, "overlap must lie from 0 to 1, not 1.01"),
        ({"overlap": math.nan}, "overlap must lie from 0 to 1"),
        ({"kinds": ()}, "there must be kinds"),
        ({"kinds": (KINDS[0], KINDS[0])}, "each with a name of its own"),
    ],
)
def test_arguments_out_of_range_are_told(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        simulate_retailer(**arguments)  # type: ignore[arg-type]
