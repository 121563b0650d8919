"""Fitting the columns of one feature: filling, tails, logarithm, scale, levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix_columns import Column, Known, Values, missing
from customer_atlas.features.matrix_statistics import (
    Array,
    weighted_moments,
    weighted_quantiles,
    weighted_skewness,
)

__all__ = ["Dropped", "design"]

_FLAGGED = (0.005, 0.995)  # a flag column is kept for a missing share between these
_TAILS = (0.005, 0.995)  # percentiles beyond which values are winsorised
_SKEWED = 1.0  # absolute skewness from which the logarithm is tried
_LOG_GAIN = 0.75  # the logarithm is kept when it leaves at most this part of the skewness
_FARTHEST = 6.0  # no value lies farther from the mean than this many units
_LEVELS = 8
_LEVEL_SHARE = 0.02
_LEAST_GINI = 0.25  # keeps a category that hardly varies from being blown up


@dataclass(frozen=True)
class Dropped:
    """A column that the design matrix does without, and why."""

    feature: str
    reason: str
    column: str = ""


def design(info: FeatureInfo, values: Values, weights: Array) -> tuple[list[Column], list[Dropped]]:
    """Fit the columns of one feature to its values (n,) and the customers' weights (n,).

    A number becomes one column whose known values have mean 0 and deviation 1, a category one
    column a level with a total variance of 1 among the customers where it is known; either
    gets a flag column when it is missing for some. What is unknown is put in the middle, so a
    feature weighs as much as the share of customers it is known for.

    >>> import numpy as np
    >>> age = FeatureInfo("age", "attributes", "number", "age")
    >>> [column.name for column in design(age, np.array([20.0, 60.0, np.nan]), np.ones(3))[0]]
    ['age', 'age: missing']
    """
    if info.zero and info.kind == "number":
        values = np.nan_to_num(values, nan=0.0)
    known = ~missing(values)
    share = float(weights[known].sum() / weights.sum())
    if 1.0 - share > _FLAGGED[1]:
        return [], [Dropped(info.name, f"known for only {share:.1%} of the customers", info.name)]
    make = _number_columns if info.kind == "number" else _level_columns
    columns, dropped = make(info, values, known, weights)
    if 1.0 - share >= _FLAGGED[0]:
        name = f"{info.name}: missing"
        columns.append(Column(name, info.name, info.pack, "flag", center=1.0 - share))
    return columns, dropped


def _number_columns(
    info: FeatureInfo, values: Array, known: Known, weights: Array
) -> tuple[list[Column], list[Dropped]]:
    values, weights = values[known], weights[known]
    median, low, high = weighted_quantiles(values, weights, (0.5, *_TAILS))
    if low == high:  # almost constant: cutting the tails would leave nothing
        low, high = values.min(), values.max()
    clipped = np.clip(values, low, high)
    if low == high:
        return [], [Dropped(info.name, "the same for every customer", info.name)]
    log = _is_better_as_log(clipped, weights)
    if log:
        clipped = np.copysign(np.log1p(np.abs(clipped)), clipped)
    mean, deviation = weighted_moments(clipped, weights)
    unit = max(deviation, float(np.abs(clipped - mean).max()) / _FARTHEST)
    column = Column(
        info.name, info.name, info.pack, "number",
        log=log, fill=0.0 if info.zero else float(median), low=float(low), high=float(high),
        center=mean, factor=1.0 / unit,
    )  # fmt: skip
    return [column], []


def _is_better_as_log(values: Array, weights: Array) -> bool:
    before = abs(weighted_skewness(values, weights))
    if before <= _SKEWED:
        return False
    logged = np.copysign(np.log1p(np.abs(values)), values)
    return abs(weighted_skewness(logged, weights)) <= _LOG_GAIN * before


def _level_columns(
    info: FeatureInfo, values: pa.StringArray, known: Known, weights: Array
) -> tuple[list[Column], list[Dropped]]:
    shares = _level_shares(values, weights)
    frequent = sorted(
        (s for s in shares if shares[s] >= _LEVEL_SHARE), key=lambda s: (-shares[s], s)
    )
    levels = tuple(frequent[:_LEVELS])
    other = max(0.0, 1.0 - sum(shares[level] for level in levels))
    if max([other, *(shares[level] for level in levels)]) >= _FLAGGED[1]:
        return [], [Dropped(info.name, "the same for nearly every customer", info.name)]
    gini = 1.0 - other**2 - sum(shares[level] ** 2 for level in levels)
    factor = float(1.0 / np.sqrt(max(gini, _LEAST_GINI)))
    columns = [
        Column(f"{info.name}: {level}", info.name, info.pack, "level", level, levels,
               center=shares[level], factor=factor)
        for level in levels
    ]  # fmt: skip
    if other > 0 and len(levels) < len(shares):
        name = f"{info.name}: other"
        columns.append(
            Column(name, info.name, info.pack, "other", "", levels, center=other, factor=factor)
        )
    return columns, []


def _level_shares(values: pa.StringArray, weights: Array) -> dict[str, float]:
    encoded = pc.dictionary_encode(values)
    codes = np.asarray(pc.fill_null(encoded.indices, len(encoded.dictionary)))
    totals = np.bincount(codes, weights, len(encoded.dictionary) + 1)[:-1]
    return dict(zip(encoded.dictionary.to_pylist(), (totals / totals.sum()).tolist(), strict=True))
