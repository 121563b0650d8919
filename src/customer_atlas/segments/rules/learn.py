"""A short rule that tells who is in a segment, found by a beam search for the best F1.

The conjunctions grow from the general to the specific, as in CN2 (Clark and Niblett, 1989), and a
second one takes up whom the first leaves, as in separate-and-conquer (Fürnkranz, 1999).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from customer_atlas.config import Condition
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.rules.candidates import Candidate, candidates_of

__all__ = ["learn_rules"]

_TESTS = 3  # of a conjunction, at most
_CONJUNCTIONS = 2
_BEAM = 4
_A_TEST = 0.015  # of F1, that a further test must add
_A_CONJUNCTION = 0.04

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def learn_rules(
    table: pa.Table,
    groups: NDArray[np.int64],
    weights: NDArray[np.float64],
    infos: Sequence[FeatureInfo],
) -> dict[int, Condition]:
    """Return by group a condition that tells its rows of the sample from the others.

    `groups` (n,) are the numbers of the rows' groups, `weights` (n,) how many customers each row
    stands for. A group has none where it is everybody, or where no feature tells anything.
    """
    tests, holding = candidates_of(table, groups, infos)
    names = np.unique(groups)
    if len(names) < 2 or not tests:
        return {}
    with threadpool_limits(1):  # sums of several threads differ in their last bits
        search = _Search(tests, holding.astype(np.float32), weights)
        found = {int(name): search.rule(groups == name) for name in names}
    return {name: rule for name, rule in found.items() if rule is not None}


@dataclass(frozen=True)
class _Part:
    """A conjunction under way: its tests, of which rows all hold, and how good it is."""

    chosen: tuple[int, ...]
    mask: Mask
    score: float


@dataclass(frozen=True)
class _Search:
    tests: Sequence[Candidate]
    holding: Floats
    weights: NDArray[np.float64]
    costs: NDArray[np.float64] = field(init=False)
    _keys: Sequence[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        costs = np.array([one.cost for one in self.tests])
        object.__setattr__(self, "costs", costs + _A_TEST)
        keys = [(str(one.condition.feature), one.side) for one in self.tests]
        object.__setattr__(self, "_keys", keys)

    def rule(self, inside: Mask) -> Condition | None:
        """Return the best rule for the rows that are inside."""
        covered = np.zeros(len(inside), bool)
        parts: list[Condition] = []
        held, spent = 0.0, 0.0
        for _ in range(_CONJUNCTIONS):
            best = self._conjunction(inside, covered, spent)
            if best is None or best.score <= held:
                break
            parts.append(_joined([self.tests[place].condition for place in best.chosen]))
            covered |= best.mask
            held, spent = best.score + _A_CONJUNCTION, spent + self._cost(best.chosen)
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else Condition(any=tuple(parts))

    def _cost(self, chosen: Sequence[int]) -> float:
        return sum(float(self.costs[place]) for place in chosen)

    def _conjunction(self, inside: Mask, covered: Mask, spent: float) -> _Part | None:
        """Return what tells best together with what covers some already, at a cost of `spent`."""
        beam = [_Part((), np.ones(len(inside), bool), 0.0)]
        best: _Part | None = None
        for _ in range(_TESTS):
            beam = self._grown(beam, inside, covered, spent)
            if not beam or (best and beam[0].score <= best.score):
                break
            best = beam[0]
        return best

    def _grown(
        self, beam: Sequence[_Part], inside: Mask, covered: Mask, spent: float
    ) -> list[_Part]:
        """Return the best conjunctions of one test more, the best first."""
        true, every = self.weights * inside, self.weights
        columns = [
            column
            for part in beam
            for column in (true * (part.mask & ~covered), every * (part.mask & ~covered))
        ]
        sums = self.holding @ np.array(columns, np.float32).T
        offers: list[tuple[float, int, int]] = []
        for place, part in enumerate(beam):
            found = sums[:, 2 * place].astype(float) + float(true[covered].sum())
            total = sums[:, 2 * place + 1].astype(float) + float(every[covered].sum())
            f1 = 2 * found / (total + float(true.sum()))
            taken = {self._keys[one] for one in part.chosen}
            scores = f1 - self.costs - self._cost(part.chosen) - spent
            offers += [
                (-round(float(scores[one]), 9), place, int(one))
                for one in np.argsort(-scores, kind="stable")[: 4 * _BEAM]
                if self._keys[one] not in taken
            ]
        grown: list[_Part] = []
        seen: set[frozenset[int]] = set()
        for negative, place, one in sorted(offers):
            part = beam[place]
            chosen = (*part.chosen, one)
            if frozenset(chosen) not in seen and len(grown) < _BEAM:
                seen.add(frozenset(chosen))
                mask = part.mask & (self.holding[one] > 0)
                grown.append(_Part(chosen, mask, -negative))
        return grown


def _joined(tests: Sequence[Condition]) -> Condition:
    """Return the conjunction, a feature's two bounds as one test."""
    parts: dict[tuple[str, bool], dict[str, object]] = {}
    for one in tests:
        key = str(one.feature), bool({"at_least", "at_most"} & one.tests.keys())
        held: Mapping[str, object] = parts.get(key, {})
        parts[key] = {**held, **one.to_dict()}
    for part in parts.values():
        if "at_least" in part and "at_most" in part:
            part["between"] = (part.pop("at_least"), part.pop("at_most"))
    found = [Condition.of(part) for part in parts.values()]
    return found[0] if len(found) == 1 else Condition(all=tuple(found))
