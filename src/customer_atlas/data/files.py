"""The files of a source: found by file, glob or folder, and known by path, size and time."""

from __future__ import annotations

import glob
import hashlib
import os
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from customer_atlas.engine import literal
from customer_atlas.errors import SourceError

__all__ = ["Format", "SourceFile", "data_files", "digest_of", "file_literal", "find_files"]

Format = Literal["delimited", "json", "parquet"]

_FORMATS: dict[str, Format] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_MEMBER = "::"


@dataclass(frozen=True)
class SourceFile:
    """One table's worth of bytes: a file, or a member of a zip archive.

    `path` is relative to the project's folder where possible, with ``::member`` for a member;
    `size` is in bytes, of the member where there is one; `modified_ns` is the file's.

    >>> file = SourceFile("a/b.csv", Path("/p/a/b.csv"), None, "delimited", False, 10, 0)
    >>> file.file_id
    'c07ecef640c5f660'
    """

    path: str
    file: Path
    member: str | None
    format: Format
    gzipped: bool
    size: int
    modified_ns: int

    @property
    def file_id(self) -> str:
        """What the rows of this file carry in `_file`: a digest of the path."""
        encoded = self.path.encode("utf-8", "surrogateescape")
        return hashlib.blake2b(encoded, digest_size=8).hexdigest()


def find_files(patterns: Sequence[str], folder: Path) -> tuple[list[SourceFile], list[str]]:
    """Find the files that a source's patterns name.

    A pattern is a file, a glob or a folder, relative to `folder`; hidden files, and files of no
    known format in folders and globs, are passed over.

    Returns:
        The files sorted by path, and the patterns that match nothing.

    Raises:
        SourceError: a pattern names a remote place, or an archive cannot be opened.
    """
    found: dict[str, SourceFile] = {}
    unmatched = []
    for pattern in patterns:
        if "://" in pattern:
            raise SourceError(
                f"'{pattern}' is not on this machine; a source's path is a local file, glob or "
                "folder. Copy the files beside the project file and name them there."
            )
        try:
            matches = [
                entry for path in _matches(pattern, folder) for entry in _entries(path, folder)
            ]
        except (OSError, RuntimeError, ValueError) as error:
            raise SourceError(f"'{pattern[:200]}' cannot be looked up: {_cause(error)}.") from None
        found.update({entry.path: entry for entry in matches})
        if not matches:
            unmatched.append(pattern)
    return _each_once([found[path] for path in sorted(found)]), unmatched


def data_files(folder: Path) -> list[Path]:
    """Return the files below a folder whose names tell a known format, each file once."""
    found = (path for path in sorted(folder.rglob("*")) if _is_data(path, folder))
    return list({os.path.realpath(path): path for path in reversed(list(found))}.values())[::-1]


def file_literal(path: Path) -> str:
    """Return the path of one file as the SQL string to read it by, whatever is in its name.

    >>> file_literal(Path("a/b[1].csv"))
    "'a/b[[]1].csv'"
    """
    # DuckDB would take b[1] for a pattern, and read b1.
    return literal(glob.escape(str(path)))


def digest_of(file: SourceFile) -> str:
    """Return the digest (blake2b, 16 bytes, hex) of a file's bytes as they lie on disk.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with file.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16))
    except OSError as error:
        raise SourceError(f"{file.path} cannot be read: {error.strerror}") from None
    return digest.hexdigest()


def _each_once(files: Sequence[SourceFile]) -> list[SourceFile]:
    """Leave out further names of one file: links to it, and detours over other folders."""
    chosen: dict[tuple[str, str | None], SourceFile] = {}
    for file in sorted(files, key=lambda one: (_is_detour(one.file), one.path)):
        chosen.setdefault((os.path.realpath(file.file), file.member), file)
    return sorted(chosen.values(), key=lambda one: one.path)


def _is_detour(path: Path) -> bool:
    return path.is_symlink() or ".." in path.parts


def _cause(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error).rstrip(".")


def _matches(pattern: str, folder: Path) -> Iterator[Path]:
    relative = Path(pattern).expanduser()
    path = folder / relative
    if path.is_dir():
        yield from (inner for inner in sorted(path.rglob("*")) if _is_data(inner, path))
    elif path.is_file():
        yield path
    elif path.exists():
        raise SourceError(f"'{pattern}' is neither a file nor a folder; write it to a file first.")
    else:
        for text in sorted(glob.glob(str(relative), root_dir=folder, recursive=True)):
            yield from _of_glob(folder / text)


def _of_glob(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (inner for inner in sorted(path.rglob("*")) if _is_data(inner, path))
    elif _is_data(path, path.parent):
        yield path


def _is_data(path: Path, below: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(below).parts)
    known = path.suffix.lower() == ".zip" or _format(path.name) is not None
    return path.is_file() and known and not hidden


def _format(name: str) -> Format | None:
    inner = Path(name[:-3] if name.lower().endswith(".gz") else name)
    return _FORMATS.get(inner.suffix.lower())


def _entries(path: Path, folder: Path) -> Iterator[SourceFile]:
    path = path.absolute()
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    if not _is_unicode(shown.as_posix()):
        raise SourceError(
            f"The name of {shown.as_posix()!a} is not UTF-8; give the file another name."
        )
    if path.suffix.lower() == ".zip":
        yield from _members(path, shown.as_posix())
        return
    status = path.stat()
    yield SourceFile(
        shown.as_posix(),
        path,
        None,
        _format(path.name) or "delimited",
        path.name.lower().endswith(".gz"),
        status.st_size,
        status.st_mtime_ns,
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _members(path: Path, shown: str) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if _is_data_member(info)]
    # A damaged directory shows as any of these.
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, struct.error) as error:
        raise SourceError(
            f"{shown} is a damaged zip archive ({error}). Copy it again from where it came from."
        ) from None
    for info in infos:
        yield SourceFile(
            f"{shown}{_MEMBER}{info.filename}",
            path,
            info.filename,
            _format(info.filename) or "delimited",
            info.filename.lower().endswith(".gz"),
            info.file_size,
            path.stat().st_mtime_ns,
        )


def _is_data_member(info: zipfile.ZipInfo) -> bool:
    parts = Path(info.filename).parts
    hidden = any(part.startswith((".", "_")) for part in parts)
    return not info.is_dir() and not hidden and _format(info.filename) is not None
