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
_LEVEL = 0.05


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

    Targets that all features together do not tell better than chance are left out. A feature's
    importance is the mean over targets and folds of what the held-out score loses
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
    possible, fold = _targets(outcomes), _folds(active)
    found = _measured(columns, possible, fold, seed)
    told = _beyond_chance(found, possible)
    targets, found = [possible[place] for place in told], found.of(told)
    importance = _importance(found)
    if importance.sum() == 0:
        return Ranking(
            None, (), names,
            "There is no ranking: from these features one cannot tell what customers do later "
            f"({_listed(possible)}) better than chance.",
        )  # fmt: skip
    ranked, point = _ranked(names, importance / importance.sum()), _point(len(names), found)
    note = _note(point, len(active), possible, targets)
    if not eliminate:
        return Ranking(ranked, (point,), names, note)
    steps = [(names, point), *_eliminated(columns, importance, targets, fold, seed)]
    curve = tuple(one for _, one in steps)
    return Ranking(ranked, curve, steps[_fewest(curve)][0], note)


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


def _beyond_chance(found: HeldOut, targets: Sequence[Target]) -> list[int]:
    """Return the places of the targets that are told better than chance, by Student's t.

    The level of 0.05 is shared between them.
    """
    from scipy.stats import t

    limit = float(t.ppf(1 - _LEVEL / len(targets), FOLDS - 1))
    beyond = found.scores.mean(axis=0) - [target.chance for target in targets]
    return np.flatnonzero(beyond > limit * _error(found.scores)).tolist()


def _note(
    point: CurvePoint, customers: int, possible: Sequence[Target], targets: Sequence[Target]
) -> str:
    measure = "AUC" if len(targets) == 1 and targets[0].binary else "the mean of AUC and R²"
    untold = [target for target in possible if target not in targets]
    note = (
        f"Ranked on {customers:,} customers by what they did later ({_listed(targets)}): the "
        f"held-out score, {measure}, is {point.score:.3f} ± {point.error:.3f}."
    )
    return f"{note} Not told better than chance: {_listed(untold)}." if untold else note


def _listed(targets: Sequence[Target]) -> str:
    return ", ".join(target.name for target in targets)


def _point(features: int, found: HeldOut) -> CurvePoint:
    folds = found.scores.mean(axis=1)
    return CurvePoint(features, float(folds.mean()), float(_error(folds)))


def _error(folds: Array) -> Array:
    return np.asarray(folds.std(axis=0, ddof=1) / np.sqrt(FOLDS))


def _importance(found: HeldOut) -> Array:
    if not found.scores.size:
        return np.zeros(found.lost.shape[2])
    lost = found.lost.mean(axis=1)
    return np.asarray(np.maximum(lost.mean(axis=0) - _error(lost), 0.0))


def _fewest(curve: Sequence[CurvePoint]) -> int:
    """Return the place of the last point within one standard error of the best."""
    best = max(curve, key=lambda point: point.score)
    return max(place for place, point in enumerate(curve) if point.score >= best.score - best.error)


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
