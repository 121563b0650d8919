"""Changes: which files of a source must be read, and whose rows must go."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from customer_atlas.config import ProjectFile
from customer_atlas.data.contacts import Contacts
from customer_atlas.data.files import SourceFile, digest_of, find_files
from customer_atlas.errors import SourceError
from customer_atlas.registry import FileRecord, SourceRecord

__all__ = ["Changes", "definition_of", "find_changes"]

# Raised when the same project file and bytes would make other rows.
_READER = 2
_ARCHIVE = re.compile(r"(.*?\.zip)::", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Changes:
    """What there is to do for a source.

    `read` are the files to read, with `digests` by path; `touched` records of files whose time
    alone changed; `unchanged` counts files that need no reading; `gone` are paths that are no
    longer there and keep their rows; `dropped` records of files whose rows must go; `replaced`
    ids of files whose rows make room for new ones. `anew` says that the whole table is.
    """

    read: tuple[SourceFile, ...]
    digests: Mapping[str, str]
    touched: tuple[FileRecord, ...]
    unchanged: int
    gone: tuple[str, ...]
    dropped: tuple[FileRecord, ...]
    replaced: tuple[str, ...]
    anew: bool
    notes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no row of the lake changes."""
        return not (self.read or self.dropped or self.anew)


def definition_of(file: ProjectFile, source: str, buckets: int, contacts: Contacts) -> str:
    """Return the hash of all that decides how a source's files are read."""
    beside = {"path", "labels", "scales", "types"}  # what is read in is the same without them
    declared = file.project.sources[source].model_dump(mode="json", exclude=beside)
    decides = {
        "source": declared,
        "timezone": file.project.timezone,
        "buckets": buckets,
        "reader": _READER,
        "contacts": [sorted(contacts.names), contacts.policy, contacts.fingerprint],
    }
    text = json.dumps(decides, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def find_changes(
    file: ProjectFile,
    source: str,
    record: SourceRecord | None,
    known: Mapping[str, FileRecord],
    buckets: int,
    contacts: Contacts,
) -> Changes:
    """Compare the files that a source has with those that were read.

    Raises:
        SourceError: the source has no file, and never had.
    """
    patterns = [
        file.resolve(pattern, "sources", source, "path")
        for pattern in file.project.sources[source].path
    ]
    found, unmatched = find_files(patterns, file.folder)
    lake = (file.folder / file.project.state.lake).resolve()
    found = [one for one in found if not one.file.resolve().is_relative_to(lake)]
    if not found and not known:
        listed = ", ".join(f"'{pattern}'" for pattern in patterns)
        raise SourceError(
            f"{file.where('sources', source, 'path')}: no file matches {listed} in {file.folder}. "
            "Put the files there, or correct the path."
        )
    notes = tuple(f"nothing matches '{pattern}'" for pattern in unmatched)
    if record is None or record.definition != definition_of(file, source, buckets, contacts):
        return _anew(found, known, notes)
    return _compared(file, source, found, known, notes)


def _anew(
    found: Sequence[SourceFile], known: Mapping[str, FileRecord], notes: tuple[str, ...]
) -> Changes:
    paths = {one.path for one in found}
    lost = tuple(record for path, record in known.items() if path not in paths)
    if lost and not found:
        raise SourceError(
            "The definition of a source changed, and none of its files is there any more: "
            f"{lost[0].path} and its like cannot be read again. Put them back, or undo the change."
        )
    if kept := sum(record.kept for record in lost):
        notes += (
            f"the definition changed and {len(lost)} files are gone: they could not be read "
            f"again, and their {kept} rows left the table",
        )
    return Changes(tuple(found), _digests(found), (), 0, (), lost, (), True, notes)


def _compared(
    file: ProjectFile,
    source: str,
    found: Sequence[SourceFile],
    known: Mapping[str, FileRecord],
    notes: tuple[str, ...],
) -> Changes:
    new = [one for one in found if one.path not in known]
    moved = [one for one in found if one.path in known and not _is_same(one, known[one.path])]
    digests = _digests([*new, *moved])
    changed = [one for one in moved if digests[one.path] != known[one.path].digest]
    touched = [one for one in moved if one not in changed]
    paths = {one.path for one in found}
    missing = [path for path in known if path not in paths]
    moves = {(digests[one.path], _member(one.path)): one.path for one in new}
    dropped = [
        known[path]
        for path in missing
        if _is_elsewhere(file.folder, path) or (known[path].digest, _member(path)) in moves
    ]
    notes += tuple(
        f"{record.path} is now {moves[record.digest, _member(record.path)]}"
        for record in dropped
        if (record.digest, _member(record.path)) in moves
    )
    again = _may_hold_duplicates(found, known, changed) if changed or dropped else []
    digests |= {one.path: known[one.path].digest for one in again}
    read = sorted([*new, *changed, *again], key=lambda one: one.path)
    return Changes(
        read=tuple(read),
        digests=digests,
        touched=tuple(
            replace(known[one.path], modified_ns=one.modified_ns)
            for one in touched
            if one not in again
        ),
        unchanged=len(found) - len(read),
        gone=tuple(path for path in missing if known[path] not in dropped),
        dropped=tuple(dropped),
        replaced=tuple(
            sorted({one.file_id for one in (*changed, *again)} | {one.file_id for one in dropped})
        ),
        anew=False,
        notes=notes,
    )


def _is_same(file: SourceFile, record: FileRecord) -> bool:
    return (file.size, file.modified_ns) == (record.size, record.modified_ns)


def _is_elsewhere(folder: Path, path: str) -> bool:
    """Say whether a file, or its archive, is there, and the source has no more use for it."""
    archive = _ARCHIVE.match(path)
    return (folder / path).is_file() or (archive is not None and (folder / archive[1]).is_file())


def _member(path: str) -> str:
    """Return the part of a path that lies within an archive; empty for a plain file."""
    archive = _ARCHIVE.match(path)
    return path[archive.end() :] if archive else ""


def _may_hold_duplicates(
    found: Sequence[SourceFile], known: Mapping[str, FileRecord], changed: Sequence[SourceFile]
) -> list[SourceFile]:
    """Return files that lost rows to others: what they lost them to may be going."""
    return [
        one
        for one in found
        if one.path in known and known[one.path].deduplicated and one not in changed
    ]


def _digests(files: Sequence[SourceFile]) -> dict[str, str]:
    by_file = {one.file: one for one in files}
    digests = {path: digest_of(one) for path, one in by_file.items()}
    return {one.path: digests[one.file] for one in files}
