"""Where a test's registry lives, records to fill it, and processes that use it and die."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from customer_atlas.registry import FileRecord, GenerationRecord, Registry, SourceRecord

__all__ = [
    "COUNTS",
    "NOON",
    "Place",
    "a_file",
    "a_generation",
    "a_source",
    "promotable",
    "scripted",
]

NOON = datetime(2025, 6, 1, 12, 30, 15, 123456, tzinfo=UTC)
COUNTS = {"read": 10, "kept": 6, "filtered": 1, "quarantined": 2, "deduplicated": 1}


@dataclass(frozen=True)
class Place:
    """An address and the folder that it starts from."""

    url: str
    folder: Path

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def open(self) -> Registry:
        return Registry.open(self.url, self.folder)


def a_source(source: str = "orders", version: int = 0, definition: str = "d0") -> SourceRecord:
    return SourceRecord(
        source, definition, version, version + 1, 3, ("two columns look alike",), NOON
    )


def a_file(
    path: str = "a.csv",
    source: str = "orders",
    digest: str = "x",
    counts: Mapping[str, int] = COUNTS,
) -> FileRecord:
    return FileRecord(
        source, path, f"id-{path}", 2**40, 1_700_000_000_123_456_789, digest,
        **counts, reasons={"bad_amount": 2},
    )  # fmt: skip


def a_generation(run: int, segmentation: str = "main", *, id: int = 0) -> GenerationRecord:
    return GenerationRecord(
        id=id,
        segmentation=segmentation,
        created_at=NOON,
        run=run,
        as_of=NOON,
        seed=2**40,
        definition="abc",
        config={"packs": ["rfm"], "nested": {"share": 0.1, "none": None}},
        table_versions={"orders": 4},
        metrics={"silhouette": 1 / 3},
        artifacts="generations/1",
        libraries={"numpy": "2.4.6"},
    )


def promotable(registry: Registry, segmentation: str = "main") -> tuple[int, int]:
    """A new generation and the run that made it."""
    run = registry.start_run(segmentation)
    return registry.add_generation(a_generation(run, segmentation)), run


@contextmanager
def scripted(place: Place, script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A real process running `script` with `url` and `folder` at hand; killed at the end."""
    start = "import sys; from pathlib import Path; url, folder = sys.argv[1], Path(sys.argv[2])\n"
    code = start + textwrap.dedent(script)
    process = subprocess.Popen(
        [sys.executable, "-c", code, place.url, place.folder, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
