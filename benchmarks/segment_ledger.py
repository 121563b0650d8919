"""The ledger: comparing two generations, and writing who moved; ten million members by `--full`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from _measure import Measure, full_counts, report, seconds
from customer_atlas.engine import DuckDB
from customer_atlas.pipeline.changes import write_changes
from customer_atlas.pipeline.identity import compare_members
from customer_atlas.segments import Segment, match_segments

__all__ = ["measures"]

_BUCKETS, _SEGMENTS = 16, 12
_MOVED = 0.1
_SECONDS_AT_TEN_MILLION = 10.0
_PLAIN = Segment("", "", 0, 0, 0.0, None, 1.0, {}, {}, (), (), (), "")


def _generations(folder: Path, members: int) -> None:
    """Write two generations of members, the clusters numbered anew, a tenth of whom move."""
    draw = np.random.default_rng(0)
    for bucket in range(_BUCKETS):
        count = members // _BUCKETS
        ids = pa.array([f"{bucket:02d}-{number:08d}" for number in range(count)])
        then = draw.integers(0, _SEGMENTS, count)
        moved = draw.random(count) < _MOVED
        now = (np.where(moved, draw.integers(0, _SEGMENTS, count), then) + 5) % _SEGMENTS
        for name, clusters in (("then", then), ("now", now)):
            (folder / name).mkdir(exist_ok=True)
            table = pa.table(
                {
                    "customer_id": ids,
                    "kind": pa.repeat("learned", count),
                    "cluster": pa.array(clusters, pa.int32()),
                    "probability": draw.random(count),
                    "distance": draw.random(count),
                }
            )
            path = folder / name / f"bucket={bucket:04d}.parquet"
            pq.write_table(table, path, compression="zstd")


def _segments(prefix: str) -> list[Segment]:
    return [replace(_PLAIN, id=f"{prefix}{place}", cluster=place) for place in range(_SEGMENTS)]


def measures(members: int) -> list[Measure]:
    """Compare, match, and write who moved, all of it once each."""
    engine = DuckDB()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _generations(folder, members)
        files = sorted((folder / "now").glob("*.parquet"))

        def match() -> None:
            counted = compare_members(engine, folder / "then", files)
            overlap = np.zeros((_SEGMENTS, _SEGMENTS))
            for (_, then, now), customers in counted.items():
                overlap[then, now] = customers
            found = match_segments(overlap)
            if [one.kind for one in found] != ["survived"] * _SEGMENTS:
                sys.exit("the segments that were planted were not recognised")

        def write() -> None:
            write_changes(
                engine, folder / "then", _segments("a"), files, _segments("b"), folder, new=True
            )

        taken = {"compared and matched": seconds(match), "who moved, written": seconds(write)}
    limit = _SECONDS_AT_TEN_MILLION * members / 10_000_000
    return [
        Measure("segment_ledger", f"{members:,} members, {case}", took, "s", limit)
        for case, took in taken.items()
    ]


if __name__ == "__main__":
    full = full_counts() or "--full" in sys.argv
    report(measures(10_000_000 if full else 1_000_000))
