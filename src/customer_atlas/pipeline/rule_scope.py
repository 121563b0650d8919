"""What rules may name, as columns of one query a bucket: features, rows, places in segments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from customer_atlas.config import Condition, Rule
from customer_atlas.engine import literal, quoted
from customer_atlas.errors import nearest
from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline.assign import read_segments
from customer_atlas.pipeline.declared_rules import home_of
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.segments import Segment, condition_sql, known_sql

__all__ = ["REVENUE", "RULES", "Scope", "is_of_rows", "row_key"]

RULES = "rules"
"""The folder of a run that says who is in which rule segment: a column for each."""

REVENUE = "monetary"


class _UnresolvedError(Exception):
    """What a condition names is not there, and nobody can fulfil it."""


def is_of_rows(condition: Condition) -> bool:
    """Return whether a condition is of what a customer's rows add up to."""
    return condition.kind in ("count", "sum", "mean", "distinct")


def row_key(condition: Condition) -> str:
    """Return what is counted of rows, without what it is compared with."""
    told = condition.to_dict()
    return json.dumps({k: v for k, v in told.items() if k not in condition.tests}, sort_keys=True)


@dataclass
class Scope:
    """The rules of a segmentation over columns alone: those of features, and of what is joined.

    `problems` says by rule why nobody can be in it. `counted` names the columns of what is counted
    of rows by `row_key`.
    """

    work: Workspace
    segmentation: str
    rules: Mapping[str, Rule]
    segments: Sequence[Segment]
    infos: dict[str, FeatureInfo]
    counted: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    conditions: dict[str, Condition | None] = field(default_factory=dict)
    _others: dict[str, tuple[Path, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        work: Workspace,
        segmentation: str,
        rules: Mapping[str, Rule],
        segments: Sequence[Segment],
        infos: Mapping[str, FeatureInfo],
        counted: Mapping[str, str],
    ) -> Self:
        """Return the scope with every rule resolved."""
        scope = cls(work, segmentation, rules, segments, dict(infos), counted)
        for name in rules:
            scope._resolve(name)
        return scope

    def query(self, paths: tuple[Path, Path], rows: Path | None) -> str:
        """Return the query of a bucket: who, whether each rule holds, clusters and revenue.

        `paths` are its features and its members, `rows` is what is counted of rows.
        """
        conditions = [one for one in self.conditions.values() if one]
        tested = (one.feature for whole in conditions for _, one in whole.walk())
        used = [name for name in dict.fromkeys(tested) if name]
        clusters = [level_column("cluster", n) for n in sorted({s.level for s in self.segments})]
        joins = [_join(str(paths[1]), {name: f"_{name}" for name in clusters})]
        if rows:
            named = {one[1:]: one for one in self.counted.values() if one.startswith("_rows")}
            joins.append(_join(str(rows), named))
        joins += [
            f"LEFT JOIN (SELECT customer_id, rows AS {name} FROM {name}) USING (customer_id)"
            for name in self.counted.values()
            if name.startswith("_followed")
        ]
        for called, (folder, column) in self._others.items():
            joins.append(_join(str(folder / paths[0].name), {column: called}))
        known = [known_sql(self.infos[name]).sql(dialect="duckdb") for name in used]
        kept = [f"{quoted(f'_{name}')} AS {quoted(f'__{name}')}" for name in clusters]
        revenue = f"f.{quoted(REVENUE)}" if REVENUE in self.infos else "0.0"
        inner = ", ".join(["customer_id", *known, *kept, f"{revenue} AS __revenue"])
        held = [f"{self._holds(name)} AS {quoted(name)}" for name in self.rules]
        back = [f"{quoted(f'__{name}')} AS {quoted(f'_{name}')}" for name in clusters]
        outer = ", ".join(["customer_id", *held, *back, "__revenue AS _revenue"])
        source = f"read_parquet({literal(str(paths[0]))}) AS f {' '.join(joins)}"
        return f"SELECT {outer} FROM (SELECT {inner} FROM {source}) ORDER BY customer_id"

    def _holds(self, name: str) -> str:
        condition = self.conditions[name]
        if condition is None:
            return "false"
        return f"coalesce({condition_sql(condition, self.infos).sql(dialect='duckdb')}, false)"

    def _resolve(self, name: str) -> Condition | None:
        if name not in self.conditions:
            try:
                self.conditions[name] = self.rules[name].when.replaced(lambda _, one: self._on(one))
            except _UnresolvedError as error:
                self.conditions[name] = None
                self.problems[name] = str(error)
        return self.conditions[name]

    def _on(self, one: Condition) -> Condition:
        """Return a test as one on a column."""
        if is_of_rows(one):
            return Condition.of({"feature": self.counted[row_key(one)], **one.tests})
        if one.rule:
            return self._in_rule(one.rule)
        if one.segment:
            return self._in_segment(one.segmentation or self.segmentation, one.segment)
        return one

    def _in_rule(self, name: str) -> Condition:
        project = self.work.file.project
        home = home_of(project, project.rules[name])
        if home != self.segmentation:
            return self._elsewhere(home, RULES, name, 1.0)
        found = self._resolve(name)
        if found is None:
            raise _UnresolvedError(f"it rests on the rule '{name}': {self.problems[name]}")
        return found

    def _in_segment(self, home: str, asked: str) -> Condition:
        own = home == self.segmentation
        segments = self.segments if own else self._served(home)
        found = next((one for one in segments if asked in (one.id, one.name)), None)
        if found is None:
            known = [text for one in segments for text in (one.id, one.name)]
            raise _UnresolvedError(
                f"there is no segment '{asked}' in {home}.{nearest(asked, known)}"
            )
        column = level_column("cluster", found.level)
        if own:
            return self._equal(f"_{column}", found.cluster)
        return self._elsewhere(home, "members", column, found.cluster)

    def _served(self, home: str) -> Sequence[Segment]:
        pointer = self.work.registry.serving(home)
        return read_segments(self.work.run_folder(pointer.run)) if pointer else []

    def _elsewhere(self, home: str, kind: str, column: str, value: float) -> Condition:
        pointer = self.work.registry.serving(home)
        if pointer is None:
            raise _UnresolvedError(f"nothing serves in {home} yet.")
        called = f"_{home}_{kind}_{column}"
        self._others[called] = (self.work.run_folder(pointer.run) / kind, column)
        return self._equal(called, value)

    def _equal(self, column: str, value: float) -> Condition:
        self.infos[column] = FeatureInfo(column, "rule", "number", column)
        return Condition.of({"feature": column, "equals": float(value)})


def _join(path: str, columns: Mapping[str, str]) -> str:
    """Return the join of a file's columns, as numbers, under other names."""
    given = ", ".join(f"{quoted(name)}::DOUBLE AS {quoted(to)}" for name, to in columns.items())
    rows = f"read_parquet({literal(path)})"
    return f"LEFT JOIN (SELECT customer_id, {given} FROM {rows}) USING (customer_id)"
