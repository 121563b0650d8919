"""What the registry remembers, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

__all__ = [
    "FileRecord",
    "GenerationRecord",
    "LedgerRecord",
    "NoteRecord",
    "RunRecord",
    "RunStatus",
    "SegmentRecord",
    "ServingRecord",
    "SourceRecord",
]

RunStatus = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True)
class FileRecord:
    """One file of a source as it was last ingested, and what became of its rows.

    `size` is in bytes, `modified_ns` in nanoseconds since 1970, the five counts are rows, and
    ``read == kept + filtered + quarantined + deduplicated``. `reasons` counts the quarantined
    rows by reason code.
    """

    source: str
    path: str
    file_id: str
    size: int
    modified_ns: int
    digest: str
    read: int
    kept: int
    filtered: int
    quarantined: int
    deduplicated: int
    reasons: Mapping[str, int]


@dataclass(frozen=True)
class SourceRecord:
    """The versions of a source's lake tables that readers read.

    `definition` is a hash of all that decides how the source is read; `version` and
    `quarantine_version` are Delta versions; `look_alikes` counts rows that merely look alike.
    """

    source: str
    definition: str
    version: int
    quarantine_version: int | None
    look_alikes: int
    notes: tuple[str, ...]
    ingested_at: datetime


@dataclass(frozen=True)
class RunRecord:
    """One run of a segmentation: when, on what inputs, and how it ended.

    `inputs` is a hash of all that decides the result, `as_of` the cutoff of the features,
    `generation` the id that the run trained or scored with, `outcome` and `error` a sentence.
    """

    id: int
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None
    inputs: str | None
    as_of: datetime | None
    segmentation: str
    generation: int | None
    outcome: str | None
    metrics: Mapping[str, Any]
    error: str | None


@dataclass(frozen=True)
class GenerationRecord:
    """One trained segmentation: immutable, with what is needed to make it again.

    `id` is 0 until the registry has numbered the record. `definition` is a hash of `config`;
    `table_versions` holds the Delta version by source; `artifacts` is a folder relative to the
    lake; `libraries` holds the version by package.
    """

    id: int = field(default=0, kw_only=True)
    segmentation: str
    created_at: datetime
    run: int
    as_of: datetime
    seed: int
    definition: str
    config: Mapping[str, Any]
    table_versions: Mapping[str, int]
    metrics: Mapping[str, Any]
    artifacts: str
    libraries: Mapping[str, str]


@dataclass(frozen=True)
class ServingRecord:
    """The pointer that readers follow: the memberships of `run`, scored with `generation`."""

    segmentation: str
    generation: int
    run: int
    since: datetime


@dataclass(frozen=True)
class NoteRecord:
    """What somebody wrote of a segment; `of` is the segment that it was written of first."""

    at: str
    of: str
    text: str


@dataclass(frozen=True)
class SegmentRecord:
    """A segment that keeps its identity across generations, and what people say of it.

    `born` and `ended` are generations, the latter None while it serves. `name` is what was last
    found, `given_name` what a person calls it instead.
    """

    segmentation: str
    id: str
    level: int
    parent: str | None
    born: int
    ended: int | None
    name: str
    given_name: str | None = None
    owner: str | None = None
    notes: tuple[NoteRecord, ...] = ()

    @property
    def called(self) -> str:
        """The name that people see."""
        return self.given_name or self.name


@dataclass(frozen=True)
class LedgerRecord:
    """What became of segments when a generation took over from the one `before`.

    `segments` are the ids of all that it names; `evidence` holds the counts and shares that the
    `sentence` rests on.
    """

    segmentation: str
    generation: int
    before: int | None
    run: int
    as_of: datetime
    level: int
    kind: str
    segments: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, Any]
