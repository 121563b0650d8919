"""Comparisons of segments with what became of them, added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.criteria import adjusted_rand
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.stability.report import Probe, ProbeKind, Trial

__all__ = ["Compared", "jaccards", "tallied"]

_Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Compared:
    """Some `rows` (m,) of the customers `before` and `after` (m,), and how `sure` they had been.

    Labels are numbers of the segments; below 0, and from k on, is no segment of them.
    """

    label: str
    rows: NDArray[np.integer]
    before: _Labels
    after: _Labels
    sure: Array


def tallied(
    kind: ProbeKind, compared: Iterable[Compared], weights: Array, k: int, note: str = ""
) -> Probe:
    """Add up comparisons of customers with weights (n,), of k segments."""
    trials: list[Trial] = []
    flows = np.zeros((k + 1, k + 1))
    known, ever = np.zeros(len(weights), bool), np.zeros(len(weights), bool)
    sure = np.zeros((2, 2))  # of those who stay and those who move: weight, and weight times sure
    for one in compared:
        mass = weights[one.rows] / weights[one.rows].sum()
        before, after = _within(one.before, k), _within(one.after, k)
        moves = before != after
        flows += _table(before, after, mass, k)
        known[one.rows] = True
        ever[one.rows[moves]] = True
        for side in (0, 1):
            these = moves == bool(side)
            sure[side] += mass[these].sum(), (mass * one.sure)[these].sum()
        rand = adjusted_rand(one.before + 1, np.maximum(one.after, -1) + 1, weights[one.rows])
        alike = jaccards(one.before, one.after, mass, k, same=kind == "behaviour")
        trials.append(Trial(one.label, rand, float(mass[moves].sum()), tuple(alike.tolist())))
    flows /= len(trials)
    stayers, movers = (float(one[1] / one[0]) if one[0] > 0 else None for one in sure)
    share = float(weights[ever].sum() / weights[known].sum())
    return Probe(
        kind, tuple(trials), tuple(map(tuple, flows.tolist())), share, movers, stayers, note
    )


def jaccards(before: _Labels, after: _Labels, mass: Array, k: int, *, same: bool) -> Array:
    """Return how like each of k segments (k,) is to what it became.

    That is what it is most like (Hennig, 2007), or, where the numbers mean the `same`, its own.

    >>> before, after = np.array([0, 0, 1, -1]), np.array([2, 2, 1, 1])
    >>> jaccards(before, after, np.ones(4), 2, same=False).tolist()
    [1.0, 0.5]
    """
    count = max(k, int(after.max(initial=0)) + 1)
    old, new = np.where(before < 0, k, before), np.where(after < 0, count, after)
    cells = np.bincount(old * (count + 1) + new, mass, (k + 1) * (count + 1))
    table = cells.reshape(k + 1, count + 1)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    alike = np.minimum(table / np.maximum(union, 1e-12), 1.0)[:k, :count]
    return np.asarray(np.diagonal(alike) if same else alike.max(axis=1))


def _within(labels: _Labels, k: int) -> _Labels:
    """Return labels (n,) with k for those of no segment."""
    return np.where((labels < 0) | (labels >= k), k, labels)


def _table(before: _Labels, after: _Labels, mass: Array, k: int) -> Array:
    cells = np.bincount(before * (k + 1) + after, mass, (k + 1) ** 2)
    return np.asarray(cells, np.float64).reshape(k + 1, k + 1)
