"""The selection of features: reasons to drop one after the other, and a ranking of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_atlas.errors import FeatureError
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.selection.constants import constants
from customer_atlas.features.selection.customers import (
    Array,
    Column,
    Customers,
    aligned,
    customer_ids,
    read_customers,
)
from customer_atlas.features.selection.duplicates import duplicates
from customer_atlas.features.selection.leaks import knows_the_label, knows_the_later
from customer_atlas.features.selection.ranking import Ranking, rank_features
from customer_atlas.features.selection.selection import CurvePoint, Dropped, Reason, Selection
from customer_atlas.features.selection.stability import unstable

__all__ = ["select_features"]


def select_features(
    infos: Sequence[FeatureInfo],
    now: pa.Table,
    before: pa.Table | None = None,
    later: pa.Table | None = None,
    labels: pa.Table | None = None,
    *,
    eliminate: bool = False,
    seed: int = 0,
) -> Selection:
    """Say which features may form segments, which may not and why, and rank them.

    Features that only describe take no part: they are neither kept, dropped nor ranked. At most
    20,000 customers of each table are looked at, the first by a hash of seed and id, so that the
    order of rows does not matter and the same arguments give the same bits. What a feature is
    dropped for is the first that holds of: constant, duplicate, leaking, unstable, eliminated.

    Args:
        infos: the features, in order: of two that say the same the earlier one is kept.
        now: customer_id, and a column for each feature, at the cutoff: numbers with nulls, or
            text where the kind is category.
        before: the same of the customers known at an earlier cutoff. Without it nothing is
            unstable, and there is no ranking.
        later: customer_id, `active` (0 or 1, or yes or no), and numbers such as orders or spend:
            what the customers of `before` did between the two cutoffs. Who is not in it did
            nothing. It needs `before`.
        labels: customer_id, and one column for each label: yes or no, text, or numbers; null
            where there is none. Each customer once.
        eliminate: drop the features without which later behaviour is told as well. It takes
            about six times as long.
        seed: which customers are looked at, and how they are shuffled.

    Raises:
        FeatureError: a table lacks a column, holds one of another kind, or not each customer once.
    """
    judged = [info for info in infos if not info.describes]
    present = read_customers(now, judged, seed, "now")
    drops = _Drops(judged)
    drops.add("constant", constants(drops.left(present)))
    drops.add("duplicate", duplicates(drops.left(present)))
    if labels is not None:
        labelled = read_customers(_labelled(now, labels), judged, seed, "now")
        drops.add("leaking", knows_the_label(drops.left(labelled), labelled, labels))
    if before is None:
        note = "There is no ranking: no earlier time is known."
        return Selection(drops.kept, drops.dropped, None, (), note)
    past = read_customers(before, judged, seed, "before")
    outcomes = _outcomes(later, past)
    drops.add("leaking", knows_the_later(drops.left(past), outcomes))
    moved, notes = unstable(drops.left(present), past)
    drops.add("unstable", moved)
    ranking = rank_features(drops.left(past), outcomes, eliminate=eliminate, seed=seed)
    drops.add("eliminated", _needless(drops.kept, ranking))
    note = " ".join([ranking.note, *notes])
    return Selection(drops.kept, drops.dropped, ranking.ranked, ranking.curve, note)


class _Drops:
    """What is dropped so far of the features, each for one reason."""

    def __init__(self, infos: Sequence[FeatureInfo]) -> None:
        self.names = tuple(info.name for info in infos)
        self.found: dict[str, Dropped] = {}

    def add(self, reason: Reason, found: Iterable[tuple[str, str]]) -> None:
        self.found.update({name: Dropped(name, reason, why) for name, why in found})

    def left(self, customers: Customers) -> list[Column]:
        return [customers.columns[name] for name in self.kept]

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.found)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        return tuple(self.found[name] for name in self.names if name in self.found)


def _labelled(now: pa.Table, labels: pa.Table) -> pa.Table:
    """Return the customers who have a row of labels."""
    ids = customer_ids(labels, "labels")
    return now.filter(pc.is_in(customer_ids(now, "now"), value_set=ids))


def _outcomes(later: pa.Table | None, past: Customers) -> list[tuple[str, Array]]:
    """Return what each customer did later, `active` first; nothing where it is not known."""
    if later is None:
        return []
    if "active" not in later.column_names:
        raise FeatureError("The table 'later' has no column active: who did anything later?")
    table = aligned(later, past.ids, "later")
    names = [name for name in later.column_names if name not in ("customer_id", "active")]
    return [(name, _amount(table, name)) for name in ("active", *names)]


def _amount(table: pa.Table, name: str) -> Array:
    try:
        values = np.asarray(table.column(name).cast(pa.float64()), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
        kind = table.column(name).type
        raise FeatureError(
            f"'{name}' of the table 'later' must be a number; it is {kind}."
        ) from cause
    return np.where(np.isfinite(values), values, 0.0)


def _needless(kept: Sequence[str], ranking: Ranking) -> Iterable[tuple[str, str]]:
    """Yield what the curve does not recommend to keep, and the two scores."""
    if len(ranking.recommended) == len(kept):
        return
    by_size = {point.features: point for point in ranking.curve}
    best, chosen = max(ranking.curve, key=_score), by_size[len(ranking.recommended)]
    few = "one feature scores" if chosen.features == 1 else f"{chosen.features} features score"
    why = (
        f"What customers do later is told as well without it: {few} {chosen.score:.3f}, and the "
        f"best number of them, {best.features}, {best.score:.3f} ± {best.error:.3f}."
    )
    for name in kept:
        if name not in ranking.recommended:
            yield name, why


def _score(point: CurvePoint) -> float:
    return point.score
