"""`atlas explain`: one feature, from its sources to what it is used for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.feature_page import feature_document, feature_page
from customer_atlas.cli.output import (
    AsJson,
    ProjectPath,
    SegmentationName,
    emit,
    emit_json,
    telling,
)

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Explain a feature.")


@app.callback()
def _group() -> None:
    """Explain a feature."""


@app.command()
def feature(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The feature's name.")],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Explain a feature: what it is made of, its values, and how segments differ in it."""
    from customer_atlas.pipeline import explain_feature
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        found = explain_feature(atlas.features(segmentation, told), name)
    if json:
        emit_json(feature_document(found))
    else:
        emit(feature_page(found))
