"""`atlas report`: the segments as one page to read and to forward."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.output import AsJson, ProjectPath, SegmentationName, emit, emit_json

__all__ = ["report"]


def report(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write: .html.")
    ] = Path("report.html"),
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Write the segments as one HTML file with charts, to read, print and forward."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        written = atlas.report(output, segmentation)
    if json:
        emit_json(asdict(written))
    else:
        emit(f"Wrote {written.path}, {written.bytes / 1e6:.1f} MB: open it in any browser.")
