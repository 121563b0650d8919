"""`atlas ingest` and `atlas run`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from customer_atlas.cli.check import readiness_document
from customer_atlas.cli.output import AsJson, ProjectPath, emit, emit_json, telling
from customer_atlas.cli.render import run_summary, segments_table
from customer_atlas.cli.sources_table import sources_table

if TYPE_CHECKING:
    from customer_atlas.pipeline import RunResult

__all__ = ["ingest", "result_document", "run", "show_results"]


def ingest(project: ProjectPath = Path("atlas.yaml"), json: AsJson = False) -> None:
    """Bring new and changed files into the lake, checked row by row."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas, telling(quiet=json) as progress:
        reports = atlas.ingest(progress)
    if json:
        emit_json({"sources": [asdict(report) for report in reports]})
    else:
        emit(sources_table(reports))


def run(
    project: ProjectPath = Path("atlas.yaml"),
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Run as if it were then: 2026-05-31 or 2026-05-31T18:00."),
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Train anew, even where a generation serves.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Do the whole job: ingest, features, segments, publish. Run again, it does what is new."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas, telling(quiet=json) as progress:
        results = atlas.run(as_of=as_of, refit=refit, progress=progress)
    if json:
        emit_json({"runs": [result_document(result) for result in results]})
    else:
        show_results(results)


def show_results(results: list[RunResult]) -> None:
    """Print what a run did: the sources, then each segmentation's segments."""
    emit(sources_table(results[0].sources))
    for result in results:
        emit(segments_table(result.segments), _summary(result))


def _summary(result: RunResult) -> Any:
    return run_summary(
        run=result.run,
        segmentation=result.segmentation,
        outcome=result.outcome,
        facts={
            "Generation": f"{result.generation}{', trained now' if result.trained else ''}",
            "As of": f"{result.as_of:%Y-%m-%d %H:%M:%S} UTC",
            "Customers": result.customers,
            "Data": f"{result.readiness.score} of 100",
            "Seconds": f"{result.seconds:.1f}",
        },
        warnings=result.warnings,
    )


def result_document(result: RunResult) -> dict[str, Any]:
    """Return what a run did as JSON values."""
    return {
        "segmentation": result.segmentation,
        "run": result.run,
        "generation": result.generation,
        "as_of": result.as_of,
        "customers": result.customers,
        "trained": result.trained,
        "changed": result.changed,
        "outcome": result.outcome,
        "seconds": round(result.seconds, 3),
        "segments": [segment.to_dict() for segment in result.segments],
        "warnings": list(result.warnings),
        "readiness": readiness_document(result.readiness),
        "sources": [asdict(report) for report in result.sources],
    }
