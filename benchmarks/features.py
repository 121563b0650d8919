"""Features: beside hand-written SQL, at many cutoffs, and as events arrive.

A number as argument is how many customers there are, with ten rows each.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from _features_live import live_measures
from _features_sql import PACKS, hand_written
from _measure import Measure, full_counts, report, seconds
from customer_atlas.config import Role
from customer_atlas.engine import Connection, DuckDB
from customer_atlas.features import Computation, Plan, Population, Snapshot
from customer_atlas.features.grains import GRAINS
from customer_atlas.features.history import compute_history
from customer_atlas.features.monoids import Vocabulary
from customer_atlas.features.roles import rows_of
from customer_atlas.project import Atlas
from customer_atlas.simulate import CATEGORIES, simulate_retailer

__all__ = ["measures"]

_PROJECT = """\
project: features
sources:
  orders: {path: transactions.parquet, role: transactions}
"""
_SOURCE = "orders"
_STRETCH = 3  # the purchases of 140 days as if of 420: enough for twelve months
_MONTHS = 12
_BESIDE_SQL = 2.0
_BESIDE_ONE = 4.0
_LIVE = ("rfm", "windows", "rhythm", "basket", "categories", "lifecycle")
_REPEATS = 3


@dataclass(frozen=True)
class _Case:
    """The lake of a retailer, and the packs computed of it in three ways."""

    folder: Path
    engine: DuckDB
    snapshot: Snapshot
    cutoff: datetime

    @classmethod
    def simulated(cls, folder: Path, customers: int) -> _Case:
        rows = simulate_retailer(customers, seed=1, days=140).transactions
        at = rows["timestamp"].cast(pa.int64())
        first = pc.min(at)
        later = pc.add(pc.multiply(pc.subtract(at, first), _STRETCH), first)
        place = rows.schema.get_field_index("timestamp")
        rows = rows.set_column(place, "timestamp", later.cast(pa.timestamp("us")))
        pq.write_table(rows, folder / "transactions.parquet")
        (folder / "atlas.yaml").write_text(_PROJECT, encoding="utf-8")
        atlas = Atlas.open(folder / "atlas.yaml")
        atlas.ingest()
        snapshot = atlas.workspace.snapshot()
        return cls(folder, atlas.workspace.engine, snapshot, atlas.workspace.cutoff(snapshot))

    @cached_property
    def plan(self) -> Plan:
        """All that the packs declare; the hand-written query has no scores, classes and ranks."""
        plan = Plan.of(PACKS, self.snapshot.sources, Population())
        return Computation(self.engine, self.snapshot, plan, self.cutoff).learn()

    @cached_property
    def cutoffs(self) -> tuple[datetime, ...]:
        month = timedelta(days=30)
        return tuple(self.cutoff - back * month for back in reversed(range(_MONTHS)))

    def ours(self) -> None:
        plan = Plan.of(PACKS, self.snapshot.sources, Population())
        computation = Computation(self.engine, self.snapshot, plan, self.cutoff)
        computation.learn()
        computation.write(self.folder / "ours")

    def by_hand(self) -> None:
        folder = self.folder / "by_hand"
        folder.mkdir(exist_ok=True)

        def write(connection: Connection, part: tuple[int, ...]) -> None:
            files = self._files(part)
            path = folder / f"part={part[0]:04d}.parquet"
            connection.write_parquet(hand_written(files, self.cutoff), path, step="by hand")

        list(self.engine.map(write, self.snapshot.parts()))

    def panel(self) -> None:
        compute_history(self.engine, self.snapshot, self.plan, self.cutoffs, self.folder / "panel")

    def check(self) -> None:
        """End the process unless all three ways give the same values."""
        expected = self._written("by_hand")
        panel = self._written("panel")
        panel = panel.filter(
            pc.equal(panel["cutoff"], self.cutoff.replace(tzinfo=UTC))
        ).drop_columns("cutoff")
        for way, found in (("the query", self._written("ours")), ("the panel", panel)):
            _same(way, found, expected)

    def live(self) -> list[Measure]:
        """Take the rows of one bucket: its customers are as good as drawn by chance."""
        plan = Plan.of(_LIVE, self.snapshot.sources, Population(categories=CATEGORIES))
        read = {"customer_id", "timestamp"}
        for one in plan.aggregates:
            read |= GRAINS[one.grain].columns(one.columns)
        with self.engine.connect() as connection:
            self.snapshot.open(connection, (0,))
            query = self.snapshot.role_queries(self.cutoff, read)[Role.TRANSACTIONS]
            table = connection.arrow(query, step="read the rows of a bucket")
        begun = time.perf_counter()
        rows = rows_of(Role.TRANSACTIONS, table, Vocabulary(), Vocabulary())
        return live_measures(plan.aggregates, rows, len(rows) / (time.perf_counter() - begun))

    def _files(self, part: tuple[int, ...]) -> list[str]:
        return self.snapshot.lake.table(_SOURCE).files(self.snapshot.versions[_SOURCE], part)

    def _written(self, folder: str) -> pa.Table:
        return pq.read_table(self.folder / folder).sort_by("customer_id")


def _same(way: str, found: pa.Table, expected: pa.Table) -> None:
    if lacking := set(expected.column_names) - set(found.column_names):
        sys.exit(f"{way} lacks columns of the hand-written query: {sorted(lacking)}")
    if found["customer_id"] != expected["customer_id"]:
        sys.exit(f"{way} has other customers than the hand-written query")
    for name in expected.column_names[1:]:
        one, other = found[name].to_numpy(), expected[name].to_numpy()
        if not np.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True):
            sys.exit(f"{way} has other values of {name} than the hand-written query")


def measures(customers: int) -> list[Measure]:
    """Medians of what is done in turn, so that a noisy machine is noisy for all."""
    with tempfile.TemporaryDirectory() as name:
        case = _Case.simulated(Path(name), customers)
        ways = {"ours": case.ours, "by hand": case.by_hand, "panel": case.panel}
        for work in ways.values():
            work()
        case.check()
        runs = [{way: seconds(work) for way, work in ways.items()} for _ in range(_REPEATS)]
        took = {way: statistics.median(run[way] for run in runs) for way in ways}
        return [*_batch(took, f"{customers:,} customers"), *case.live()]


def _batch(took: dict[str, float], customers: str) -> Iterator[Measure]:
    for case, way, limit, other, against in (
        (f"{customers}, {len(PACKS)} packs", "ours", _BESIDE_SQL, "by hand", "hand-written SQL"),
        (f"{customers}, {_MONTHS} monthly cutoffs", "panel", _BESIDE_ONE, "ours", "one cutoff"),
    ):
        yield Measure(
            "features",
            case,
            took[way],
            "s",
            limit * took[other],
            repeats=_REPEATS,
            against=f"{limit:g} times {against} ({took[other]:.2f} s)",
        )


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    report(measures(asked[0] if asked else 1_000_000 if full_counts() else 100_000))
