"""`atlas lake`: housekeeping of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.output import AsJson, ProjectPath, emit, emit_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Keep the lake's tables tidy.")


@app.command()
def compact(project: ProjectPath = Path("atlas.yaml"), json: AsJson = False) -> None:
    """Merge the small files of each table."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        merged = atlas.compact()
    if json:
        emit_json({"files_merged": merged})
    else:
        emit(*(f"{source}: {count} files merged" for source, count in merged.items()))


@app.command()
def vacuum(
    project: ProjectPath = Path("atlas.yaml"),
    retention_days: Annotated[
        float, typer.Option(min=0.0, max=36_500.0, help="Keep what versions of the last days need.")
    ] = 30.0,
    json: AsJson = False,
) -> None:
    """Delete files that no recent version and no generation needs."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        deleted = atlas.vacuum(retention_days)
    if json:
        emit_json({"files_deleted": deleted})
    else:
        emit(*(f"{source}: {count} files deleted" for source, count in deleted.items()))
