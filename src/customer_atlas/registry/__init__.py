"""The registry: generations, runs and pins in one SQL schema."""

from __future__ import annotations

from customer_atlas.registry.lock import exclusive
from customer_atlas.registry.records import (
    FileRecord,
    GenerationRecord,
    LedgerRecord,
    NoteRecord,
    RunRecord,
    RunStatus,
    SegmentRecord,
    ServingRecord,
    SourceRecord,
)
from customer_atlas.registry.registry import Registry

__all__ = [
    "FileRecord",
    "GenerationRecord",
    "LedgerRecord",
    "NoteRecord",
    "Registry",
    "RunRecord",
    "RunStatus",
    "SegmentRecord",
    "ServingRecord",
    "SourceRecord",
    "exclusive",
]
