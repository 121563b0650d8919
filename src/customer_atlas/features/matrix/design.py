"""Fitting the columns of one feature: what is known of it, as what, and a flag for the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from customer_atlas.config import Steps
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column, Values, missing
from customer_atlas.features.matrix.levels import coded_column, level_columns
from customer_atlas.features.matrix.numbers import number_column
from customer_atlas.features.matrix.statistics import Array

__all__ = ["Dropped", "design"]

_FLAGGED = (0.005, 0.995)  # a flag column is kept for a missing share between these


@dataclass(frozen=True)
class Dropped:
    """A column that the design matrix does without, and why."""

    feature: str
    reason: str
    column: str = ""


def design(
    info: FeatureInfo,
    values: Values,
    weights: Array,
    steps: Steps | None = None,
    *,
    fill: float | None = None,
) -> tuple[list[Column], list[Dropped]]:
    """Fit the columns of one feature to its values (n,) and the customers' weights (n,).

    A number becomes one column whose known values have mean 0 and deviation 1, a category one
    column a level with a total variance of 1 among the customers where it is known; either
    gets a flag column when it is missing for some. What is unknown is put in the middle, so a
    feature weighs as much as the share of customers it is known for. `steps` may ask for another
    way; `fill` is what an unknown number becomes, whatever they say.

    >>> import numpy as np
    >>> age = FeatureInfo("age", "attributes", "number", "age")
    >>> [column.name for column in design(age, np.array([20.0, 60.0, np.nan]), np.ones(3))[0]]
    ['age', 'age: missing']
    """
    steps = steps or Steps()
    if info.zero and info.kind == "number":
        values, fill = np.nan_to_num(values, nan=0.0), 0.0
    one_hot = info.kind == "category" and steps.encode == "one-hot"
    column = Column(info.name, info.name, info.pack, "number")
    if info.kind == "category" and not one_hot:
        column = coded_column(info, values, weights, steps)
    numbers = column.numbers(values)
    known = ~missing(numbers)
    share = float(weights[known].sum() / weights.sum())
    if 1.0 - share > _FLAGGED[1]:
        return [], [Dropped(info.name, f"known for only {share:.1%} of the customers", info.name)]
    if one_hot:
        columns = level_columns(info, values, weights)
    else:
        columns = _one_number(column, numbers, weights, steps, fill)
    every = "nearly every" if one_hot else "every"
    dropped = [] if columns else [Dropped(info.name, f"the same for {every} customer", info.name)]
    if 1.0 - share >= _FLAGGED[0]:
        name = f"{info.name}: missing"
        levels = column.levels if column.form == "ordinal" else ()
        columns.append(
            Column(name, info.name, info.pack, "flag", levels=levels, center=1.0 - share)
        )
    return columns, dropped


def _one_number(
    column: Column, numbers: Array, weights: Array, steps: Steps, fill: float | None
) -> list[Column]:
    if fill is None and steps.impute == "constant":
        # The constant is a value like any other: mean, tails and scale are learnt of it, too.
        fill = steps.impute_value
        numbers = np.where(missing(numbers), fill, numbers)
    known = ~missing(numbers)
    fitted = number_column(column, numbers[known], weights[known], steps, fill)
    return [fitted] if fitted else []
