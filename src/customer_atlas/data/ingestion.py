"""Ingestion: every source of a project brought up to date, and pinned in one transaction."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from customer_atlas.config import ProjectFile
from customer_atlas.data.changes import Changes, find_changes
from customer_atlas.data.contacts import Contacts
from customer_atlas.data.lake import Lake
from customer_atlas.data.report import Counts, SourceReport, reasons_of
from customer_atlas.data.source_ingestion import Ingested, SourceIngestion
from customer_atlas.engine import DuckDB
from customer_atlas.registry import FileRecord, Registry, SourceRecord

__all__ = ["ingest"]


def ingest(
    file: ProjectFile,
    lake: Lake,
    registry: Registry,
    engine: DuckDB,
    progress: Callable[[str], None] = lambda _: None,
) -> list[SourceReport]:
    """Read the new and changed files of every source into the lake.

    Only the registry's pins say what counts, and they move together at the end: whatever died
    between a commit and the pins is undone by the next ingestion. One process at a time: the
    caller holds `registry.exclusive`.

    Args:
        file: the project.
        lake: where tables are.
        registry: where versions are pinned.
        engine: where queries run.
        progress: called with a short sentence at each step.

    Returns:
        One report a source, in the order of the project file.

    Raises:
        SourceError: a source cannot be read, or nothing in it can be used.
        ConfigError: the mapping of a source does not fit its columns.
        LakeError: a table of the lake is damaged.
    """
    pins = registry.sources()
    now = datetime.now(UTC)
    contacts = Contacts.of(file.project, lake.root.parent)
    scratch = lake.root / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    done: dict[str, tuple[Changes, Mapping[str, FileRecord], Ingested | None]] = {}
    took: dict[str, float] = {}
    try:
        for source in file.project.sources:
            begun = time.perf_counter()
            known = dict(registry.files(source))
            _recover(lake, source, pins.get(source))
            pin = _present(lake, source, pins.get(source))
            changes = find_changes(file, source, pin, known, lake.buckets, contacts)
            done[source] = changes, known, None
            if changes.is_empty:
                continue
            folder = scratch / source
            folder.mkdir(parents=True)
            ingestion = SourceIngestion(file, source, lake, engine, folder, contacts, progress)
            done[source] = changes, known, ingestion.run(changes, known, now)
            shutil.rmtree(folder)
            took[source] = round(time.perf_counter() - begun, 3)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    progress("pinning versions")
    _pin(registry, done)
    progress("pinned")
    return [
        _report(source, registry, changes, ingested, pins.get(source), took.get(source, 0.0))
        for source, (changes, _, ingested) in done.items()
    ]


def _recover(lake: Lake, source: str, pin: SourceRecord | None) -> None:
    """Undo commits that no pin followed: the process that made them died."""
    lake.table(source).restore(pin.version if pin else None)
    lake.quarantine(source).restore(pin.quarantine_version if pin else None)


def _present(lake: Lake, source: str, pin: SourceRecord | None) -> SourceRecord | None:
    """Return the pin while its tables are there; a lake that was deleted is read anew."""
    if pin is None or lake.table(source).version() is None:
        return None
    refused = pin.quarantine_version is not None
    return None if refused and lake.quarantine(source).version() is None else pin


def _pin(
    registry: Registry,
    done: Mapping[str, tuple[Changes, Mapping[str, FileRecord], Ingested | None]],
) -> None:
    sources = [ingested.source for _, _, ingested in done.values() if ingested]
    files = [
        record
        for changes, _, ingested in done.values()
        for record in (*changes.touched, *(ingested.files if ingested else ()))
    ]
    dropped = [(one.source, one.path) for changes, _, _ in done.values() for one in changes.dropped]
    if sources or files or dropped:
        registry.record_ingestion(sources, files, dropped)


def _report(
    source: str,
    registry: Registry,
    changes: Changes,
    ingested: Ingested | None,
    pin: SourceRecord | None,
    seconds: float,
) -> SourceReport:
    records = ingested.files if ingested else ()
    everything = registry.files(source).values()
    record = ingested.source if ingested else pin
    assert record is not None
    counts = Counts.of(records)
    return SourceReport(
        source=source,
        files_read=len(changes.read),
        files_unchanged=changes.unchanged,
        files_gone=len(changes.gone),
        read=counts.read,
        kept=counts.kept,
        filtered=counts.filtered,
        quarantined=counts.quarantined,
        deduplicated=counts.deduplicated,
        totals=Counts.of(everything),
        reasons=reasons_of(records),
        total_reasons=reasons_of(everything),
        look_alikes=record.look_alikes,
        notes=ingested.source.notes if ingested else changes.notes,
        changed=ingested is not None,
        version=record.version,
        seconds=seconds,
    )
