"""The bias of what serves: protected attributes beside segments, features and what was done."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.clustering import Recipe
from customer_atlas.config import Project, Role
from customer_atlas.engine import Connection
from customer_atlas.errors import AtlasError, UnknownNameError, UsageError, nearest
from customer_atlas.features import FeatureInfo, Snapshot
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import Published
from customer_atlas.segments import (
    FEW,
    FairnessReport,
    Measure,
    Mitigation,
    People,
    Segment,
    audit,
    mitigation,
    usable_groups,
)

__all__ = ["bias_of", "mitigation_of"]

_FILE = "bias.json"
_FORMAT = 1
_CUSTOMERS = 10_000
# Who has opened a message was sent it, and who has clicked has opened it, whatever was recorded.
_MESSAGES = (
    ("campaigns", "campaigns sent", "'sent', 'delivered', 'open', 'click'"),
    ("opens", "campaigns opened", "'open', 'click'"),
    ("clicks", "campaigns clicked", "'click'"),
)


@dataclass(frozen=True)
class _Audited:
    """The customers of a segmentation in the order of its files: segments, attributes, treatments.

    `infos` are the features that form the segments.
    """

    places: NDArray[np.int64]
    attributes: Mapping[str, pa.ChunkedArray]
    infos: tuple[FeatureInfo, ...]
    measures: tuple[Measure, ...]
    skipped: Mapping[str, str]

    def at(self, rows: NDArray[np.int64]) -> _Audited:
        """Return the customers of some rows alone."""
        attributes = {name: one.take(pa.array(rows)) for name, one in self.attributes.items()}
        measures = tuple(replace(one, values=one.values[rows]) for one in self.measures)
        return replace(self, places=self.places[rows], attributes=attributes, measures=measures)


def bias_of(
    published: Published, progress: Progress = silent, within: Segment | None = None
) -> FairnessReport:
    """Return the audit of what serves; what is computed stays with its run.

    The audit of the sub-segments `within` a segment is of that segment's customers alone.

    Attributes are what the lake knows now of the time of the memberships, and so is what was
    done to customers: it is computed anew where the lake has changed since.

    Raises:
        UsageError: the project protects nothing, or there are no sub-segments within the segment.
    """
    project, snapshot = published.work.file.project, published.work.snapshot()
    if not project.protected:
        raise UsageError(
            f"{published.work.file.path.name}: nothing is protected, so there is nothing to audit."
            " List columns of customers, such as: protected: [age, gender]"
        )
    if within and not published.family(within)[1]:
        raise UsageError(f"'{within.name}' has no sub-segments. {published.why_inside(within)}")
    asked = {
        "format": _FORMAT,
        "protected": list(project.protected),
        "versions": dict(snapshot.versions),
    }
    path = published.folder / (f"bias-{within.id}.json" if within else _FILE)
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["asked"] == asked:
            return FairnessReport.from_dict(facts["report"])
    report = _audited(published, snapshot, progress, within)
    beside = path.with_name(f".{path.name}.partial")
    text = json.dumps({"asked": asked, "report": report.to_dict()}, indent=1, ensure_ascii=False)
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)
    return report


def _audited(
    published: Published, snapshot: Snapshot, progress: Progress, within: Segment | None
) -> FairnessReport:
    progress("look up protected attributes")
    found = _looked_at(published, snapshot, within)
    features = _features(published, found.infos)
    if within:
        rows = np.flatnonzero(found.places >= 0)
        found, features = found.at(rows), features.take(pa.array(rows))
    progress("audit the segments")
    report = audit(
        found.attributes,
        found.places,
        published.inside(within),
        features,
        found.infos,
        found.measures,
        published.generation.seed,
    )
    return replace(report, skipped=found.skipped)


def mitigation_of(published: Published, name: str, progress: Progress = silent) -> Mitigation:
    """Return the segments without a protected attribute beside those that serve.

    At most 10,000 customers are looked at, evenly chosen. Nothing is served or kept.

    Raises:
        UnknownNameError: nothing of that name is protected.
        AtlasError: there are no groups to compare, or no clustering to do anew.
    """
    from customer_atlas.pipeline.searching import quickly

    work, model, seed = published.work, published.model, published.generation.seed
    name = _known_attribute(work.file.project, name)
    recipe = model.search.recipe
    if recipe is None:
        raise AtlasError("The segments are made by a rule: there is no clustering to do anew.")
    progress("look up protected attributes")
    found = _looked_at(published, work.snapshot())
    if name not in found.attributes:
        raise AtlasError(f"{name} cannot be looked at. {found.skipped[name]}")
    rows = np.flatnonzero(found.places >= 0)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _CUSTOMERS)).astype(np.int64)]
    features = _features(published, model.infos).take(pa.array(rows))
    trains = model.matrix.trains(features)
    rows, features = rows[trains], features.filter(pa.array(trains))
    groups, why = usable_groups(name, found.attributes[name])
    groups = groups.at(rows)
    if why or (groups.sizes >= FEW).sum() < 2:
        raise AtlasError(
            f"{name} cannot be looked at. {why or f'It has no two groups of {FEW} customers.'}"
        )
    settings = work.file.project.segmentations[published.pointer.segmentation]

    def search(points: NDArray[np.float64]) -> tuple[Recipe | None, str]:
        progress("search anew")
        again = quickly(settings)(points, np.ones(len(points)), model.matrix.columns)
        return again.recipe, again.reason

    progress("cluster anew")
    points, places = model.points(features), found.places[rows]
    return mitigation(People(points, places, groups, _revenue(features)), recipe, search, seed)


def _features(published: Published, infos: Sequence[FeatureInfo]) -> pa.Table:
    """Return a column per feature, the customers in the order of the files."""
    return pa.table({one.name: published.column("features", one.name) for one in infos})


def _revenue(features: pa.Table) -> NDArray[np.float64] | None:
    if "monetary" not in features.column_names:
        return None
    spent = np.asarray(features["monetary"].cast(pa.float64()).to_numpy(), dtype=np.float64)
    return np.where(np.isnan(spent), 0.0, spent)


def _known_attribute(project: Project, name: str) -> str:
    """Return the protected attribute of that name; raises UnknownNameError."""
    for one in project.protected:
        if one.casefold() == name.casefold():
            return one
    raise UnknownNameError("protected attribute", name, project.protected)


def _looked_at(published: Published, snapshot: Snapshot, within: Segment | None = None) -> _Audited:
    """Return everything that an audit looks at, customer by customer."""
    segments = published.inside(within)
    listed = pa.array([one.cluster for one in segments])
    clusters = published.column("members", level_column("cluster", segments[0].level))
    places = pc.index_in(clusters, listed.cast(clusters.type)).combine_chunks()
    columns, skipped = _columns(published, snapshot)
    ids = published.column("members", "customer_id")
    customers = pa.table({"customer_id": ids, "_place": np.arange(len(ids))})
    with published.work.engine.connect() as connection:
        snapshot.open(connection)
        connection.register("audited", customers)
        roles = _Roles(connection, snapshot, published)
        attributes = roles.attributes(columns)
        measures, unseen = roles.measures()
    model = published.model
    forming = [info for info in model.infos if info.name in model.selection.kept]
    if model.tiered:  # they are made of these, by a rule
        forming = [info for info in model.infos if not info.describes]
    return _Audited(
        np.asarray(places.fill_null(-1), dtype=np.int64),
        attributes,
        tuple(forming),
        measures,
        {**skipped, **unseen},
    )


def _columns(published: Published, snapshot: Snapshot) -> tuple[dict[str, str], dict[str, str]]:
    """Return the column of the lake that holds each attribute, and what is skipped and why."""
    project = published.work.file.project
    found: dict[str, str] = {}
    skipped: dict[str, str] = {}
    people = [one for one in snapshot.sources if one.role is Role.CUSTOMERS]
    known = {column.casefold(): column for source in people for column in source.columns}
    for name in project.protected:
        kept = [name, *(project.sources[source.name].kept_as(name) for source in people)]
        column = next((known[one.casefold()] for one in kept if one.casefold() in known), None)
        if column is None:
            said = f"No source of customers has a column '{name}'."
            skipped[name] = said + nearest(name, [one for one in known.values() if one[0] != "_"])
        else:
            found[name] = column
    return found, skipped


@dataclass(frozen=True)
class _Roles:
    """The rows of the lake about the customers who are audited, up to the memberships' time."""

    connection: Connection
    snapshot: Snapshot
    published: Published

    def _query(self, role: Role, used: Collection[str]) -> str | None:
        queries = self.snapshot.role_queries(self.published.as_of, {"customer_id", *used})
        return queries.get(role)

    def _has(self, role: Role, column: str) -> bool:
        return any(s.role is role and column in s.columns for s in self.snapshot.sources)

    def attributes(self, columns: Mapping[str, str]) -> dict[str, pa.ChunkedArray]:
        """Return the values of each attribute, in the order of the customers."""
        query = self._query(Role.CUSTOMERS, columns.values()) if columns else None
        if query is None:
            return {}
        table = self._joined(query, "look up protected attributes")
        return {name: table[column] for name, column in columns.items()}

    def measures(self) -> tuple[tuple[Measure, ...], dict[str, str]]:
        """Return what was done to the customers, and what the lake knows nothing of."""
        unseen = {}
        found = [*self._discounts(), *self._sent()]
        if not self._has(Role.TRANSACTIONS, "discount"):
            unseen["discounts"] = "No source of transactions has a column of discounts."
        if self._query(Role.MESSAGES, ()) is None:
            unseen["messages"] = "The project has no source of messages."
        unseen["playbooks"] = "The project keeps no record of offers made by segment."
        return tuple(found), unseen

    def _discounts(self) -> Iterator[Measure]:
        if not self._has(Role.TRANSACTIONS, "discount"):
            return
        used = ["amount", "discount"]
        query = self._query(Role.TRANSACTIONS, used)
        priced = self._has(Role.TRANSACTIONS, "amount")
        spent = "sum(amount)" if priced else "CAST(NULL AS DOUBLE)"
        each = (
            "SELECT customer_id, coalesce(sum(discount), 0) AS discounts, "
            f"CASE WHEN {spent} > 0 THEN coalesce(sum(discount), 0) / {spent} END AS discount_rate "
            f"FROM ({query}) GROUP BY customer_id"
        )
        table = self._joined(each, "add up discounts")
        yield _measure(table, "discounts", "discounts received", "money")
        if priced:
            yield _measure(table, "discount_rate", "discounts per amount spent", "share")

    def _sent(self) -> Iterator[Measure]:
        query = self._query(Role.MESSAGES, ["action", "campaign"])
        if query is None:
            return
        counts = ", ".join(
            f"count(DISTINCT campaign) FILTER (action IN ({actions})) AS {name}"
            for name, _, actions in _MESSAGES
        )
        each = f"SELECT customer_id, {counts} FROM ({query}) GROUP BY customer_id"
        table = self._joined(each, "count messages")
        sent, *others = (_measure(table, name, label, "count") for name, label, _ in _MESSAGES)
        yield sent
        reached = np.where(sent.values > 0, 1.0, 0.0)
        yield Measure("reached", "were sent anything", "share", reached)
        for one in others:
            with np.errstate(divide="ignore", invalid="ignore"):
                rate = np.where(sent.values > 0, one.values / sent.values, np.nan)
            label = f"{one.label}, per campaign sent"
            yield Measure(f"{one.name}_rate", label, "share", rate)

    def _joined(self, query: str, step: str) -> pa.Table:
        """Return a row per customer, in their order, nulls where the query has none."""
        return self.connection.arrow(
            f"SELECT found.* FROM audited LEFT JOIN ({query}) AS found "
            "ON audited.customer_id = found.customer_id ORDER BY audited._place",
            step=step,
        )


def _measure(table: pa.Table, name: str, label: str, unit: str) -> Measure:
    """Return a column as numbers: who has no row was given nothing, and has no rate."""
    values: Any = np.asarray(table[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
    if unit != "share":
        values = np.nan_to_num(values)
    return Measure(name, label, unit, values)
