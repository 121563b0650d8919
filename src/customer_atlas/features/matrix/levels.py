"""Fitting the columns of one category: one a level, or one number for all levels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.config import Steps
from customer_atlas.errors import ConfigError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.statistics import Array

__all__ = ["coded_column", "level_columns"]

_LEVELS = 8
_LEVEL_SHARE = 0.02
_LEAST_GINI = 0.25  # keeps a category that hardly varies from being blown up
_RARE = 1e-4  # a level of fewer customers counts as one that was never seen
_NEARLY_ALL = 0.995


def level_columns(info: FeatureInfo, values: pa.StringArray, weights: Array) -> list[Column]:
    """Return one column for each frequent level and one for the others, if any.

    None where nearly every customer has the same. The columns' total variance is 1 among the
    customers whose level is known.
    """
    shares = _level_shares(values, weights)
    frequent = sorted(
        (s for s in shares if shares[s] >= _LEVEL_SHARE), key=lambda s: (-shares[s], s)
    )
    levels = tuple(frequent[:_LEVELS])
    other = max(0.0, 1.0 - sum(shares[level] for level in levels))
    if max([other, *(shares[level] for level in levels)]) >= _NEARLY_ALL:
        return []
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
    return columns


def coded_column(info: FeatureInfo, values: pa.StringArray, weights: Array, steps: Steps) -> Column:
    """Return the column that makes one number of a category, not yet scaled.

    ``ordinal``: the place among the declared levels, or else among all in the order of their
    texts; one that is not among them is unknown. ``frequency``: the share of customers with that
    level among those where it is known; 0 for one of less than 0.01 % or never seen.

    Raises `ConfigError` where none of the declared levels occurs.
    """
    shares = _level_shares(values, weights)
    if steps.encode == "frequency":
        kept = {level: share for level, share in sorted(shares.items()) if share >= _RARE}
        return Column(info.name, info.name, info.pack, "frequency", "", tuple(kept),
                      tuple(kept.values()))  # fmt: skip
    if steps.levels and shares and not shares.keys() & set(steps.levels):
        raise ConfigError(
            [f"transforms.features.{info.name}: none of its 'levels' is a value of that feature"]
        )
    levels = steps.levels or tuple(sorted(shares))
    return Column(info.name, info.name, info.pack, "ordinal", "", levels)


def _level_shares(values: pa.StringArray, weights: Array) -> dict[str, float]:
    encoded = pc.dictionary_encode(values)
    codes = np.asarray(pc.fill_null(encoded.indices, len(encoded.dictionary)))
    totals = np.bincount(codes, weights, len(encoded.dictionary) + 1)[:-1]
    return dict(zip(encoded.dictionary.to_pylist(), (totals / totals.sum()).tolist(), strict=True))
