"""Why a customer is in a segment and not in the next: a few reasons in words and real units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.drivers.encoding import Floats
from customer_atlas.segments.numbers import say_number, say_pair
from customer_atlas.segments.segment import Segment
from customer_atlas.segments.words import one_or_many, readable, words_for

__all__ = ["Reason", "model_weights", "reasons_for"]

_FEWEST, _MOST = 3, 6
_ENOUGH = 0.8  # of what speaks for the segment is said
_AGAINST = 0.1  # of that, for what speaks against it to be said
_FLOOR = 1e-12

Value = float | str | None


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a customer's segment against the runner-up, or the other way.

    `weight` is by how much it moves the logarithm of the odds between the two; below 0 it speaks
    for the runner-up. The texts say the customer's value and the runner-up's typical one,
    `clause` the first in words, and `sentence` both.
    """

    feature: str
    label: str
    weight: float
    value_text: str
    runner_up_text: str
    clause: str
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)


def reasons_for(
    values: Mapping[str, Value],
    infos: Sequence[FeatureInfo],
    weights: Sequence[float],
    groups: Sequence[Sequence[int]],
    runner_up: Segment,
) -> tuple[Reason, ...]:
    """Return three to six reasons, the strongest first, and what speaks against them last.

    Args:
        values: the customer's features in real units.
        infos: the features (d).
        weights: what each of them adds to the odds of the segment against the runner-up (d,).
        groups: places of features that tell the same: of each one is said, for all of them.
        runner_up: the segment that comes next.
    """
    told = [one for group in groups if (one := _of_group(values, infos, weights, group, runner_up))]
    told.sort(key=lambda one: (-one.weight, one.feature))
    speaking = [one for one in told if one.weight > 0]
    total, said = sum(one.weight for one in speaking), 0.0
    kept: list[Reason] = []
    for one in speaking[:_MOST]:
        if len(kept) >= _FEWEST and said >= _ENOUGH * total:
            break
        kept.append(one)
        said += one.weight
    against = [one for one in told if one.weight < -_AGAINST * total]
    return (*kept, *against[-1:])


def model_weights(
    row: pa.Table,
    groups: Sequence[Sequence[int]],
    infos: Sequence[FeatureInfo],
    runner_up: Segment,
    shares: Callable[[pa.Table], Floats],
    own: int,
) -> NDArray[np.float64]:
    """Return what each feature (d,) adds to the odds by the model itself.

    It is by how much the logarithm of the odds falls where the customer's values, of all features
    that tell the same, are those that are typical of the runner-up. It stands with the first.

    Args:
        row: the customer's features, one row.
        groups: places of features that tell the same.
        infos: the features (d).
        runner_up: the segment that comes next.
        shares: what the model says of rows: the share of each cluster (n, k).
        own: the cluster that the customer is in.
    """
    changed = [row]
    for group in groups:
        table = row
        for at in group:
            name = infos[at].name
            typical = runner_up.centroid.get(name)
            if typical is not None:
                place = table.schema.get_field_index(name)
                column = pa.array([typical], table.schema.field(name).type)
                table = table.set_column(place, table.schema.field(name), column)
        changed.append(table)
    found = np.maximum(shares(pa.concat_tables(changed)), _FLOOR)
    odds = np.log(found[:, own]) - np.log(found[:, runner_up.cluster])
    weights = np.zeros(len(infos))
    for number, group in enumerate(groups):
        weights[group[0]] = odds[0] - odds[number + 1]
    return weights


def _of_group(
    values: Mapping[str, Value],
    infos: Sequence[FeatureInfo],
    weights: Sequence[float],
    group: Sequence[int],
    runner_up: Segment,
) -> Reason | None:
    """Return a reason for features that tell the same; None where none of them differs."""
    weight = float(sum(weights[at] for at in group))
    sign = 1.0 if weight > 0 else -1.0
    for at in sorted(group, key=lambda one: -sign * weights[one]):
        info = infos[at]
        value, typical = values.get(info.name), runner_up.centroid.get(info.name)
        if value is None and info.zero:
            value = 0.0
        if _unknown(value) and typical is None:
            continue
        texts = _texts(value, typical, info)
        if texts[0] == texts[1]:
            continue
        clause = _clause(value, texts[0], info)
        sentence = f"{clause}{_beside(texts[1], typical, info)}"
        return Reason(info.name, info.label, weight, *texts, clause, sentence)
    return None


def _unknown(value: Value) -> bool:
    return value is None or (isinstance(value, float) and bool(np.isnan(value)))


def _texts(value: Value, typical: float | str | None, info: FeatureInfo) -> tuple[str, str]:
    if isinstance(value, int | float) and isinstance(typical, int | float) and not _unknown(value):
        return say_pair(float(value), float(typical), info.unit)
    return _said(value, info), _said(typical, info)


def _said(value: Value, info: FeatureInfo) -> str:
    if _unknown(value):
        return "unknown"
    return value if isinstance(value, str) else say_number(float(value or 0.0), info.unit)


def _clause(value: Value, text: str, info: FeatureInfo) -> str:
    words = words_for(info)
    if _unknown(value):
        return (
            f"they {words.unknown}" if words.unknown else f"their {readable(info.label)} is unknown"
        )
    if isinstance(value, str) or "{}" not in words.clause:
        return f"their {readable(info.label)} is {text}"
    return one_or_many(f"they {words.clause.format(text)}")


def _beside(text: str, typical: float | str | None, info: FeatureInfo) -> str:
    if typical is None:
        return ""
    if isinstance(typical, str):
        return f"; of the runner-up it is mostly {text}"
    unit = f" {info.unit}" if info.unit in ("days", "orders", "items", "sessions") else ""
    return f"; people in the runner-up segment typically {one_or_many(text + unit)}"
