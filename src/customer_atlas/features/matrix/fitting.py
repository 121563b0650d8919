"""Fitting a design matrix: columns of all features, outliers, what is alike, and the balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from customer_atlas.config import Transforms
from customer_atlas.errors import ConfigError, nearest
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.balance import distinct, pack_factors
from customer_atlas.features.matrix.columns import CODED, Column, Known, Values
from customer_atlas.features.matrix.design import Dropped, design
from customer_atlas.features.matrix.imputation import Imputer
from customer_atlas.features.matrix.outliers import Detector
from customer_atlas.features.matrix.reading import Shrinkage
from customer_atlas.features.matrix.statistics import Array, weighted_covariance
from customer_atlas.side_by_side import side_by_side

__all__ = ["Fitted", "check_settings", "fit_matrix"]

_OF_CATEGORIES = {"encode", "levels"}
_ABSENCES = ("flag", "outlier")  # these say nothing of a number
_OF_NUMBERS = {"skew", "winsorise", "scale", "impute", "impute_value"}


@dataclass(frozen=True)
class Fitted:
    """What is learnt of the values of all features."""

    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    detector: Detector | None = None
    imputer: Imputer | None = None
    excluded: int = 0


@dataclass(frozen=True)
class _Fit:
    """Columns in the making, and what they are (n,) for the customers they are learnt of."""

    values: Mapping[str, Values]
    weights: Array
    columns: tuple[Column, ...]
    dropped: tuple[Dropped, ...]
    applied: tuple[Array, ...]


def check_settings(transforms: Transforms, infos: Sequence[FeatureInfo]) -> None:
    """Raise `ConfigError` for settings of a feature that is not there, or of another kind."""
    kinds = {info.name: info.kind for info in infos}
    problems: list[str] = []
    for name, own in transforms.features.items():
        place = f"transforms.features.{name}"
        if name not in kinds:
            problems.append(f"{place}: there is no such feature.{nearest(name, kinds)}")
            continue
        written = own.model_dump(exclude_none=True).keys()
        wrong: set[str] = set()
        if kinds[name] == "number":
            wrong = written & _OF_CATEGORIES
            said = "for categories, and it is a number"
        else:
            if transforms.of(name).encode == "one-hot":
                wrong = written & _OF_NUMBERS
            said = "for numbers, and it is a category with one-hot columns"
        problems += [f"{place}: '{setting}' is {said}" for setting in sorted(wrong)]
    if problems:
        raise ConfigError(problems)


def fit_matrix(
    values: Mapping[str, Values],
    infos: Sequence[FeatureInfo],
    weights: Array,
    transforms: Transforms,
    shrinkages: Sequence[Shrinkage],
) -> Fitted:
    """Learn the columns of the values (n,) of features, by their names, and weights (n,)."""

    def fit(values: Mapping[str, Values], weights: Array) -> _Fit:
        return _fit(values, infos, weights, transforms, shrinkages)

    fitted = fit(values, weights)
    detector: Detector | None = None
    excluded = 0
    if transforms.outliers.find != "none":
        detector = Detector.learn(fitted.columns, values, weights, transforms)
    if detector:
        found = detector.found(values)
        if detector.then == "cap":
            fitted = fit(detector.capped(values), weights)
        elif detector.then == "flag":
            fitted = _flagged(fitted, found)
        elif found.any():
            excluded = int(found.sum())
            fitted = fit(_those(values, ~found), weights[~found])
    drawn = {each.feature for each in shrinkages}
    names = {name for name in values if transforms.of(name).impute == "iterative"} - drawn
    columns, twins, imputer = _balanced(fitted, names)
    return Fitted(columns, (*fitted.dropped, *twins), detector, imputer, excluded)


def _fit(
    values: Mapping[str, Values],
    infos: Sequence[FeatureInfo],
    weights: Array,
    transforms: Transforms,
    shrinkages: Sequence[Shrinkage],
) -> _Fit:
    fills = {each.feature: each.prior.mean for each in shrinkages}

    def made(info: FeatureInfo) -> tuple[list[Column], list[Dropped], list[Array]]:
        own = values[info.name]
        steps = transforms.of(info.name, category=info.kind == "category")
        columns, dropped = design(info, own, weights, steps, fill=fills.get(info.name))
        return columns, dropped, [column.apply(own) for column in columns]

    columns: list[Column] = []
    dropped: list[Dropped] = []
    applied: list[Array] = []
    for each in side_by_side(made, infos):
        columns += each[0]
        dropped += each[1]
        applied += each[2]
    return _Fit(values, weights, tuple(columns), tuple(dropped), tuple(applied))


def _flagged(fitted: _Fit, found: Known) -> _Fit:
    """Return the fit with one more column, which says who is an outlier."""
    if not found.any():
        nobody = Dropped("outlier", "nobody is one", "outlier")
        return replace(fitted, dropped=(*fitted.dropped, nobody))
    share = float(fitted.weights[found].sum() / fitted.weights.sum())
    column = Column("outlier", "", "outlier", "outlier", center=share)
    return replace(
        fitted,
        values={**fitted.values, "": found},
        columns=(*fitted.columns, column),
        applied=(*fitted.applied, column.apply(found)),
    )


def _those(values: Mapping[str, Values], rows: Known) -> dict[str, Values]:
    return {
        name: own[rows] if isinstance(own, np.ndarray) else own.filter(pa.array(rows))
        for name, own in values.items()
    }


def _balanced(
    fitted: _Fit, predicted: set[str]
) -> tuple[tuple[Column, ...], list[Dropped], Imputer | None]:
    """Return the columns that stay, scaled, what goes, and how `predicted` features are filled."""
    if not fitted.columns:
        return (), [], None
    matrix = np.stack(fitted.applied, axis=1)
    covariance = weighted_covariance(matrix, fitted.weights)
    kept, twins = distinct(fitted.columns, covariance)
    columns = [fitted.columns[j] for j in kept]
    covariance = covariance[np.ix_(kept, kept)]
    imputer = None
    gaps = {
        j: column.unknown(fitted.values[column.feature])
        for j, column in enumerate(columns)
        if column.form in CODED and column.feature in predicted
    }
    gaps = {j: unknown for j, unknown in gaps.items() if unknown.any()}
    if gaps:
        matrix, unknown = matrix[:, kept], np.stack(list(gaps.values()), axis=1)
        partners = [j for j, column in enumerate(columns) if column.form not in _ABSENCES]
        imputer = Imputer.learn(matrix, unknown, list(gaps), partners, fitted.weights)
        imputer.fill(matrix, unknown)
        covariance = weighted_covariance(matrix, fitted.weights)
    factors = pack_factors(columns, covariance)
    balanced = (column.scaled(factor) for column, factor in zip(columns, factors, strict=True))
    return tuple(balanced), twins, imputer.scaled(factors) if imputer else None
