"""The rule segments of a run: who is in each, of all customers, bucket by bucket."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from customer_atlas.config import Condition, FeatureDeclaration, Rule
from customer_atlas.engine import Connection
from customer_atlas.errors import ArtifactError, ConfigError
from customer_atlas.features import (
    Computation,
    Declared,
    FeatureInfo,
    FollowedRows,
    Plan,
    Population,
    declare,
)
from customer_atlas.pipeline.computing import Asked
from customer_atlas.pipeline.declared_rules import rules_of
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.progress import Progress
from customer_atlas.pipeline.rule_scope import REVENUE, RULES, Scope, is_of_rows, row_key
from customer_atlas.pipeline.workspace import Workspace
from customer_atlas.segments import (
    RuleSegment,
    RuleSegments,
    Segment,
    Shared,
    check_features,
    say_condition,
)

__all__ = ["Evaluation", "read_rule_segments"]

_FILE = "rule_segments.json"
Keys = tuple[str | int, ...]


@dataclass
class Evaluation:
    """The rules of a segmentation, checked before anything is computed.

    Of what is no feature of the segmentation each becomes a column besides: counts and sums of
    rows, and places in segments.
    """

    work: Workspace
    asked: Asked
    rules: Mapping[str, Rule]
    infos: dict[str, FeatureInfo]
    rows: Declared | None = None
    followed: FollowedRows | None = None
    counted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, work: Workspace, asked: Asked, infos: Sequence[FeatureInfo]) -> Evaluation:
        """Return the evaluation of the rules of what is asked.

        Raises:
            ConfigError: a rule names a feature, a source or a column that is not there, or
                compares it with what it cannot be; says where it is written.
        """
        rules = rules_of(work.file.project, asked.segmentation)
        found = cls(work, asked, rules, {info.name: info for info in infos})
        places = {
            (name, *keys): one
            for name, rule in rules.items()
            for keys, one in rule.when.walk("when")
        }
        problems = [
            f"{work.file.where('rules', *keys)}: {problem}"
            for keys, one in places.items()
            for problem in check_features(one, found.infos)
        ]
        if problems:
            raise ConfigError(problems)
        counted = {keys: one for keys, one in places.items() if is_of_rows(one)}
        if counted:
            found._declare(counted)
        return found

    def _declare(self, counted: Mapping[Keys, Condition]) -> None:
        """Prepare what is counted of rows: each once, however many rules ask for it."""
        declared: dict[str, FeatureDeclaration] = {}
        followed: list[tuple[Condition, str]] = []
        where: dict[str, str] = {}
        for keys, one in counted.items():
            key, place = row_key(one), self.work.file.where("rules", *keys)
            if key in self.counted:
                continue
            if one.followed_by or one.not_followed_by:
                self.counted[key] = f"_followed_{len(followed)}"
                followed.append((one, place))
            else:
                name = f"rows_{len(declared)}"
                self.counted[key] = f"_{name}"
                given = {one.kind: getattr(one, one.kind)}
                declared[name] = FeatureDeclaration(
                    name=name, source=one.source, where=one.where, window=one.window, **given
                )
                where[name] = place
        project, snapshot = self.work.file.project, self.asked.snapshot
        never = project.never_features
        with self.work.engine.connect() as connection:
            self.rows = declare(
                list(declared.values()),
                snapshot.sources,
                connection,
                place=lambda one: where[one.name],
                never=never,
            )
            zone, cutoff = project.timezone, self.asked.cutoff
            self.followed = FollowedRows.of(
                followed, snapshot, connection, cutoff, zone=zone, never=never
            )
        for name in self.counted.values():
            given_rows = declared.get(name[1:])
            zero = given_rows is None or given_rows.mean is None
            self.infos[name] = FeatureInfo(name, "rule", "number", name, zero=zero)

    def write(
        self,
        features: Sequence[Path],
        members: Sequence[Path],
        segments: Sequence[Segment],
        folder: Path,
        progress: Progress,
    ) -> RuleSegments:
        """Write who is in each rule segment into `folder`, and return what came out.

        The customers of each file are those of the members, in their order.
        """
        shutil.rmtree(folder / RULES, ignore_errors=True)
        if not self.rules:
            (folder / _FILE).unlink(missing_ok=True)
            return RuleSegments()
        progress("evaluate the rules", 0, len(features))
        scope = Scope.of(
            self.work, self.asked.segmentation, self.rules, segments, self.infos, self.counted
        )
        beside = self._rows_of_everyone(folder)
        (folder / RULES).mkdir()

        def write(connection: Connection, place: int) -> NDArray[np.float64]:
            paths = features[place], members[place]
            return self._bucket(connection, paths, beside, scope, segments, folder)

        found: list[NDArray[np.float64]] = []
        # Around all threads: sums of several threads differ in their last bits.
        with threadpool_limits(1):
            for one in self.work.engine.map(write, range(len(features))):
                found.append(one)
                progress("evaluate the rules", len(found), len(features))
        if beside:
            shutil.rmtree(beside, ignore_errors=True)
        result = self._result(np.sum(found, axis=0), segments, scope.problems)
        text = json.dumps(result.to_dict(), indent=1, ensure_ascii=False)
        (folder / _FILE).write_text(text + "\n", encoding="utf-8")
        return result

    def _rows_of_everyone(self, folder: Path) -> Path | None:
        """Compute what is counted of rows into files by bucket, and return their folder."""
        if self.rows is None or not self.rows.declared:
            return None
        snapshot = replace(self.asked.snapshot, sources=self.rows.sources)
        zone = self.work.file.project.timezone
        plan = Plan.of((), snapshot.sources, Population(), zone, self.rows)
        beside = folder / f"{RULES}-rows"
        Computation(self.work.engine, snapshot, plan, self.asked.cutoff).write(beside)
        return beside

    def _bucket(
        self,
        connection: Connection,
        paths: tuple[Path, Path],
        beside: Path | None,
        scope: Scope,
        segments: Sequence[Segment],
        folder: Path,
    ) -> NDArray[np.float64]:
        """Write one bucket; return counts and revenue of pairs of rule segments and segments."""
        name = paths[0].name
        query = scope.query(paths, beside / name if beside else None)
        if self.followed:
            part = (int(name.removeprefix("bucket=").removesuffix(".parquet")),)
            for number, table in enumerate(self.followed.counts(connection, part)):
                connection.register(f"_followed_{number}", table)
        found = connection.arrow(query, step=f"evaluate the rules in {name}")
        who = found.select(["customer_id", *self.rules])
        pq.write_table(who, folder / RULES / name, compression="zstd")
        rules = [np.asarray(found[rule]) for rule in self.rules]
        learned = [
            np.asarray(found[f"_{level_column('cluster', one.level)}"]) == one.cluster
            for one in segments
        ]
        rows = np.array([np.ones(found.num_rows, bool), *rules, *learned], np.float64)
        money = np.nan_to_num(np.asarray(found["_revenue"], np.float64))
        return np.hstack([rows @ rows.T, (rows @ money)[:, None]])

    def _result(
        self,
        counts: NDArray[np.float64],
        segments: Sequence[Segment],
        problems: Mapping[str, str],
    ) -> RuleSegments:
        everyone, revenue = int(counts[0, 0]), counts[:, -1]
        money = REVENUE in self.infos and revenue[0] > 0
        found = [
            RuleSegment(
                name,
                say_condition(rule.when, self.infos),
                int(counts[place, place]),
                float(counts[place, place] / everyone),
                float(revenue[place] / revenue[0]) if money else None,
                rule.when.to_dict(),
                rule.description,
                rule.owner,
                problems.get(name, ""),
                rule.size.min,
                rule.size.max,
            )
            for place, (name, rule) in enumerate(self.rules.items(), start=1)
        ]
        names = [*self.rules, *(one.id for one in segments)]
        shared = [
            Shared(
                names[one - 1],
                names[other - 1],
                other > len(self.rules),
                int(counts[one, other]),
                int(counts[one, one]),
                int(counts[other, other]),
            )
            for one in range(1, len(self.rules) + 1)
            for other in range(one + 1, len(names) + 1)
        ]
        return RuleSegments(tuple(found), tuple(shared))


def read_rule_segments(folder: Path) -> RuleSegments:
    """Read what came out of the rules in the folder of a run; none of a run without rules."""
    path = folder / _FILE
    if not path.exists():
        return RuleSegments()
    try:
        return RuleSegments.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"The rule segments in {folder} cannot be read ({error}). Run: atlas run --refit"
        ) from error
