"""`atlas explain`: why a customer is where they are, what drives a segment, what a feature is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.explanation_page import (
    customer_explanation_page,
    segment_explanation_page,
)
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

app = typer.Typer(no_args_is_help=True, help="Explain a customer, a segment, a feature.")


@app.callback()
def _group() -> None:
    """Explain a customer, a segment, a feature."""


Within = Annotated[
    int,
    typer.Option("--within", min=14, max=365, help="In how many days acts are done."),
]


@app.command()
def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id.")],
    within: Within = 30,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Explain a customer: why they are in their segment, and what would move them."""
    from customer_atlas.pipeline import Explainer
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        found = Explainer(atlas.published(segmentation), within, told).customer(customer_id)
    if json:
        emit_json(found.to_dict())
    else:
        emit(*customer_explanation_page(found))


@app.command()
def segment(
    name: Annotated[str, typer.Argument(metavar="ID", help="The segment's id or name.")],
    within: Within = 30,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Explain a segment: what drives it, and where its customers would come by acting."""
    from customer_atlas.pipeline import Explainer
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        found = Explainer(atlas.published(segmentation), within, told).segment(name)
    if json:
        emit_json(found.to_dict())
    else:
        emit(*segment_explanation_page(found))


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
