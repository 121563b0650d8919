"""A retailer whose customers' kinds are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from customer_atlas.errors import UsageError, nearest
from customer_atlas.simulate.calendar import Calendar
from customer_atlas.simulate.catalogue import draw_catalogue
from customer_atlas.simulate.habits import Habits, draw_habits
from customer_atlas.simulate.kinds import KINDS, CustomerKind, blended
from customer_atlas.simulate.transactions import draw_sales, joined, tabulated

__all__ = ["Retailer", "simulate_retailer"]

# Customers are drawn in parts of this size, each from a stream of its own, to bound memory.
_PART = 65_536
_REGIONS = ("central", "east", "north", "south", "west")
_AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")


@dataclass(frozen=True)
class Retailer:
    """The books of a simulated retailer, and the truth about its customers.

    Attributes:
        transactions: customer_id, timestamp (UTC, no zone), order_id, product, category,
            quantity, amount, discount, channel; one row a line in order of time; a return is
            an order of its own with negative quantity, amount and discount.
        products: product, category, brand, price.
        customers: customer_id, signup (date), region, age_band; neither region nor age has to
            do with the kind.
        truth: customer_id, kind.
    """

    transactions: pa.Table
    products: pa.Table
    customers: pa.Table
    truth: pa.Table

    def write(
        self, folder: Path | str, format: Literal["parquet", "csv"] = "parquet"
    ) -> tuple[Path, ...]:
        """Write the four tables to `folder`, and return the files.

        Raises:
            UsageError: the format is neither parquet nor csv.
        """
        if format not in ("parquet", "csv"):
            known = nearest(format, ("csv", "parquet"))
            raise UsageError(f"A retailer cannot be written as '{format}'.{known}")
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tables = {name: getattr(self, name) for name in self.__dataclass_fields__}
        files = tuple(folder / f"{name}.{format}" for name in tables)
        for file, table in zip(files, tables.values(), strict=True):
            if format == "parquet":
                pyarrow.parquet.write_table(table, file, compression="zstd")
            else:
                pyarrow.csv.write_csv(table, file)
        return files


def simulate_retailer(
    customers: int = 2000,
    *,
    seed: int = 0,
    start: date = date(2023, 1, 1),
    days: int = 730,
    kinds: Sequence[CustomerKind] = KINDS,
    overlap: float = 0.0,
) -> Retailer:
    """Simulate a retailer with known kinds of customer.

    Args:
        customers: how many; every one has at least one transaction.
        seed: the same seed and arguments give the same tables, to the bit.
        start: the first day.
        days: length of the period; no transaction lies outside.
        kinds: what is planted; shares are kept to within one customer.
        overlap: from 0 (kinds as they are) to 1 (all kinds behave alike).

    Raises:
        UsageError: an argument is out of its range.

    >>> retailer = simulate_retailer(100, seed=1)
    >>> retailer.truth.num_rows, retailer.transactions.column_names[:3]
    (100, ['customer_id', 'timestamp', 'order_id'])
    """
    _check(customers, seed, days, kinds, overlap)
    planted = blended(kinds, overlap)
    shop, people = _stream(seed, 0), _stream(seed, 1)
    catalogue, calendar = draw_catalogue(shop), Calendar(start, days, planted)
    kind = _assigned(people, kinds, customers)
    ids = _customer_ids(customers)
    parts, arrivals = [], []
    for number, first in enumerate(range(0, customers, _PART)):
        rng = _stream(seed, 2 + number)
        habits = draw_habits(rng, planted, kind[first : first + _PART], days)
        parts.append((first, draw_sales(rng, planted, habits, calendar, catalogue)))
        arrivals.append(_signup(calendar, habits))
    names = pa.array([one.name for one in kinds])
    return Retailer(
        transactions=tabulated(joined(parts), ids, catalogue),
        products=catalogue.table,
        customers=_people(people, ids, start, np.concatenate(arrivals)),
        truth=pa.table({"customer_id": ids, "kind": names.take(pa.array(kind))}),
    )


def _check(
    customers: int, seed: int, days: int, kinds: Sequence[CustomerKind], overlap: float
) -> None:
    names = [kind.name for kind in kinds]
    rules = {
        f"customers must be at least 1, not {customers}": customers >= 1,
        f"seed must be at least 0, not {seed}": seed >= 0,
        f"days must be at least 1, not {days}": days >= 1,
        f"overlap must lie from 0 to 1, not {overlap}": 0 <= overlap <= 1,
        "there must be kinds of customer, each with a name of its own": bool(names)
        and len(set(names)) == len(names),
    }
    for rule, holds in rules.items():
        if not holds:
            raise UsageError(f"No retailer can be simulated: {rule}.")


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(number,))))


def _assigned(
    rng: np.random.Generator, kinds: Sequence[CustomerKind], customers: int
) -> np.ndarray:
    shares = np.array([kind.share for kind in kinds])
    # Rounding the cumulated shares keeps every count within one of its share.
    edges = np.rint(np.cumsum(shares) / shares.sum() * customers).astype(np.int64)
    kind = np.repeat(np.arange(len(kinds)), np.diff(edges, prepend=0))
    return rng.permutation(kind)


def _customer_ids(customers: int) -> pa.Array:
    number = pc.utf8_lpad(pc.cast(pa.array(np.arange(1, customers + 1)), pa.string()), 7, "0")
    return pc.binary_join_element_wise(pa.scalar("C"), number, "")


def _signup(calendar: Calendar, habits: Habits) -> np.ndarray:
    # In days from the start; who was there before the start has no order of that time.
    within = calendar.day(habits.kind, np.maximum(habits.arrival, 0))
    return np.where(habits.arrival < 0, np.floor(habits.arrival).astype(np.int64), within)


def _people(rng: np.random.Generator, ids: pa.Array, start: date, signup: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "customer_id": ids,
            "signup": pa.array(np.datetime64(start, "D") + signup),
            "region": pa.array(_REGIONS).take(pa.array(rng.integers(0, 5, len(ids)))),
            "age_band": pa.array(_AGE_BANDS).take(pa.array(rng.integers(0, 6, len(ids)))),
        }
    )
