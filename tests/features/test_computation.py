"""Some customers' features are those that everybody's features hold for them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pandas.testing
import pyarrow as pa
import pytest

from customer_atlas import Atlas
from customer_atlas.data import bucket_of
from customer_atlas.features import Computation, Plan, Population
from customer_atlas.simulate import simulate_retailer

PROJECT = """\
project: shop
sources:
  orders: {path: data/transactions.parquet, role: transactions}
  people: {path: data/customers.parquet, role: customers}
"""


@pytest.fixture(scope="module")
def computation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computation]:
    folder = tmp_path_factory.mktemp("shop")
    simulate_retailer(400, seed=3).write(folder / "data")
    (folder / "atlas.yaml").write_text(PROJECT)
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.ingest()
        work = atlas.workspace
        snapshot = work.snapshot()
        plan = Plan.of(("rfm", "rhythm", "lifecycle"), snapshot.sources, Population())
        computation = Computation(work.engine, snapshot, plan, work.cutoff(snapshot))
        computation.learn()
        yield computation


@pytest.fixture(scope="module")
def everybody(computation: Computation, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    paths = computation.write(tmp_path_factory.mktemp("features"))
    return pd.concat(map(pd.read_parquet, paths)).set_index("customer_id").sort_index()


def test_named_customers_are_as_among_everybody_and_strangers_are_left_out(
    computation: Computation, everybody: pd.DataFrame
) -> None:
    asked = [*everybody.index[[3, 399, 77, 200]], "nobody"]
    found = computation.of(pa.chunked_array([asked])).to_pandas().set_index("customer_id")
    assert list(found.index) == sorted(asked[:4])
    pandas.testing.assert_frame_equal(found, everybody.loc[found.index], rtol=1e-12)


def test_of_nobody_there_is_an_empty_table(computation: Computation) -> None:
    found = computation.of(pa.chunked_array([[]], pa.string()))
    assert (found.num_rows, found.column_names[0]) == (0, "customer_id")


@pytest.mark.parametrize("customers", [1, 50, 400, 1_000])
def test_some_customers_are_spread_over_as_few_first_buckets_as_have_them(
    computation: Computation, everybody: pd.DataFrame, customers: int
) -> None:
    found = computation.some(customers).to_pandas().set_index("customer_id")
    held = everybody.index.map(lambda one: bucket_of(one, 16))
    first = next((number for number in range(16) if (held <= number).sum() >= customers), 15)
    pool = everybody.index[held <= first]
    assert len(found) == min(customers, len(everybody))
    assert found.index.is_monotonic_increasing
    assert set(found.index) <= set(pool)
    if customers > 1:
        assert (found.index[0], found.index[-1]) == (pool[0], pool[-1])
    pandas.testing.assert_frame_equal(found, everybody.loc[found.index], rtol=1e-12)
