"""Customers who lie far from all others: found, and pulled in where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from customer_atlas.config import Transforms
from customer_atlas.errors import FeatureError
from customer_atlas.features.matrix.columns import Column, Known, Values
from customer_atlas.features.matrix.forest import Forest
from customer_atlas.features.matrix.numbers import placed
from customer_atlas.features.matrix.skew import signed_log_inverse, yeo_johnson_inverse
from customer_atlas.features.matrix.statistics import Array, weighted_quantiles
from customer_atlas.features.matrix.stored import columns_of, numbers_of, words_of

__all__ = ["Detector"]

_MOST = 0.5  # of the customers: more than that are not outliers but the rule


@dataclass(frozen=True)
class Detector:
    """How outliers are told by their numbers, and what becomes of them (`then`).

    Each of `columns` puts a number on the scale that distances are taken on, its tails uncut. A
    customer is an outlier when one of them is farther from 0 than `limit`, or, with a `forest`,
    when the forest's score of all of them is above `limit`. An unknown number is in the middle.
    `least` and `most` are what the numbers themselves are pulled in to.
    """

    columns: tuple[Column, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]
    then: Literal["cap", "flag", "exclude"]
    limit: float
    forest: Forest | None = None

    @classmethod
    def learn(
        cls,
        columns: Sequence[Column],
        values: Mapping[str, Values],
        weights: Array,
        transforms: Transforms,
    ) -> Detector | None:
        """Learn from the number columns and the values (n,) of their features.

        None where no number differs. Raises `FeatureError` where more than half of the customers
        would be outliers.
        """
        rule = transforms.outliers
        numbers = [column for column in columns if column.form == "number"]
        loose = [_loose(column, values[column.feature], weights, transforms) for column in numbers]
        used = tuple(column for column in loose if column is not None)
        if not used:
            return None
        if rule.find == "z-score":
            ends = [[_back(column, end * rule.bound) for column in used] for end in (-1, 1)]
            made = cls(used, tuple(ends[0]), tuple(ends[1]), rule.then, rule.bound)
        else:
            made = _with_forest(cls(used, (), (), rule.then, np.inf), values, weights, rule.bound)
        share = float(weights[made.found(values)].sum() / weights.sum())
        if share > _MOST:
            raise FeatureError(
                f"{share:.0%} of the customers are outliers by {rule.find} with the limit "
                f"{rule.bound:g}; at most half can be. Raise transforms.outliers.limit."
            )
        return made

    def found(self, values: Mapping[str, Values]) -> Known:
        """Return which customers (n,) are outliers by the values of their features."""
        matrix = self._matrix(values)
        if self.forest is not None:
            return np.asarray(self.forest.scores(matrix) > self.limit)
        return np.asarray((np.abs(matrix) > self.limit).any(axis=1))

    def capped(self, values: Mapping[str, Values]) -> dict[str, Values]:
        """Return the values with those of outliers pulled in to `least`..`most`."""
        rows = slice(None) if self.forest is None else self.found(values)
        made = dict(values)
        for column, least, most in zip(self.columns, self.least, self.most, strict=True):
            own = made[column.feature].copy()
            own[rows] = np.clip(own[rows], least, most)
            made[column.feature] = own
        return made

    def to_facts(self) -> dict[str, Any]:
        """Return what is not numbers, as JSON values."""
        return {"columns": words_of(self.columns), "then": self.then}

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the numbers, as arrays by their names."""
        bounds = {name: np.array(getattr(self, name)) for name in ("least", "most", "limit")}
        return (
            numbers_of("detector", self.columns)
            | {f"detector.{name}": array for name, array in bounds.items()}
            | (self.forest.to_arrays("forest") if self.forest else {})
        )

    @classmethod
    def of(cls, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Detector:
        """Return what `to_facts` and `to_arrays` took apart."""
        least, most, limit = (
            arrays[f"detector.{name}"].tolist() for name in ("least", "most", "limit")
        )
        forest = Forest.from_arrays("forest", arrays) if "forest.roots" in arrays else None
        columns = columns_of("detector", facts["columns"], arrays)
        return cls(columns, tuple(least), tuple(most), facts["then"], limit, forest)

    def _matrix(self, values: Mapping[str, Values]) -> Array:
        return np.stack([_applied(column, values) for column in self.columns], axis=1)


def _with_forest(
    bare: Detector, values: Mapping[str, Values], weights: Array, share: float
) -> Detector:
    """Return the detector with a forest that calls at most this share of customers outliers."""
    matrix = bare._matrix(values)
    forest = Forest.learn(matrix)
    scores = forest.scores(matrix)
    (limit,) = weighted_quantiles(scores, weights, (1.0 - share,))
    others = scores <= limit
    seen = [values[column.feature][others] for column in bare.columns]
    known = [own[~np.isnan(own)] for own in seen]
    return replace(
        bare,
        forest=forest,
        limit=float(limit),
        least=tuple(float(own.min(initial=np.inf)) for own in known),
        most=tuple(float(own.max(initial=-np.inf)) for own in known),
    )


def _loose(column: Column, values: Array, weights: Array, transforms: Transforms) -> Column | None:
    """Return the column without cut tails, its unit the spread of the known numbers."""
    known = ~np.isnan(values)
    values, weights = values[known], weights[known]
    made = replace(column, center=0.0, factor=1.0).apply(values)
    center, spread = placed(made, weights, transforms.of(column.feature))
    if not spread > 0:
        return None
    (middle,) = weighted_quantiles(values, weights, (0.5,))
    return replace(
        column, fill=float(middle), low=-np.inf, high=np.inf, center=center, factor=1.0 / spread
    )


def _applied(column: Column, values: Mapping[str, Values]) -> Array:
    with np.errstate(over="ignore"):  # what is beyond all floats is surely far
        return column.apply(values[column.feature])


def _back(column: Column, units: float) -> float:
    """Return the number that a column places so many units from its middle."""
    made = np.array([column.center + units / column.factor])
    if column.log:
        return float(signed_log_inverse(made)[0])
    return float(yeo_johnson_inverse(made, column.power)[0] if column.power != 1.0 else made[0])
