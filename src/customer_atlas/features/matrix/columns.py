"""The columns of the design matrix: how one feature becomes numbers of comparable size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.errors import FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.skew import signed_log, yeo_johnson
from customer_atlas.features.matrix.statistics import Array

__all__ = ["CODED", "Column", "Form", "Known", "Values", "missing", "read"]

Form = Literal["number", "ordinal", "frequency", "flag", "level", "other", "outlier"]
CODED: tuple[Form, ...] = ("number", "ordinal", "frequency")  # one number a customer, or unknown
Known = NDArray[np.bool_]
Values = Any  # a float64 array where NaN is missing, or an Arrow array of strings


@dataclass(frozen=True)
class Column:
    """One column of the design matrix: `(transformed value - center) * factor`.

    `form` is ``number`` (filled, clipped to `low`..`high`, logarithm when `log`, Yeo-Johnson
    where `power` is not 1), ``ordinal`` (the place of the category among `levels`, then like a
    number), ``frequency`` (the share in `shares` of its level, 0 for another, then like a number),
    ``flag`` (1 where the feature is missing, or is none of `levels` where there are any),
    ``level`` (1 where the category is `level`), ``other`` (1 where it is none of `levels`) or
    ``outlier`` (1 where the customer is one). A missing category takes the level's share, so
    that it says nothing.

    >>> import numpy as np
    >>> column = Column("age", "age", "attributes", "number", fill=40.0, center=40.0, factor=0.1)
    >>> column.apply(np.array([50.0, np.nan])).tolist()
    [1.0, 0.0]
    """

    name: str
    feature: str
    pack: str
    form: Form
    level: str = ""
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    log: bool = False
    power: float = 1.0
    fill: float = 0.0
    low: float = -np.inf
    high: float = np.inf
    center: float = 0.0
    factor: float = 1.0

    def apply(self, values: Values) -> Array:
        """Return this column (n,) for the values of its feature, as `read` gives them."""
        if self.form in CODED:
            raw = self._number(self.numbers(values))
        elif self.form == "flag":
            raw = self.unknown(values).astype(np.float64)
        elif self.form == "outlier":
            raw = values.astype(np.float64)
        else:
            raw = self._indicator(values)
        raw -= self.center
        raw *= self.factor
        return raw

    def numbers(self, values: Values) -> Values:
        """Return the values (n,), as numbers with NaN for unknown where levels are coded."""
        if not self.levels:
            return values
        place = pc.index_in(values, value_set=pa.array(self.levels, pa.string()))
        if not self.shares:
            return _numbers(place.cast(pa.float64()), np.nan)
        found = np.append(self.shares, 0.0)[np.asarray(pc.fill_null(place, len(self.shares)))]
        return np.where(missing(values), np.nan, found)

    def unknown(self, values: Values) -> Known:
        """Return where (n,) there is nothing that this column could be made of."""
        return missing(self.numbers(values))

    def scaled(self, factor: float) -> Column:
        """Return the column with its weight among the columns multiplied."""
        return replace(self, factor=self.factor * factor)

    def _number(self, values: Array) -> Array:
        filled = np.where(np.isnan(values), self.fill, values)
        np.clip(filled, self.low, self.high, out=filled)
        if self.log:
            return signed_log(filled)
        return yeo_johnson(filled, self.power) if self.power != 1.0 else filled

    def _indicator(self, values: Values) -> Array:
        if self.form == "level":
            hit = pc.equal(values, self.level)
        else:
            hit = pc.if_else(
                pc.is_valid(values),
                pc.invert(pc.is_in(values, value_set=pa.array(self.levels, pa.string()))),
                None,
            )
        return _numbers(pc.if_else(hit, 1.0, 0.0), self.center)


def read(table: pa.Table, info: FeatureInfo) -> Values:
    """Return the values of one feature: float64 with NaN for unknown, or Arrow strings.

    NaN and infinity count as unknown. Raises `FeatureError` when the table lacks the column, or
    holds text where numbers are declared.

    >>> import pyarrow as pa
    >>> read(pa.table({"age": [30, None]}), FeatureInfo("age", "attributes", "number", "age"))
    array([30., nan])
    """
    if info.name not in table.column_names:
        raise FeatureError(
            f"The feature table has no column '{info.name}', which the design matrix was made for."
            " Compute the features with the definitions that the segmentation was trained with."
        )
    column = table.column(info.name)
    if info.kind == "category":
        return column.cast(pa.string()).combine_chunks()
    try:
        values = _numbers(column.cast(pa.float64()), np.nan)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        raise FeatureError(
            f"Feature '{info.name}' is declared a number, but the table holds {column.type}"
            " that cannot be read as one."
        ) from cause
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
    return values


def missing(values: Values) -> Known:
    """Return where the values are unknown, as booleans (n,).

    >>> import numpy as np
    >>> missing(np.array([1.0, np.nan])).tolist()
    [False, True]
    """
    if isinstance(values, np.ndarray):
        return np.isnan(values)
    return np.asarray(pc.is_null(values))


def _numbers(values: Any, null: float) -> Array:
    return np.array(pc.fill_null(values, null), dtype=np.float64)
