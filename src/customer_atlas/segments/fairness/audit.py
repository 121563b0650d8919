"""The audit of a segmentation: each protected attribute, looked at from all sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.fairness.groups import Groups, groups_of
from customer_atlas.segments.fairness.leakage import leakage
from customer_atlas.segments.fairness.report import HIDDEN, AttributeAudit, FairnessReport
from customer_atlas.segments.fairness.representation import adjusted_attributes, represented
from customer_atlas.segments.fairness.treatment import Measure, adjusted_treatments, treated
from customer_atlas.segments.segment import Segment

__all__ = ["audit", "usable_groups"]

_NAMES = 0.5  # a text of which more than this part are different is a name, not a group


def audit(
    attributes: Mapping[str, pa.ChunkedArray],
    places: NDArray[np.int64],
    segments: Sequence[Segment],
    features: pa.Table,
    infos: Sequence[FeatureInfo],
    measures: Sequence[Measure] = (),
    seed: int = 0,
) -> FairnessReport:
    """Return who is in the segments, what gives attributes away, and what was done to whom.

    Args:
        attributes: the values of each protected attribute, a row per customer (n,).
        places: where in `segments` each customer is (n,).
        segments: the segments in order.
        features: a row of features per customer, in the same order.
        infos: the features that form the segments.
        measures: what was done to customers.
        seed: of everything that is drawn.
    """
    found = [
        _attribute(name, values, places, segments, features, infos, measures, seed)
        for name, values in attributes.items()
    ]
    both = adjusted_treatments(adjusted_attributes(found))
    return FairnessReport(len(places), both)


def _attribute(
    name: str, values: pa.ChunkedArray, places: NDArray[np.int64], segments: Sequence[Segment],
    features: pa.Table, infos: Sequence[FeatureInfo], measures: Sequence[Measure], seed: int,
) -> AttributeAudit:  # fmt: skip
    groups, reason = usable_groups(name, values)
    if reason:
        unknown = float((groups.codes < 0).mean()) if len(groups.codes) else 0.0
        return AttributeAudit(name, "", (), unknown, 0, None, (), None, (), reason)
    found = represented(groups, places, segments, seed)
    if found.reason:
        return found
    shown = _shown(groups)
    return replace(
        found,
        leakage=leakage(shown, places, features, infos, seed),
        treatments=treated(shown, places, measures),
    )


def usable_groups(name: str, values: pa.ChunkedArray) -> tuple[Groups, str]:
    """Return the groups of an attribute, and why they are none, or nothing."""
    groups = groups_of(name, values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        known = int((groups.codes >= 0).sum())
        distinct = len(values.drop_null().unique())
        if distinct > 50 and distinct > _NAMES * known:
            return groups, f"It has {distinct:,} different values: those are names, not groups."
    return groups, ""


def _shown(groups: Groups) -> Groups:
    """Return the groups without those that are too small to show: their people count as unknown."""
    small = np.append(groups.sizes < HIDDEN, False)  # the last is for the unknown
    return replace(groups, codes=np.where(small[groups.codes], -1, groups.codes))
