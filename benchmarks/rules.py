"""Rule segments: exact counts of everybody, by features and by rows.

A number as argument is how many customers there are, with ten rows each.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from _measure import Measure, full_counts, report, seconds
from customer_atlas.engine import Connection
from customer_atlas.features import Computation
from customer_atlas.features.windows import window_start
from customer_atlas.pipeline import Workspace, silent
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.rule_segments import Evaluation
from customer_atlas.project import Atlas
from customer_atlas.segments import RuleSegments, Segment
from customer_atlas.simulate import simulate_retailer

__all__ = ["measures"]

_A_MILLION = 2.0  # seconds, for rules of features
_LEAST = 0.5  # to read the project and compile
_BESIDE_SQL = 4.0
_PAUSES = 15.0
_REPEATS = 3
_OF_FEATURES = {
    f"rule_{orders}_{days}": {
        "when": {
            "all": [
                {"feature": "orders_90d", "at_least": orders},
                {"any": [{"feature": "recency_days", "at_most": days},
                         {"not": {"feature": "monetary", "below": 100 * orders}}]},
            ]
        }
    }
    for orders in (1, 2, 4, 8)
    for days in (7, 30)
}  # fmt: skip
_OF_ROWS = {
    "often": {"when": {"count": "rows", "from": "orders", "window": "30d", "at_least": 3}},
    "much": {"when": {"sum": "amount", "from": "orders", "window": "90d", "above": 200}},
    "paused": {"when": {"count": "rows", "from": "orders", "window": "90d", "at_least": 1,
                        "not_followed_by": {"from": "orders", "within": "30d"}}},
}  # fmt: skip
_SEGMENT = Segment("g1-a", "All", 0, 1, 1.0, None, 1.0, {}, {}, (), (), (), "")


class _Case:
    """The lake of a retailer with its features and members, as a run makes them."""

    def __init__(self, folder: Path, customers: int) -> None:
        self.folder = folder
        simulate_retailer(customers, seed=1, days=140).write(folder / "data")
        work, asked = self._asked(_OF_FEATURES)
        plan = plan_features(work, asked, None, silent)
        computation = Computation(work.engine, asked.snapshot, plan, asked.cutoff)
        self.infos = computation.learn().infos
        self.features = computation.write(folder / "features")
        (folder / "members").mkdir()
        self.members = [self._assigned(path) for path in self.features]
        self.rows = sum(pq.read_metadata(path).num_rows for path in folder.glob("data/tr*.parquet"))

    def count(self, rules: Mapping[str, Any]) -> RuleSegments:
        """Evaluate rules of everybody, and write who is in."""
        work, asked = self._asked(rules)
        found = Evaluation.of(work, asked, self.infos)
        return found.write(self.features, self.members, [_SEGMENT], self.folder, silent)

    def by_hand(self) -> list[int]:
        """Count by hand what the rules of rows count, but for the pauses."""
        work, asked = self._asked({})
        month, quarter = (window_start(asked.cutoff, timedelta(days=n)) for n in (30, 90))

        def count(connection: Connection, part: tuple[int, ...]) -> tuple[Any, ...]:
            asked.snapshot.open(connection, part)
            return connection.rows(
                f"""SELECT count(*) FILTER (n >= 3), count(*) FILTER (s > 200) FROM (
                    SELECT count(*) FILTER (timestamp >= TIMESTAMP '{month}') AS n,
                           sum(amount) FILTER (timestamp >= TIMESTAMP '{quarter}') AS s
                    FROM source_orders WHERE timestamp < TIMESTAMP '{asked.cutoff}'
                    GROUP BY customer_id)""",
                step="by hand",
            )[0]

        found = list(work.engine.map(count, asked.snapshot.parts()))
        return [sum(column) for column in zip(*found, strict=True)]

    def _asked(self, rules: Mapping[str, Any]) -> tuple[Workspace, Asked]:
        project = {
            "project": "rules",
            "sources": {"orders": {"path": "data/transactions.parquet", "role": "transactions"}},
            "segmentations": {"main": {"packs": ["rfm", "windows"]}},
            "rules": rules,
        }
        path = self.folder / "atlas.yaml"
        path.write_text(json.dumps(project), encoding="utf-8")
        atlas = Atlas.open(path)
        if not (self.folder / ".atlas").exists():
            atlas.ingest()
        return atlas.workspace, Asked.of(atlas.workspace, "main", None)

    def _assigned(self, path: Path) -> Path:
        ids = pq.read_table(path, columns=["customer_id"])
        own = self.folder / "members" / path.name
        pq.write_table(ids.append_column("cluster", pa.array(np.zeros(len(ids), np.int32))), own)
        return own


def measures(customers: int) -> Iterator[Measure]:
    """Medians of rules of features, and of rows beside a query by hand, which must agree."""
    with tempfile.TemporaryDirectory() as name:
        case = _Case(Path(name), customers)
        expected = [case.count(_OF_ROWS).segments[place].size for place in (0, 1)]
        if case.by_hand() != expected:
            sys.exit("the rules count others than the query by hand")
        case.count(_OF_FEATURES)
        runs = [
            (
                seconds(lambda: case.count(_OF_FEATURES)),
                seconds(lambda: case.count(_OF_ROWS)),
                seconds(case.by_hand),
            )
            for _ in range(_REPEATS)
        ]
    features, rows, hand = (statistics.median(column) for column in zip(*runs, strict=True))
    limit = max(_LEAST, _A_MILLION * customers / 1_000_000)
    told = f"{len(_OF_FEATURES)} rules of features, {customers:,} customers"
    yield Measure("rules", told, features, "s", limit, repeats=_REPEATS)
    yield Measure(
        "rules",
        f"{len(_OF_ROWS)} rules of {case.rows:,} rows, {customers:,} customers",
        rows,
        "s",
        _BESIDE_SQL * hand + _PAUSES * case.rows / 10_000_000 + _LEAST,
        repeats=_REPEATS,
        against=f"{_BESIDE_SQL:g} times two counts in SQL by hand ({hand:.2f} s), and "
        f"{_PAUSES:g} s for 10 million rows' pauses",
    )


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    report([*measures(asked[0] if asked else 1_000_000 if full_counts() else 100_000)])
