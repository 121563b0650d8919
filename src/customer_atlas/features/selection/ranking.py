"""Which features tell what customers do later, and how few of them tell as much as all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.selection.customers import Array, Column
from customer_atlas.features.selection.models import FOLDS, HeldOut, Target, held_out
from customer_atlas.features.selection.selection import CurvePoint, Ranked

__all__ = ["Ranking", "rank_features"]

_FEWEST = 200
_ENOUGH = 20
_SHARE_DROPPED = 0.2
_BEYOND_CHANCE = 3.75  # Student's t with four degrees of freedom, one-sided at 0.01


@dataclass(frozen=True)
class Ranking:
    """The order of the features, the curve, the names that the curve recommends, and a note."""

    ranked: tuple[Ranked, ...] | None
    curve: tuple[CurvePoint, ...]
    recommended: tuple[str, ...]
    note: str


def rank_features(
    columns: Sequence[Column], outcomes: Sequence[tuple[str, Array]], *, eliminate: bool, seed: int
) -> Ranking:
    """Rank features by what they tell of outcomes, of which the first, if any, is `active`.

    A feature's importance is the mean over targets and folds of what the held-out score loses
    when it is shuffled, less one standard error over the folds, at least 0; importances are then
    divided by their sum. With `eliminate` the least important fifth is dropped, the rest
    measured anew, and so on (Guyon and others, 2002); recommended are the fewest features whose
    score is within one standard error of the best (Breiman and others, 1984).
    """
    names = tuple(column.info.name for column in columns)
    reason = _nothing_to_rank(columns, outcomes)
    if reason:
        return Ranking(None, (), names, reason)
    active = outcomes[0][1]
    targets, fold = _targets(outcomes), _folds(active)
    found = _measured(columns, targets, fold, seed)
    told = ", ".join(target.name for target in targets)
    importance = _importance(found)
    if not _beyond_chance(found, targets) or importance.sum() == 0:
        return Ranking(
            None, (), names,
            f"There is no ranking: from these features one cannot tell what customers do later "
            f"({told}) better than chance.",
        )  # fmt: skip
    ranked, point = _ranked(names, importance / importance.sum()), _point(len(names), found)
    measure = "AUC" if len(targets) == 1 else "the mean of AUC and R²"
    note = (
        f"Ranked on {len(active):,} customers by what they did later ({told}): the held-out score, "
        f"{measure}, is {point.score:.3f} ± {point.error:.3f}."
    )
    if not eliminate:
        return Ranking(ranked, (point,), names, note)
    steps = [(names, point), *_eliminated(columns, importance, targets, fold, seed)]
    best = max((step[1] for step in steps), key=lambda one: one.score)
    recommended = [left for left, one in steps if one.score >= best.score - best.error][-1]
    return Ranking(ranked, tuple(one for _, one in steps), recommended, note)


def _nothing_to_rank(columns: Sequence[Column], outcomes: Sequence[tuple[str, Array]]) -> str:
    if not outcomes:
        return "There is no ranking: nothing is known of what customers did later."
    active = outcomes[0][1]
    customers, later = len(active), int((active > 0).sum())
    if not columns:
        return "There is no ranking: no feature is left to rank."
    if customers < _FEWEST:
        return (
            f"There is no ranking: {customers:,} customers were known at the earlier time, and "
            f"at least {_FEWEST} are needed."
        )
    if min(later, customers - later) < _ENOUGH:
        return (
            f"There is no ranking: of {customers:,} customers {later:,} were active later, and at "
            f"least {_ENOUGH} who were and {_ENOUGH} who were not are needed."
        )
    return ""


def _targets(outcomes: Sequence[tuple[str, Array]]) -> list[Target]:
    """Return what can be foretold: `active`, and the amounts that enough customers differ in."""
    (name, active), *amounts = outcomes
    targets = [Target(name, (active > 0).astype(np.float64), binary=True)]
    for name, amount in amounts:
        _, counts = np.unique(amount, return_counts=True)
        if len(amount) - counts.max() >= _ENOUGH:
            logged = np.sign(amount) * np.log1p(np.abs(amount))
            targets.append(Target(name, logged, binary=False))
    return targets


def _folds(active: Array) -> NDArray[np.int64]:
    """Return each customer's fold: the active are dealt out evenly, and so are the others."""
    fold = np.empty(len(active), np.int64)
    dealt = np.argsort(active > 0, kind="stable")
    fold[dealt] = np.arange(len(active)) % FOLDS
    return fold


def _measured(
    columns: Sequence[Column], targets: Sequence[Target], fold: NDArray[np.int64], seed: int
) -> HeldOut:
    matrix = np.column_stack([column.values for column in columns])
    categories = [i for i, column in enumerate(columns) if column.info.kind == "category"]
    return held_out(matrix, categories, targets, fold, seed)


def _beyond_chance(found: HeldOut, targets: Sequence[Target]) -> bool:
    chance = float(np.mean([target.chance for target in targets]))
    point = _point(0, found)
    return point.score - chance > _BEYOND_CHANCE * point.error


def _point(features: int, found: HeldOut) -> CurvePoint:
    return CurvePoint(features, float(found.scores.mean()), float(_error(found.scores)))


def _error(folds: Array) -> Array:
    return np.asarray(folds.std(axis=0, ddof=1) / np.sqrt(FOLDS))


def _importance(found: HeldOut) -> Array:
    return np.asarray(np.maximum(found.lost.mean(axis=0) - _error(found.lost), 0.0))


def _ranked(names: Sequence[str], importance: Array) -> tuple[Ranked, ...]:
    order = np.argsort(-importance, kind="stable")
    return tuple(
        Ranked(names[place], float(importance[place]), rank) for rank, place in enumerate(order, 1)
    )


def _eliminated(
    columns: Sequence[Column],
    importance: Array,
    targets: Sequence[Target],
    fold: NDArray[np.int64],
    seed: int,
) -> Iterator[tuple[tuple[str, ...], CurvePoint]]:
    """Yield what is left after each step, and how well it tells."""
    left = list(columns)
    while len(left) > 1:
        order = np.argsort(-importance, kind="stable")
        places = np.sort(order[: len(left) - max(1, int(_SHARE_DROPPED * len(left)))])
        left = [left[place] for place in places]
        found = _measured(left, targets, fold, seed)
        importance = _importance(found)
        yield tuple(column.info.name for column in left), _point(len(left), found)
