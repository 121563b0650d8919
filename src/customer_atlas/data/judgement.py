"""Judgement: the rows of a batch divided among workers and counted by verdict."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

from customer_atlas.data.batch import Batch, Chunk
from customer_atlas.data.checks import KEPT
from customer_atlas.data.staging import Staged
from customer_atlas.engine import Connection, DuckDB

__all__ = ["Judgement", "judge"]

# Rows that one worker takes at a time: enough for full row groups in each bucket, few enough
# that a worker holds some hundred megabytes.
_CHUNK_ROWS = 2_500_000


@dataclass(frozen=True)
class Judgement:
    """A batch, its division, and the rows of each chunk by file id and verdict."""

    batch: Batch
    chunks: tuple[Chunk, ...]
    counts: tuple[Counter[tuple[str, int]], ...]

    @property
    def total(self) -> Counter[tuple[str, int]]:
        """Rows by file id and verdict."""
        total: Counter[tuple[str, int]] = Counter()
        for counts in self.counts:
            total.update(counts)
        return total

    @property
    def refused(self) -> tuple[Chunk, ...]:
        """The chunks in which a check refused some row."""
        return tuple(
            chunk
            for chunk, counts in zip(self.chunks, self.counts, strict=True)
            if any(verdict > 1 for _, verdict in counts)
        )

    @property
    def whole(self) -> tuple[bool, ...]:
        """Whether each chunk keeps all its rows."""
        return tuple(all(verdict == KEPT for _, verdict in counts) for counts in self.counts)


def judge(engine: DuckDB, batch: Batch) -> Judgement:
    """Divide the rows of a batch, many small files in one chunk and a large file in many."""
    chunks = _divided(batch)

    def count(connection: Connection, chunk: Chunk) -> Counter[tuple[str, int]]:
        batch.guard(connection)
        rows = connection.rows(
            f"SELECT __file, __verdict, count(*) FROM {batch.rows(chunk)} GROUP BY ALL",
            step="check rows",
        )
        return Counter({(file_id, verdict): number for file_id, verdict, number in rows})

    return Judgement(batch, tuple(chunks), tuple(engine.map(count, chunks)))


def _divided(batch: Batch) -> list[Chunk]:
    chunks: list[Chunk] = []
    pending: list[Staged] = []
    for file in batch.files:
        large = file.rows > _CHUNK_ROWS
        if pending and (large or sum(one.rows for one in pending) + file.rows > _CHUNK_ROWS):
            chunks.append(Chunk(tuple(pending)))
            pending = []
        if large:
            chunks += _slices(file)
        else:
            pending.append(file)
    return [*chunks, Chunk(tuple(pending))] if pending else chunks


def _slices(file: Staged) -> list[Chunk]:
    count = -(-file.rows // _CHUNK_ROWS)
    edges = [file.rows * number // count for number in range(count + 1)]
    return [Chunk((file,), first, last) for first, last in itertools.pairwise(edges)]
