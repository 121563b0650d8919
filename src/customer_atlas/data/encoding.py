"""Bytes made readable: unpacked, and text turned into UTF-8 with one kind of line end."""

from __future__ import annotations

import codecs
import gzip
import lzma
import re
import shutil
import struct
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from customer_atlas.data.files import SourceFile
from customer_atlas.errors import SourceError

__all__ = ["Readable", "beginning", "is_binary", "readable_text", "unpacked"]

_DAMAGES = (
    zipfile.BadZipFile,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    RuntimeError,
    ValueError,
)
_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\N{REPLACEMENT CHARACTER}]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Readable:
    """A UTF-8 file that an engine can read, and what had to be guessed to make it."""

    path: Path
    notes: tuple[str, ...] = ()


def unpacked(file: SourceFile, scratch: Path) -> Path:
    """Return a plain file with the content of `file`: itself, or a copy below `scratch`.

    Raises:
        SourceError: the file cannot be read, or is a damaged archive.
    """
    if file.member is None and not file.gzipped:
        return file.file
    target = scratch / f"{file.file_id}.unpacked"
    try:
        with ExitStack() as stack, target.open("wb") as out:
            shutil.copyfileobj(_opened(file, stack), out, _BLOCK)
    except _DAMAGES as error:
        raise SourceError(
            f"{file.path} is damaged or cannot be unpacked ({error}). "
            "Copy it again from where it came from."
        ) from None
    return target


def beginning(file: SourceFile, limit: int, scratch: Path) -> tuple[SourceFile, bool]:
    """Return a file with the first lines of `file`, at most `limit` bytes, and whether it was cut.

    A file that is read otherwise than line by line is returned as it is.

    Raises:
        SourceError: the file cannot be read, or is a damaged archive.
    """
    lines = file.format == "delimited" or file.path.lower().endswith((".jsonl", ".ndjson"))
    packed = file.gzipped or file.member is not None
    if not lines or (not packed and file.size <= limit):
        return file, False
    try:
        with ExitStack() as stack:
            stream = _opened(file, stack)
            head = stream.read(limit)
            cut = bool(stream.read(1))
    except _DAMAGES as error:
        raise SourceError(
            f"{file.path} is damaged or cannot be unpacked ({error}). "
            "Copy it again from where it came from."
        ) from None
    if cut:
        # In UTF-16 the byte of a line end has another beside it.
        end = head.rfind(b"\n") + 1
        head = head[: end + (head[end : end + 1] == b"\0")] if end else head
    target = scratch / f"{file.file_id}.beginning"
    target.write_bytes(head)
    return replace(file, file=target, member=None, gzipped=False, size=len(head)), cut


def readable_text(path: Path, file: SourceFile, declared: str | None, scratch: Path) -> Readable:
    """Return `path` itself where it is UTF-8 with one kind of line end, else a copy that is.

    Raises:
        SourceError: the declared encoding is unknown or does not fit.
    """
    try:
        encoding, errors, notes = _declared(declared) if declared else _detected(path)
        plain = encoding in ("utf-8", "utf-8-sig") and errors == "strict"
        if plain and declared and _first_invalid(path) is not None:
            raise UnicodeError
        if plain and not _has_mixed_line_ends(path):
            return Readable(path, notes)
        target = scratch / f"{file.file_id}.text"
        with (
            path.open(encoding=encoding, errors=errors) as text,
            target.open("w", encoding="utf-8", newline="\n") as out,
        ):
            shutil.copyfileobj(text, out, _BLOCK)
    except LookupError:
        raise SourceError(
            f"{file.path}: '{declared}' is not an encoding; use such as utf-8, utf-16 or cp1252."
        ) from None
    except UnicodeError:
        raise SourceError(
            f"{file.path} is not written in {declared or 'the encoding that it begins with'}; "
            "write its name as `read.encoding`, such as utf-8, utf-16 or cp1252."
        ) from None
    except OSError as error:
        raise SourceError(f"{file.path} cannot be read: {error.strerror}") from None
    return Readable(target, tuple(f"{file.path}: {note}" for note in notes))


def is_binary(path: Path) -> bool:
    """Say whether a UTF-8 file holds no text, judged by the control characters at its start."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        text = stream.read(1 << 16)
    return len(_CONTROL.findall(text)) > 0.05 * len(text)


def _opened(file: SourceFile, stack: ExitStack) -> IO[bytes]:
    if file.member is not None:
        archive = stack.enter_context(zipfile.ZipFile(file.file))
        stream: IO[bytes] = stack.enter_context(archive.open(file.member))
    else:
        stream = stack.enter_context(file.file.open("rb"))
    if file.gzipped:
        # GzipFile closes nothing that it did not open; the stack does.
        return cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=stream)))
    return stream


def _declared(name: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        canonical = codecs.lookup(name).name
    except ValueError as error:
        raise LookupError(name) from error
    return ("utf-8-sig" if canonical == "utf-8" else canonical), "strict", ()


def _detected(path: Path) -> tuple[str, str, tuple[str, ...]]:
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, "strict", ()
    if wide := _wide_without_mark(head):
        return wide, "strict", (f"read as {wide}",)
    broken = _first_invalid(path)
    if broken is None:
        return "utf-8", "strict", ()
    return _legacy(broken)


def _wide_without_mark(head: bytes) -> str | None:
    if len(head) < 4:
        return None
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.4 * len(odd):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.4 * len(even) else None


def _first_invalid(path: Path) -> bytes | None:
    """Return the bytes around the first that are not UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return (before + block + stream.read(_BLOCK))[-3 * _BLOCK :]
            before = block
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return before
    return None


def _legacy(sample: bytes) -> tuple[str, str, tuple[str, ...]]:
    text = sample.decode("utf-8", "replace")
    wrong = text.count("\N{REPLACEMENT CHARACTER}")
    right = sum(not character.isascii() for character in text) - wrong
    if right > 4 * wrong:
        return (
            "utf-8",
            "replace",
            ("some bytes are not UTF-8 and read as \N{REPLACEMENT CHARACTER}",),
        )
    guess = _guess(sample)
    return guess, "replace", (f"not UTF-8; read as {guess}",)


def _guess(sample: bytes) -> str:
    import charset_normalizer

    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())[:65536]
    best = charset_normalizer.from_bytes(telling).best()
    # A short sample fits many code pages; only a telling one may overrule the commonest.
    if best is None or len(telling) < 2000 or best.encoding in ("utf_8", "ascii", "latin_1"):
        return "cp1252"
    return best.encoding


def _has_mixed_line_ends(path: Path) -> bool:
    both = lone = 0
    last = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            # A pair may lie across two blocks.
            pairs = block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
            both, lone = both + pairs, lone + block.count(b"\n") - pairs
            last = block[-1:]
    return bool(both and lone)
