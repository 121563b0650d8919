"""The report as a file: whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from customer_atlas.errors import UsageError
from customer_atlas.pipeline import Published
from customer_atlas.report.facts import gather
from customer_atlas.report.page import page_html

__all__ = ["ReportFile", "check_place", "write_report", "write_whole"]


@dataclass(frozen=True)
class ReportFile:
    """What was written: where, how many bytes, and what it tells of."""

    path: Path
    bytes: int
    run: int
    generation: int
    segments: int


def write_report(published: Published, path: Path) -> ReportFile:
    """Write the report of what serves.

    Raises:
        UsageError: the file cannot be at that path.
    """
    check_place(path)
    facts = gather(published)
    content = page_html(facts).encode("utf-8")
    write_whole(path, content)
    return ReportFile(path, len(content), facts.run, facts.generation, len(facts.segments))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it, so that a reader never sees half of it."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Refuse a path that no report can be written to, before any work is done."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"Found the file name '{path.name}'; it may end in .html or .htm.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"The folder {path.absolute().parent} does not exist.")
