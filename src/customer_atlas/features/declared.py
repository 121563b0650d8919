"""What a person declares, made into features: checked against what the sources have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from customer_atlas.config import DERIVED, FeatureDeclaration, duration, ordered
from customer_atlas.engine import Connection
from customer_atlas.errors import ConfigError, nearest
from customer_atlas.features import aggregates as made
from customer_atlas.features.aggregates import Aggregate, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.declared_columns import RowsOf
from customer_atlas.features.derived import (
    Attribute,
    Derived,
    Difference,
    Linear,
    Ratio,
    Trend,
    Value,
)
from customer_atlas.features.feature import FeatureInfo, Kind, Liveness, Unit
from customer_atlas.features.frozen import Above, PercentileRank, Score, Weighted, learned_parts
from customer_atlas.features.roles import SourceTable

__all__ = ["Declared", "Place", "declare"]

Place = Callable[[FeatureDeclaration], str]

_OF_COLUMN: dict[str, Any] = {
    "sum": made.Sum, "mean": made.Mean, "min": made.Min, "max": made.Max, "std": made.Std,
    "first": made.First, "last": made.Last, "distinct": made.Distinct, "top": made.Top,
    "top_share": made.TopShare, "entropy": made.Entropy,
}  # fmt: skip
_NUMBERS = ("sum", "mean", "std", "decayed_sum", "quantile", "min", "max")
_CATEGORIES = ("first", "last", "top")
_NONE_IS_ZERO = ("count", "distinct", "sum", "decayed_sum")
_UNITS: dict[str, Unit] = {
    "count": "count", "distinct": "count", "top_share": "share", "share": "share",
    "entropy": "score", "gap_mean": "days", "gap_std": "days", "trend": "score",
    "percentile_rank": "share", "weighted": "score", "above": "share", "score": "score",
}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """Declared aggregates as features, and the sources with the columns that these compute.

    `declared` are all of them, each after what it is made of. `place` says where one is written.
    """

    sources: tuple[SourceTable, ...]
    place: Place
    declared: tuple[FeatureDeclaration, ...] = ()
    features: tuple[Feature, ...] = ()

    @property
    def derived(self) -> tuple[FeatureDeclaration, ...]:
        """Those that are made of features."""
        return tuple(one for one in self.declared if one.kind in DERIVED)

    def joined(self, packs: Sequence[Feature]) -> tuple[Feature, ...]:
        """Return the features of the packs, then the declared ones.

        Raises:
            ConfigError: a name is that of a pack's feature, or one is made of what is not there.
        """
        by_name = {feature.info.name: feature for feature in packs}
        for feature in self.features:
            by_name[feature.info.name] = feature
        for one in self.derived:
            value = _derived(one, by_name, self.place(one))
            by_name[one.name] = Feature(_info(one, value), value)
        self._check_names({feature.info.name: feature.info.pack for feature in packs})
        return tuple(by_name.values())

    def _check_names(self, packs: Mapping[str, str]) -> None:
        taken = [one for one in self.declared if one.name in packs]
        if taken:
            raise ConfigError(
                f"{self.place(one)}: the name '{one.name}' is that of a feature of the pack "
                f"{packs[one.name]}; choose another"
                for one in taken
            )


def declare(
    declared: Sequence[FeatureDeclaration],
    sources: Sequence[SourceTable],
    connection: Connection,
    *,
    place: Place,
    never: Collection[str] = (),
) -> Declared:
    """Return what is declared, checked against the columns of the sources.

    Columns that are named in `never`, in lower case, are never read. `connection` tells the type
    of an expression.

    Raises:
        ConfigError: unknown source or column, an expression that is none, or of another type
            than what is computed of it: one line per problem.
    """
    problems: list[str] = []
    features: list[Feature] = []
    tables = tuple(sources)
    for one in ordered(declared):
        if one.kind in DERIVED:
            continue
        try:
            rows = RowsOf.of(one, tables, connection, place=place(one), never=never)
            aggregate, kind = _aggregate(one, rows)
            tables = rows.tables
            features.append(Feature(_info(one, aggregate, kind), aggregate))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Declared(tables, place, ordered(declared), tuple(features))


def _aggregate(one: FeatureDeclaration, rows: RowsOf) -> tuple[Aggregate, Kind]:
    common: dict[str, Any] = {
        "grain": rows.grain,
        "where": rows.conditions(one.where),
        "window": Window(duration(one.window)) if one.window else None,
    }
    kind, given = one.kind, str(getattr(one, one.kind))
    if kind == "count":
        return made.Count(**common), "number"
    if kind in ("gap_mean", "gap_std"):
        return (made.GapMean if kind == "gap_mean" else made.GapStd)(**common), "number"
    if kind == "share":
        return made.Share(of=rows.conditions(given, or_own=True), **common), "number"
    if kind == "distinct" and given == "day":
        return made.Distinct(column="day", **common), "number"
    column, text = rows.column(given, numbers=kind in _NUMBERS)
    common["column"] = column
    if kind == "decayed_sum":
        return made.DecayedSum(half_life=duration(str(one.half_life)), **common), "number"
    if kind == "quantile":
        return made.Quantile(probability=one.probability or 0.0, **common), "number"
    if kind == "recent":
        return made.Recent(most=one.most or 1, texts=text, **common), "list"
    return _OF_COLUMN[kind](**common), "category" if text and kind in _CATEGORIES else "number"


def _derived(one: FeatureDeclaration, known: Mapping[str, Feature], place: str) -> Derived:
    if one.kind == "trend":
        return Trend(*_now_and_before(_named(one.made_of[0], known, place), place))
    values = [_filled(_named(name, known, place)) for name in one.made_of]
    match one.kind:
        case "ratio":
            return Ratio(*values)
        case "difference":
            return Difference(*values)
        case "percentile_rank":
            return PercentileRank(one.name, values[0])
        case "above":
            return Above(one.name, values[0], (one.percentile or 0.0) / 100)
        case "score":
            return Score(one.name, values[0], one.cuts or (), one.low_is_best)
        case _:
            _check_shares(one, known, place)
            weights = (one.weighted or {}).values()
            return Weighted(tuple(zip(weights, values, strict=True)))


def _check_shares(one: FeatureDeclaration, known: Mapping[str, Feature], place: str) -> None:
    others = [name for name in one.made_of if known[name].info.unit != "share"]
    if others:
        raise ConfigError(
            [
                f"{place}: '{others[0]}' is no share from 0 to 1; take its percentile_rank, which "
                "is one"
            ]
        )


def _filled(feature: Feature) -> Value:
    """Return a feature's value as people see it: 0 where unknown means none."""
    value = feature.value
    assert not isinstance(value, Attribute)
    return Linear(((1.0, value),)) if feature.info.zero else value


def _named(name: str, known: Mapping[str, Feature], place: str) -> Feature:
    feature = known.get(name)
    if feature is None:
        raise ConfigError([f"{place}: found the feature '{name}'.{nearest(name, known)}"])
    if isinstance(feature.value, Attribute) or feature.info.kind != "number" or feature.labels:
        raise ConfigError(
            [
                f"{place}: '{name}' is a column of the customers or a category; only numbers that "
                "are made of rows can be used here. A column can be computed under `columns`."
            ]
        )
    return feature


def _now_and_before(feature: Feature, place: str) -> tuple[Aggregate, Aggregate]:
    now = feature.value
    if not isinstance(now, Aggregate) or now.window is None:
        name = feature.info.name
        raise ConfigError([f"{place}: the trend of '{name}' needs a window, which it has not"])
    return now, replace(now, window=replace(now.window, previous=True))


def _info(one: FeatureDeclaration, value: Value, kind: Kind = "number") -> FeatureInfo:
    frozen = any(True for _ in learned_parts(value))
    liveness: Liveness = "frozen" if frozen else "live"
    return FeatureInfo(
        one.name,
        "declared",
        "category" if kind == "category" else one.unit or _UNITS.get(one.kind, "number"),
        one.label or one.name.replace("_", " "),
        kind=kind,
        liveness=liveness,
        high=one.high,
        low=one.low,
        zero=one.kind in _NONE_IS_ZERO,
        describes=one.describes or kind == "list",
        formula=_formula(one),
    )


def _formula(one: FeatureDeclaration) -> str:
    given = getattr(one, one.kind)
    of = given if isinstance(given, str) else ", ".join(map(str, given))
    said = f"{one.kind.replace('_', ' ')} of {of}"
    if one.where:
        said += f" where {one.where}"
    return said + (f" in the last {one.window}" if one.window else "")
