"""`atlas stories`: a paragraph about each segment, phrased by a model where one is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from customer_atlas.cli.output import (
    AsJson,
    ProjectPath,
    SegmentationName,
    emit,
    emit_json,
    telling,
)
from customer_atlas.cli.render import headline, plain

if TYPE_CHECKING:
    from customer_atlas.pipeline import Asking
    from customer_atlas.registry import LedgerRecord
    from customer_atlas.segments import Segment, Story

__all__ = ["stories"]


def stories(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    anew: Annotated[
        bool, typer.Option("--anew", help="Ask the model again, where it has told a story before.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Tell a paragraph about each segment; a model phrases them where the project declares one."""
    from customer_atlas.pipeline import ask_for_stories
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        segments = published.every_segment
        asking = ask_for_stories(published, told, anew=anew) if atlas.project.stories else None
        found = asking.stories if asking else published.stories
        changes = [
            one for one in published.ledger if one.generation == published.pointer.generation
        ]
    if json:
        emit_json(_document(segments, found, asking) | {"changes": [_told(one) for one in changes]})
    else:
        emit(*_page(segments, found, asking), *_changes(changes))


def _document(
    segments: list[Segment], found: Mapping[str, Story], asking: Asking | None
) -> dict[str, Any]:
    asked = ("model", "requests", "tokens", "kept", "notes", "seconds")
    return {
        "stories": [{"segment": one.name} | found[one.id].to_dict() for one in segments],
        "asked": {name: getattr(asking, name) for name in asked} if asking else None,
    }


def _page(
    segments: list[Segment], found: Mapping[str, Story], asking: Asking | None
) -> Iterator[Any]:
    for segment in segments:
        story = found[segment.id]
        yield headline(segment.name, segment.id)
        yield Text(plain(story.text))
        if asking:
            yield Text(plain(_by(story)), "dim")
        yield ""
    if asking:
        yield Text(plain(_sum(asking)), "dim")


def _changes(changes: Sequence[LedgerRecord]) -> Iterator[Any]:
    if changes and (before := changes[0].before) is not None:
        yield Text(f"Since generation {before}", "bold")
        for one in changes:
            yield Text(plain(_told(one)))
            yield ""


def _told(change: LedgerRecord) -> str:
    return str(change.evidence.get("story", change.sentence))


def _by(story: Story) -> str:
    """Say who phrased a story, and what of it was not taken."""
    if story.note:
        return f"Told by the template. {story.note}"
    said = f"Phrased by {story.by}; {story.verified:.0%} of its sentences were verified."
    wrong = (f"Not taken: {one.sentence} ({'; '.join(one.wrong)})" for one in story.rejected)
    return " ".join((said, *wrong))


def _sum(asking: Asking) -> str:
    requests = "1 request" if asking.requests == 1 else f"{asking.requests:,} requests"
    kept = f", {asking.kept} kept from before" if asking.kept else ""
    return (
        f"{asking.model}: {requests}, {asking.tokens:,} tokens{kept}, {asking.seconds:.1f} seconds."
    )
