"""Of whom a condition holds, in a table of features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from customer_atlas.config import Condition
from customer_atlas.errors import UnknownNameError
from customer_atlas.features import FeatureInfo

__all__ = ["holds"]

Mask = NDArray[np.bool_]

_COMPARED: Mapping[str, Any] = {
    "at_least": np.greater_equal,
    "above": np.greater,
    "at_most": np.less_equal,
    "below": np.less,
    "equals": np.equal,
}


def holds(condition: Condition, table: pa.Table, infos: Mapping[str, FeatureInfo]) -> Mask:
    """Return of which rows (n,) a condition on features holds.

    A missing value and NaN are unknown, and fulfil no comparison; of features where missing means
    none they are 0. `not` is the complement.

    >>> from customer_atlas.features import FeatureInfo
    >>> table = pa.table({"age": [20.0, 40.0, None]})
    >>> infos = {"age": FeatureInfo("age", "demographic", "number", "age")}
    >>> young = Condition.of({"feature": "age", "below": 30})
    >>> holds(young, table, infos).tolist()
    [True, False, False]
    >>> holds(Condition.of({"not": young.to_dict()}), table, infos).tolist()
    [False, True, True]

    Raises:
        UnknownNameError: there is no such feature.
    """
    parts = [holds(one, table, infos) for one in condition.parts]
    match condition.kind:
        case "all":
            return reduce(np.logical_and, parts)
        case "any":
            return reduce(np.logical_or, parts)
        case "not":
            return ~parts[0]
        case "feature":
            return _tested(condition, table, infos)
        case kind:
            raise TypeError(f"'{kind}' is not a condition on features")


def _tested(condition: Condition, table: pa.Table, infos: Mapping[str, FeatureInfo]) -> Mask:
    name = str(condition.feature)
    if name not in infos or name not in table.column_names:
        raise UnknownNameError("feature", name, infos)
    info, column, tests = infos[name], table[name], condition.tests
    if info.kind != "number":
        known = np.asarray(pc.is_valid(column), bool)
        if "known" in tests:
            return np.asarray(known == tests["known"])
        texts = pa.array(tests.get("in") or [tests["is"]], pa.string())
        among = pc.is_in(column.cast(pa.string()), value_set=texts)
        return np.asarray(known & np.asarray(among, bool))
    values = np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan))
    if info.zero:
        values = np.where(np.isnan(values), 0.0, values)
    if "known" in tests:
        return np.asarray(np.isnan(values) != tests["known"])
    found = np.ones(len(values), bool)
    for sign, bound in tests.items():
        if sign == "between":
            found &= (values >= bound[0]) & (values <= bound[1])
        else:
            found &= _COMPARED[sign](values, bound)
    return found
