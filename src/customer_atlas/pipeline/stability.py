"""The stability of what serves: refitted, left without features, and looked at in earlier times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from customer_atlas.clustering import StabilityReport, stratified_sample
from customer_atlas.features import Computation
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.definition import digest
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import Published

if TYPE_CHECKING:
    from customer_atlas.clustering import Clusterer, Window

__all__ = ["WINDOWS", "stability_of"]

WINDOWS = 3
"""So many earlier times are looked at, if nobody says otherwise."""

_FILE = "stability.json"
_CUSTOMERS = 10_000
_FEWEST = 20  # known then and now, for a comparison that means anything
_LONGEST, _SHORTEST = timedelta(days=90), timedelta(days=7)


def stability_of(
    published: Published, windows: int | None = WINDOWS, progress: Progress = silent
) -> StabilityReport:
    """Return how stable the segments that serve are; what is computed stays with their run.

    Args:
        published: what serves.
        windows: at so many earlier times the same customers are looked at, up to 90 days apart
            and so that the first has half of the history behind it. None takes what was asked
            before, or else none.
        progress: told what is being done.
    """
    path = published.folder / _FILE
    asked, report = _stored(published)
    if report and windows in (None, asked):
        return report
    if report is None:
        progress("disturb the segments")
        report = _disturbed(published)
    kept = tuple(one for one in report.probes if one.kind not in ("behaviour", "structure"))
    skipped = {name: why for name, why in report.skipped.items() if name != "windows"}
    report = replace(report, probes=kept, skipped=skipped)
    if windows and kept:
        report = _over_time(published, report, windows, progress)
    facts = {"windows": windows or 0, "report": report.to_dict()}
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
    return report


def _stored(published: Published) -> tuple[int | None, StabilityReport | None]:
    """Return what was kept; nothing where it cannot be read, since it can be made anew."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads((published.folder / _FILE).read_text(encoding="utf-8"))
        return int(facts["windows"]), StabilityReport.from_dict(facts["report"])
    return None, None


def _disturbed(published: Published) -> StabilityReport:
    from customer_atlas.clustering import stability_report

    model, seed = published.model, published.generation.seed
    sizes = {segment.cluster: segment.size for segment in published.segments}
    customers = sum(sizes.values())
    if model.tiered:
        said = "They are value tiers, a rule: the same from any seed, draw or moment."
        return StabilityReport((), (), 0, customers, seed, reason=said)
    names = {segment.cluster: segment.name for segment in published.segments}
    sample, weights = stratified_sample(
        published.paths("features"), model.infos, _CUSTOMERS, seed=seed
    )
    if model.matrix.excluded:
        trains = model.matrix.trains(sample)
        sample, weights = sample.filter(pa.array(trains)), weights[trains]
    return stability_report(
        _clusterer(published),
        model.points(sample),
        weights,
        [column.feature for column in model.matrix.fitted],
        packs=[column.pack for column in model.matrix.fitted],
        segments=[names.get(at, f"Segment {at}") for at in range(model.clusters.n_clusters)],
        served=model.clusters,
        customers=customers,
        seed=seed,
    )


def _clusterer(published: Published) -> Clusterer:
    """Return the algorithm that won, with its settings."""
    from customer_atlas.clustering import KMeans

    recipe, seed = published.search.recipe, published.generation.seed
    return recipe.clusterer(seed) if recipe else KMeans(1, random_state=seed)


def _over_time(
    published: Published, report: StabilityReport, windows: int, progress: Progress
) -> StabilityReport:
    """Add what time changes to a report, or why that cannot be said."""
    from customer_atlas.clustering import stability_over_time

    now = _some_now(published)
    asked = Asked.of(published.work, published.pointer.segmentation, published.as_of)
    if digest(asked.definition) != published.generation.definition:
        why = (
            "The project file has changed since these segments were trained, so what it declares"
            " cannot be told of earlier times. Train anew: atlas run --refit"
        )
        return replace(report, skipped={**report.skipped, "windows": why})
    cutoffs, why = _cutoffs(published, asked, windows)
    found = list(_windows(published, asked, now, cutoffs, progress))
    if not found:
        why = why or f"Fewer than {_FEWEST} customers were known at any earlier time."
        return replace(report, skipped={**report.skipped, "windows": why})
    progress("compare then and now")
    model, seed = published.model, published.generation.seed
    probes = stability_over_time(
        _clusterer(published), model.points(now), found, served=model.clusters, seed=seed
    )
    return replace(report, probes=(*report.probes, *probes))


def _cutoffs(published: Published, asked: Asked, windows: int) -> tuple[list[datetime], str]:
    """Return earlier cutoffs, the first one first, or why there are none."""
    with published.work.engine.connect() as connection:
        asked.snapshot.open(connection)
        begun = min(asked.snapshot.first_events(connection).values(), default=None)
    if begun is None:
        return [], "No source says when anything happened, so there are no earlier times."
    history = asked.cutoff - begun
    step = timedelta(days=min(history / (2 * windows), _LONGEST) // timedelta(days=1))
    if step < _SHORTEST:
        least = 2 * windows * _SHORTEST
        return [], (
            f"The history is {history / timedelta(days=1):.0f} days long; {windows} earlier times"
            f" need {least.days}."
        )
    return [asked.cutoff - step * back for back in range(windows, 0, -1)], ""


def _some_now(published: Published) -> pa.Table:
    """Return the features of the customers of the first buckets, at most 10,000 of them."""
    tables: list[pa.Table] = []
    for features, _ in published.buckets():
        tables.append(features)
        if sum(map(len, tables)) >= _CUSTOMERS:
            break
    table = pa.concat_tables(tables)
    places = np.linspace(0, len(table) - 1, min(len(table), _CUSTOMERS)).astype(np.int64)
    return table.take(pa.array(places))


def _windows(
    published: Published, asked: Asked, now: pa.Table, cutoffs: list[datetime], progress: Progress
) -> Iterator[Window]:
    """Yield those customers as they were at each cutoff, told by the ruler of the generation."""
    from customer_atlas.clustering import Window

    work, model = published.work, published.model
    if not cutoffs:
        return
    plan = plan_features(work, asked, model.population, progress)
    plan = Computation(work.engine, asked.snapshot, plan, asked.cutoff).learn()
    known = pa.table({"customer_id": now["customer_id"], "row": np.arange(len(now))})
    for done, at in enumerate(cutoffs):
        progress("compute the features of earlier times", done, len(cutoffs))
        then = Computation(work.engine, asked.snapshot, plan, at).of(now["customer_id"])
        then = then.join(known, "customer_id", join_type="inner").sort_by("row")
        if len(then) >= _FEWEST:
            rows = np.asarray(then["row"])
            yield Window(f"{at:%Y-%m-%d}", model.points(then.drop_columns("row")), rows)
