"""`atlas bias`: protected groups in the segments, and what gives them away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from customer_atlas.cli.bias_page import bias_document, bias_page, mitigation_page
from customer_atlas.cli.output import (
    AsJson,
    ProjectPath,
    SegmentationName,
    emit,
    emit_json,
    telling,
)
from customer_atlas.errors import UsageError

__all__ = ["bias"]

_DOES_NOT_HOLD = 3


def bias(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    mitigate: Annotated[
        str,
        typer.Option(
            "--mitigate",
            metavar="ATTRIBUTE",
            help="Say what segments without this attribute would be, and cost; none is served.",
        ),
    ] = "",
    inside: Annotated[
        str,
        typer.Option(
            "--inside",
            metavar="SEGMENT",
            help="Audit the sub-segments of this segment, by its id or name, among its customers.",
        ),
    ] = "",
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="End with exit code 3 where the four-fifths rule fails with certainty."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Say which protected groups are where, what gives them away, and what is done to whom."""
    from customer_atlas.pipeline import bias_of, mitigation_of
    from customer_atlas.project import Atlas

    if mitigate and inside:
        raise UsageError("--mitigate is of the broad segments: leave out --inside.")
    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        without = mitigation_of(published, mitigate, told) if mitigate else None
        whole = published.segment(inside) if inside else None
        report = bias_of(published, told, whole)
    if json:
        emit_json(bias_document(report, without))
    elif without:
        emit(*mitigation_page(without))
    else:
        emit(*bias_page(report, whole.name if whole else ""))
    if strict and report.fails:
        raise typer.Exit(_DOES_NOT_HOLD)
