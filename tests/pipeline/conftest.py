"""A small shop on disk, and what its members are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.simulate import Retailer, simulate_retailer

PROJECT = """\
project: shop
state: {lake: .atlas/lake, registry: "sqlite:///.atlas/registry.db", buckets: 4}
sources:
  orders: {path: data/orders*.parquet, role: transactions}
  products: {path: data/products.parquet, role: products}
  people: {path: data/customers.parquet, role: customers}
segmentations: {main: {max_segments: 8}}
"""


@pytest.fixture(scope="session")
def retailer() -> Retailer:
    """Transactions, products and customers of 240 simulated customers."""
    return simulate_retailer(240, seed=7)


@pytest.fixture
def shop(tmp_path: Path, retailer: Retailer) -> Path:
    """The project file of a shop whose orders lie in one file."""
    return make_shop(tmp_path, retailer)


def make_shop(folder: Path, retailer: Retailer) -> Path:
    """Write a shop into a folder and return its project file."""
    data = folder / "data"
    data.mkdir()
    write(retailer.transactions, data / "orders-1.parquet")
    write(retailer.products, data / "products.parquet")
    write(retailer.customers, data / "customers.parquet")
    project = folder / "atlas.yaml"
    project.write_text(PROJECT, encoding="utf-8")
    return project


def write(table: pa.Table, path: Path) -> None:
    """Write a table as Parquet."""
    pq.write_table(table, path)


def members_of(project: Path, *columns: str) -> list[tuple[Any, ...]]:
    """Return the members by customer: the columns named, or all."""
    with Atlas.open(project) as atlas:
        table = atlas.members()
    return [tuple(row.values()) for row in table.select(columns or table.column_names).to_pylist()]
