"""The values that a design matrix is made of: read from a table, and shrunk where few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.matrix.columns import Values, read
from customer_atlas.features.matrix.statistics import Array
from customer_atlas.features.shrinkage import Prior, learn_prior, shrunk
from customer_atlas.side_by_side import side_by_side

__all__ = ["Shrinkage", "learn_shrinkages", "read_values"]


@dataclass(frozen=True)
class Shrinkage:
    """A feature that is shrunk, the feature that counts its observations, and the prior."""

    feature: str
    evidence: str
    prior: Prior


def learn_shrinkages(
    table: pa.Table, infos: Sequence[FeatureInfo], weights: Array
) -> tuple[Shrinkage, ...]:
    """Learn the priors of the features that name their evidence, where the table holds it."""

    def learnt(info: FeatureInfo) -> Shrinkage | None:
        prior = learn_prior(_read(table, info), _counts(table, info.evidence), weights)
        return Shrinkage(info.name, info.evidence, prior) if prior else None

    there = {*table.column_names} - {""}
    known = [info for info in infos if info.kind == "number" and info.evidence in there]
    return tuple(found for found in side_by_side(learnt, known) if found)


def read_values(
    table: pa.Table, infos: Sequence[FeatureInfo], shrinkages: Sequence[Shrinkage]
) -> dict[str, Values]:
    """Return the values of features by their names, as `read` gives them.

    A number whose absence means none is 0 where it is missing. Where a feature is shrunk, what
    is unknown stays so. Raises `FeatureError` when the table lacks a column.
    """
    shrinks = {each.feature: each for each in shrinkages}

    def values(info: FeatureInfo) -> Values:
        found = _read(table, info)
        if info.name not in shrinks:
            return found
        how = shrinks[info.name]
        drawn = shrunk(found, _counts(table, how.evidence), how.prior)
        return np.where(np.isnan(found), np.nan, drawn)

    return {info.name: own for info, own in zip(infos, side_by_side(values, infos), strict=True)}


def _read(table: pa.Table, info: FeatureInfo) -> Values:
    found = read(table, info)
    return np.nan_to_num(found, nan=0.0) if info.zero and info.kind == "number" else found


def _counts(table: pa.Table, name: str) -> Array:
    return np.asarray(read(table, FeatureInfo(name, "", "count", name)))
