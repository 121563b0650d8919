"""The search for the cheapest acts, every one of them tried and judged by the model that serves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.config import Role
from customer_atlas.features import Doing
from customer_atlas.segments.moves.move import Move, Rung, SegmentMoves, Target, say_doing
from customer_atlas.segments.segment import Segment

__all__ = ["SURE", "Tried", "cheapest_moves", "doings", "segment_moves"]

SURE = 0.5
"""The least probability with which a customer must be in the other segment."""

_COUNTS = (1, 2, 3, 4, 6, 8, 12)
_BESIDE = (1, 2, 4)  # of each of two kinds together
_NEARLY = 0.9  # of the largest share: what is cheaper and brings as many is told
_SIZES = (1.0, 1.5, 2.0)
_KINDS = {Role.TRANSACTIONS: "orders", Role.EVENTS: "visits", Role.MESSAGES: "answers"}


def doings(roles: Collection[Role], *, sizes_vary: bool) -> list[Doing]:
    """Return what is tried, the cheapest first, nothing before all.

    Tried are up to twelve acts of each kind that these roles have, up to four of two kinds each,
    and orders up to twice as large as usual. Fewer acts are cheaper; of as many those with less
    spent on orders.

    >>> [one.acts for one in doings([Role.EVENTS], sizes_vary=False)]
    [0, 1, 2, 3, 4, 6, 8, 12]
    """
    kinds = [kind for role, kind in _KINDS.items() if role in roles]
    counts: list[dict[str, int]] = [{}, *({kind: count} for kind in kinds for count in _COUNTS)]
    counts += [
        {one: first, other: second}
        for one, other in combinations(kinds, 2)
        for first, second in product(_BESIDE, repeat=2)
    ]
    found = [
        Doing(size=size, **each)
        for each in counts
        for size in (_SIZES if "orders" in each and sizes_vary else _SIZES[:1])
    ]
    return sorted(found, key=lambda one: (one.acts, one.orders * one.size, one.orders, one.visits))


@dataclass(frozen=True)
class Tried:
    """What the model says of customers after doings.

    `cluster`, `probability` and `distance` are (customers, doings); `sure` is where the model
    assigns with a probability of at least one half, and to no outlier.
    """

    doings: tuple[Doing, ...]
    cluster: NDArray[np.int64]
    probability: NDArray[np.float64]
    distance: NDArray[np.float64]
    sure: NDArray[np.bool_]

    @classmethod
    def of(cls, doings: Sequence[Doing], assigned: pa.Table) -> Tried:
        """Return what an assignment says of as many rows for each customer as there are doings."""
        shape = (-1, len(doings))
        probability = assigned["probability"].to_numpy().reshape(shape)
        kinds = np.asarray(assigned["kind"].cast(pa.string()).to_pylist()).reshape(shape)
        return cls(
            tuple(doings),
            assigned["cluster"].to_numpy().astype(np.int64).reshape(shape),
            probability,
            assigned["distance"].to_numpy().reshape(shape),
            np.isin(kinds, ("learned", "rule")) & (probability >= SURE),
        )

    def lands(self, cluster: int) -> NDArray[np.bool_]:
        """Return who is surely in a cluster after what (customers, doings)."""
        return np.asarray((self.cluster == cluster) & self.sure)


def cheapest_moves(
    tried: Tried,
    customer: int,
    own: int,
    segments: Sequence[Segment],
    usual: float | None,
    days: int,
) -> tuple[Move, ...]:
    """Return the cheapest move of a customer into each segment that one reaches.

    Where the customer is by doing nothing there is no move; where that is another segment, there
    may be one that keeps them in their own, which is the first. `own` is the customer's cluster,
    and `usual` what a usual order comes to.
    """
    moves = []
    for segment in segments:
        there = np.flatnonzero(tried.lands(segment.cluster)[customer])
        if not len(there) or there[0] == 0:
            continue
        at = int(there[0])
        doing = tried.doings[at]
        spend = None if usual is None else usual * doing.size * doing.orders
        moves.append(
            Move(
                segment.id,
                segment.name,
                doing,
                spend,
                float(tried.probability[customer, at]),
                float(tried.distance[customer, at]),
                f"{say_doing(doing, usual)} within {days} days",
                stays=segment.cluster == own,
            )
        )
    moves.sort(key=lambda one: (not one.stays, one.cost, one.spend or 0.0, one.name))
    return tuple(moves)


def segment_moves(
    tried: Tried, segment: Segment, segments: Sequence[Segment], days: int
) -> SegmentMoves:
    """Return where the customers of a segment come: their own first, then what most reach."""
    targets = [_target(tried, one) for one in segments]
    targets.sort(key=lambda one: (one.segment != segment.id, -one.any, one.name))
    return SegmentMoves(segment.id, days, len(tried.cluster), tuple(targets))


def _target(tried: Tried, segment: Segment) -> Target:
    lands = tried.lands(segment.cluster)
    shares = lands.mean(axis=0)
    best = int(np.flatnonzero(shares >= _NEARLY * shares.max())[0])
    rungs = tuple(
        Rung(doing, float(share))
        for doing, share in zip(tried.doings, shares, strict=True)
        if doing.size == 1.0
        and doing.acts in (doing.orders, doing.visits, doing.answers)
        and doing.acts
    )
    some = float(lands.any(axis=1).mean())
    at_best = Rung(tried.doings[best], float(shares[best]))
    return Target(segment.id, segment.name, float(shares[0]), rungs, at_best, some)
