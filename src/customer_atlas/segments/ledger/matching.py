"""Which segment of a generation is which of the one before: survived, split, merged, born, died."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kind", "Link", "Transition", "match_segments"]

Kind = Literal["survived", "split", "merged", "born", "died"]

_SAME = 1 / 3  # the Jaccard similarity of two sets of one size that share half of each
_MOST = 0.5
_PART = 0.1  # of a segment: less of it is no part, but customers who moved

_Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Link:
    """Customers who are in one segment before and in one after, by their places.

    `kept` is their share (0 to 1) of the earlier segment, `made` of the later one.
    """

    earlier: int
    later: int
    customers: float
    kept: float
    made: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True)
class Transition:
    """What became of a segment, or where one comes from.

    `earlier` and `later` are places of segments. Of those that survive there is one of each; of a
    split one earlier one and its parts; of a merger its sources and the later one; who is born
    has no earlier one and who died no later one. `heir` is the pair (earlier, later) of which the
    one is the other, None where nobody inherits. `links` is the evidence, the largest first.
    """

    kind: Kind
    earlier: tuple[int, ...]
    later: tuple[int, ...]
    heir: tuple[int, int] | None
    links: tuple[Link, ...]


def match_segments(overlap: Sequence[Sequence[float]] | _Matrix) -> list[Transition]:
    """Say what became of each segment, given how many customers went from which to which.

    Two segments are the same where their customers are: those pairs whose Jaccard similarities
    add up to the most (the assignment problem; Kuhn, 1955), each above a third, which is that of
    two segments of one size that share half of each. A segment split where two or more later
    ones come mostly from it and hold a tenth of it each; segments merged where most of two or
    more are in one later segment. The largest heir keeps the identity. The kinds are those of
    Spiliopoulou and others, "MONIC: modeling and monitoring cluster transitions" (2006), which
    looks at the earlier side alone.

    Args:
        overlap: customers (earlier, later) by segment before and after, those of both alone.

    >>> [(one.kind, one.earlier, one.later) for one in match_segments([[90, 10], [0, 50]])]
    [('survived', (0,), (0,)), ('survived', (1,), (1,))]
    >>> [(one.kind, one.earlier, one.later) for one in match_segments([[60, 40]])]
    [('split', (0,), (0, 1))]
    """
    counts = np.atleast_2d(np.asarray(overlap, dtype=np.float64))
    kept = _shares(counts, counts.sum(axis=1, keepdims=True))
    made = _shares(counts, counts.sum(axis=0, keepdims=True))
    found = _Overlap(counts, kept, made, _heirs(kept, made))
    splits, mergers = list(found.splits()), list(found.mergers())
    told = {place for one in (*splits, *mergers) for place in one.earlier}
    come = {place for one in (*splits, *mergers) for place in one.later}
    survived = [
        found.transition("survived", (e,), (later,))
        for e, later in sorted(found.heirs.items())
        if e not in told and later not in come
    ]
    # Who inherits beside a split or a merger is told of there, unless neither names the pair.
    named = {one.heir for one in (*splits, *mergers)}
    survived += [
        found.transition("survived", (e,), (later,))
        for e, later in sorted(found.heirs.items())
        if (e in told or later in come) and (e, later) not in named
    ]
    heirs = set(found.heirs.values())
    died = [
        found.transition("died", (e,), ())
        for e in range(len(counts))
        if e not in told and e not in found.heirs
    ]
    born = [
        found.transition("born", (), (later,))
        for later in range(counts.shape[1])
        if later not in come and later not in heirs
    ]
    return [*survived, *splits, *mergers, *born, *died]


@dataclass(frozen=True)
class _Overlap:
    counts: _Matrix
    kept: _Matrix
    made: _Matrix
    heirs: dict[int, int]

    def splits(self) -> Iterator[Transition]:
        for e in range(len(self.counts)):
            parts = np.flatnonzero((self.made[e] > _MOST) & (self.kept[e] >= _PART))
            if len(parts) > 1 and self.kept[e, parts].sum() > _MOST:
                yield self.transition("split", (e,), tuple(map(int, parts)))

    def mergers(self) -> Iterator[Transition]:
        for later in range(self.counts.shape[1]):
            sources = np.flatnonzero(self.kept[:, later] > _MOST)
            if len(sources) > 1:
                yield self.transition("merged", tuple(map(int, sources)), (later,))

    def transition(
        self, kind: Kind, earlier: tuple[int, ...], later: tuple[int, ...]
    ) -> Transition:
        """Return a transition with its heir and its evidence: all that it names, or where to."""
        rows = earlier or tuple(range(len(self.counts)))
        columns = later or tuple(range(self.counts.shape[1]))
        links = [
            Link(e, place, float(self.counts[e, place]), float(self.kept[e, place]),
                 float(self.made[e, place]))
            for e in rows
            for place in columns
            if self.counts[e, place]
        ]  # fmt: skip
        if kind in ("born", "died"):
            links = [link for link in links if max(link.kept, link.made) >= _PART]
        links.sort(key=lambda link: (-link.customers, link.earlier, link.later))
        heir = next(((e, self.heirs[e]) for e in earlier if self.heirs.get(e) in later), None)
        return Transition(kind, earlier, later, heir, tuple(links))


def _shares(counts: _Matrix, total: _Matrix) -> _Matrix:
    return np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)


def _heirs(kept: _Matrix, made: _Matrix) -> dict[int, int]:
    """Return which later segment is which earlier one: the pairs that are most alike in all."""
    from scipy.optimize import linear_sum_assignment

    both = (kept > 0) & (made > 0)
    inverse = np.where(both, 1 / np.where(both, kept, 1) + 1 / np.where(both, made, 1) - 1, np.inf)
    alike = np.where(1 / inverse > _SAME, 1 / inverse, 0.0)
    rows, columns = linear_sum_assignment(-alike)
    return {int(e): int(c) for e, c in zip(rows, columns, strict=True) if alike[e, c] > 0}
