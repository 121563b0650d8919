"""`atlas show`: segments, one segment, one customer, the ledger, features, one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from customer_atlas.cli.explanation_page import drivers_part
from customer_atlas.cli.features import features_document, features_page
from customer_atlas.cli.ledger_page import (
    dictionary_document,
    dictionary_page,
    history_document,
    history_page,
    ledger_document,
    ledger_page,
)
from customer_atlas.cli.output import (
    AsJson,
    ProjectPath,
    SegmentationName,
    emit,
    emit_json,
    telling,
)
from customer_atlas.cli.render import (
    customer_page,
    run_summary,
    segment_page,
    segments_table,
)
from customer_atlas.cli.rules_page import rules_document, rules_page, rules_table
from customer_atlas.cli.search_page import search_page
from customer_atlas.cli.stability_page import stability_document, stability_page
from customer_atlas.errors import AtlasError, UnknownNameError

if TYPE_CHECKING:
    from customer_atlas.features import LearnedScale
    from customer_atlas.pipeline import Published, RunView
    from customer_atlas.segments import SegmentRule

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Show segments, a segment, a customer, the ledger, features, a run, or stability.",
)


@app.command()
def segments(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Show the segments that serve, the most valuable first, and the rule segments after them."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        found = published.every_segment
        rules = published.rule_segments
        if json:
            learned = [segment.to_dict() for segment in found]
            emit_json([*learned, *(vars(one) | {"kind": "rule"} for one in rules.segments)])
        else:
            emit(segments_table(found), *_doubts(published.kinds))
            if rules.segments:
                emit(rules_table(rules))


def _doubts(kinds: Mapping[str, int]) -> Iterator[Text]:
    from customer_atlas.pipeline import say_doubts

    if said := say_doubts(kinds):
        yield Text(f"Of these customers, {said}.", "dim")


@app.command()
def segment(
    name: Annotated[str, typer.Argument(metavar="ID", help="The segment's id or name.")],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    sql: Annotated[
        str | None,
        typer.Option(
            "--sql",
            metavar="DIALECT",
            help="Print the query of the segment's rule: duckdb, snowflake, bigquery or spark.",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Show one segment: who they are, what drives it, what people say of it, its history."""
    from customer_atlas.pipeline import drivers_of
    from customer_atlas.project import Atlas
    from customer_atlas.segments import standing_of

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        found = published.segment(name)
        parent, inside = published.family(found)
        why = published.why_inside(found)
        rule = published.segment_rules.get(found.id)
        own = published.inside_rules.get(found.id)
        query = _query(rule, published, sql) if sql else None
        if query and not json:
            emit(query)
            return
        outcomes = atlas.outcomes(segmentation)
        said = (standing_of(found), published.dictionary.get(found.id), published.told_of(found))
        drivers = drivers_of(published, told, parent)
        story = published.stories[found.id]
    if json:
        measured = {
            one.name: asdict(one.segments[found.id]) for one in outcomes if found.id in one.segments
        }
        children = [one.id for one in inside]
        driving = drivers.of(found.id)
        shown: dict[str, object] = {"children": children, "inside": why, "outcomes": measured}
        shown |= dictionary_document(*said)
        shown |= {"drivers": driving.to_dict() if driving else None, "fidelity": drivers.fidelity}
        shown |= {"story": story.to_dict()}
        shown |= {"rule": rule.to_dict() if rule else None} | ({"sql": query} if query else {})
        shown |= {"rule_inside": own.to_dict() if own else None}
        emit_json(found.to_dict() | shown)
    else:
        page = segment_page(
            found, outcomes, story=story.text, parent=parent, inside=inside, why=why, rule=rule,
            rule_inside=own,
        )  # fmt: skip
        emit(page, "", *drivers_part(drivers.of(found.id), drivers.fidelity, parent))
        emit(*dictionary_page(*said))


def _query(rule: SegmentRule | None, published: Published, dialect: str) -> str:
    from customer_atlas.segments import DIALECTS, customers_sql

    if rule is None:
        raise AtlasError("This segment has no rule: nothing tells its customers from others.")
    for known in DIALECTS:
        if known == dialect.lower():
            infos = {info.name: info for info in published.model.infos}
            return customers_sql(rule.when, infos, known)
    raise UnknownNameError("dialect of SQL", dialect, DIALECTS)


@app.command()
def rules(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Show the rule segments: sizes, conditions, whom they share, and what to look at."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        found = published.rule_segments
        names = {one.id: one.name for one in published.every_segment}
    if json:
        emit_json(rules_document(found, names))
    else:
        emit(*rules_page(found, names))


@app.command()
def customer(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The customer's id.")],
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    history: Annotated[
        bool, typer.Option("--history", help="Show where they have been, and why they moved.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show one customer: the segment, how sure it is, and their values beside it."""
    from customer_atlas.project import Atlas

    if history:
        _history(customer_id, project, segmentation, json=json)
        return
    with Atlas.open(project) as atlas:
        found = atlas.customer(customer_id, segmentation)
    if json:
        emit_json(
            {
                "customer_id": found.customer_id,
                "segment_id": found.segment.id,
                "segment": found.segment.name,
                "probability": found.probability,
                "kind": found.kind,
                "inside": [
                    {"segment_id": one.id, "segment": one.name, "probability": sure}
                    for one, sure in found.deeper
                ],
                "features": found.features,
            }
        )
    else:
        emit(
            customer_page(
                found.customer_id,
                found.segment,
                found.probability,
                found.kind,
                found.features,
                found.infos,
                found.deeper,
            )
        )


def _history(customer_id: str, project: Path, segmentation: str, *, json: bool) -> None:
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        found = published.history(customer_id)
        names = {one.id: one.called for one in published.dictionary.values()}
        names |= {one.id: one.name for one in published.every_segment}
    if json:
        emit_json(history_document(found, names))
    else:
        emit(*history_page(customer_id, found, names))


@app.command()
def ledger(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Show what became of each segment whenever a model was trained anew."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        found = atlas.published(segmentation).ledger
    if json:
        emit_json(ledger_document(found))
    else:
        emit(*ledger_page(found))


@app.command()
def features(
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Show every feature: how it is spread, how much it tells, and what it is used for."""
    from customer_atlas.pipeline import view_features
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        found = view_features(atlas.features(segmentation, told))
    if json:
        emit_json(features_document(found))
    else:
        emit(features_page(found))


@app.command()
def run(
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="[RUN]", min=1, max=2**31 - 1, help="The run's number; default: the last."
        ),
    ] = None,
    project: ProjectPath = Path("atlas.yaml"),
    json: AsJson = False,
) -> None:
    """Show a run: what it read, how it chose the number of segments, how it ended."""
    from customer_atlas.project import Atlas

    with Atlas.open(project) as atlas:
        found = atlas.run_view(number)
    if json:
        emit_json(_run_document(found))
    else:
        emit(_run_page(found))
        if found.search:
            emit(*search_page(found.search))


@app.command()
def stability(
    windows: Annotated[
        int,
        typer.Option(
            "--windows", min=0, max=12, help="At how many earlier times to look; 0 for none."
        ),
    ] = 3,
    project: ProjectPath = Path("atlas.yaml"),
    segmentation: SegmentationName = "main",
    json: AsJson = False,
) -> None:
    """Show whether the same segments come back, what they hang on, and who moves."""
    from customer_atlas.pipeline import stability_of
    from customer_atlas.project import Atlas

    with telling(quiet=json) as told, Atlas.open(project) as atlas:
        published = atlas.published(segmentation)
        found = stability_of(published, windows, told)
        called = {info.name: info.label for info in published.model.infos}
    if json:
        emit_json(stability_document(found, called))
    else:
        emit(*stability_page(found, called))


def _run_document(found: RunView) -> dict[str, Any]:
    return {
        "run": vars(found.run),
        "generation": vars(found.generation) if found.generation else None,
        "search": found.search.to_dict() if found.search else None,
        "reliability": found.reliability.to_dict() if found.reliability else None,
        "unused": dict(found.unused),
        "scales": {name: asdict(scale) for name, scale in found.scales.items()},
    }


def _run_page(found: RunView) -> Any:
    run = found.run
    facts: dict[str, object] = {
        "Status": run.status,
        "Started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
    }
    if run.as_of:
        facts["As of"] = f"{run.as_of:%Y-%m-%d %H:%M:%S} UTC"
    if found.generation:
        generation = found.generation
        facts["Generation"] = f"{generation.id}, trained in run {generation.run}"
        facts["Trained on"] = ", ".join(
            f"{name} at version {version}" for name, version in generation.table_versions.items()
        )
    shown = ("customers", "segments", "seconds")
    facts |= {name.capitalize(): run.metrics[name] for name in shown if name in run.metrics}
    if steps := run.metrics.get("steps"):
        facts["Of these"] = ", ".join(f"{step} {spent:.1f}" for step, spent in steps.items())
    if found.reliability:
        facts["Probabilities"] = found.reliability.sentence
    if found.scales:
        told = (f"{name}: {_agreement(scale)}" for name, scale in found.scales.items())
        facts["Scales"] = "; ".join(told)
    if found.unused:
        facts["Not used"] = "; ".join(f"{name}: {why}" for name, why in found.unused.items())
    return run_summary(
        run=run.id,
        segmentation=run.segmentation,
        outcome=run.outcome or run.error or "It has not ended.",
        facts=facts,
    )


def _agreement(scale: LearnedScale) -> str:
    alpha = "unknown" if scale.alpha is None else f"{scale.alpha:.2f}"
    said = f"Cronbach's alpha {alpha} over {scale.complete:,} complete answers"
    if scale.outside:
        said += f", {scale.outside:,} outside {scale.lowest} to {scale.highest}"
    return said
