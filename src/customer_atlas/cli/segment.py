"""`atlas segment set`: what people say of a segment, which stays when a model is trained anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.output import AsJson, ProjectPath, SegmentationName, emit, emit_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Name a segment, and write of it.")


@app.callback()
def _group() -> None:
    """Name a segment, and write of it."""


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(metavar="ID", help="The segment's id or name.")],
    called: Annotated[
        str | None, typer.Option("--name", help="What to call it; '' for the name that was found.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", help="Who looks after it; '' for nobody.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="A note to add.")] = None,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Name a segment, say who owns it, or add a note; it stays across retraining."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        kept = published.annotate(published.segment(name), name=called, owner=owner, note=note)
    if json:
        emit_json(
            {
                "segment_id": kept.id,
                "name": kept.called,
                "found_name": kept.name,
                "owner": kept.owner,
                "notes": [vars(one) for one in kept.notes],
            }
        )
    else:
        owned = f", owned by {kept.owner}" if kept.owner else ""
        notes = len(kept.notes)
        noted = f", with {notes} note{'s' * (notes != 1)}" if notes else ""
        emit(f"{kept.id} is called {kept.called}{owned}{noted}.")
