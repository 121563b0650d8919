"""What every command shares: options, consoles, progress, JSON and errors."""

from __future__ import annotations

import codecs
import json
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from customer_atlas.errors import AtlasError
    from customer_atlas.pipeline import Progress as Told

__all__ = [
    "AsJson",
    "ProjectPath",
    "SegmentationName",
    "emit",
    "emit_json",
    "print_what_can_be",
    "report_error",
    "telling",
]

ProjectPath = Annotated[Path, typer.Option("--project", "-p", help="The project file.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
SegmentationName = Annotated[str, typer.Option("--segmentation", "-s", help="Which segmentation.")]


_NEAREST = str.maketrans(
    {
        "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u2013": "-", "\u2014": "-",
        "\u2026": "...",
    }
)  # fmt: skip


def print_what_can_be() -> None:
    """Print letters that the terminal does not have as their nearest, instead of failing."""
    codecs.register_error("nearest", _nearest)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="nearest")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """Return what stands in for letters that cannot be written.

    >>> _nearest(UnicodeEncodeError("ascii", "\u201cÄrzte\u201d 日", 0, 9, ""))
    ('"Arzte" ?', 9)
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end].translate(_NEAREST)
    plain = (unicodedata.normalize("NFKD", sign).encode("ascii", "ignore") for sign in signs)
    return "".join(one.decode() or "?" for one in plain), error.end


def emit(*renderables: Any) -> None:
    """Print for people."""
    # A path may hold what looks like markup, [b] or :key:, and is printed as it is.
    console = Console(highlight=False, markup=False, emoji=False)
    for renderable in renderables:
        # A sentence or a path is never broken: people copy it.
        console.print(renderable, soft_wrap=isinstance(renderable, str))


def emit_json(document: Any) -> None:
    """Print one JSON document on stdout, in ASCII where stdout cannot take all its letters."""
    text = json.dumps(document, default=_plain, ensure_ascii=False, indent=1)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(document, default=_plain, indent=1)
    sys.stdout.write(text + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def report_error(error: AtlasError, *, as_json: bool) -> None:
    """Say what went wrong, in words on stderr; with `as_json` as a document on stdout too."""
    Console(stderr=True, highlight=False).print(Text(str(error), style="red"), soft_wrap=True)
    if as_json:
        with suppress(OSError):  # the error may be that nothing can be written there
            emit_json({"error": {"type": type(error).__name__, "message": str(error)}})


@contextmanager
def telling(*, quiet: bool) -> Iterator[Told]:
    """Show steps as they go: a bar on a terminal, nothing elsewhere or when `quiet`."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda step, done=0, total=0: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def told(step: str, done: int = 0, total: int = 0) -> None:
            told = f"{step}, {done} of {total}" if total else step
            bar.update(task, description=told, completed=done, total=total or None)

        yield told
