"""`atlas check`: how ready the data is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from customer_atlas.cli.output import AsJson, ProjectPath, emit, emit_json, telling
from customer_atlas.cli.readiness import readiness_page

if TYPE_CHECKING:
    from customer_atlas.data import Readiness

__all__ = ["check", "readiness_document"]

_DOES_NOT_HOLD = 3


def check(
    project: ProjectPath = Path("atlas.yaml"),
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 3 where something does not hold.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Say how ready the data is, column by column, and what to mend first."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas, telling(quiet=json) as progress:
        ready = atlas.check(progress)
    if json:
        emit_json(readiness_document(ready, columns=True))
    else:
        emit(readiness_page(ready))
    if strict and not ready.holds:
        raise typer.Exit(_DOES_NOT_HOLD)


def readiness_document(ready: Readiness, *, columns: bool = False) -> dict[str, Any]:
    """Return how ready the data is as JSON values; with the profiles of all `columns`, or not."""
    document: dict[str, Any] = {
        "score": ready.score,
        "holds": ready.holds,
        "compared_with_run": ready.compared_with,
        "scores": dict(ready.scores.sources),
        "mend_first": [asdict(one) for one in ready.mend_first],
        "findings": [asdict(one) for one in ready.findings],
    }
    if columns:
        document["column_scores"] = {
            source: dict(found) for source, found in ready.scores.columns.items()
        }
        document["sources"] = [asdict(one) for one in ready.profile.sources]
    return document
