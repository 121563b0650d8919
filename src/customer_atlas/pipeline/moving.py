"""What would move customers of what serves: acts tried on their rows, judged by the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from customer_atlas.config import Role
from customer_atlas.errors import UsageError
from customer_atlas.features import Acting, Doing
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.definition import digest
from customer_atlas.pipeline.driving import keep_beside_run
from customer_atlas.pipeline.model import level_column
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import CustomerView, Published
from customer_atlas.segments import (
    Move,
    Segment,
    SegmentMoves,
    Tried,
    cheapest_moves,
    doings,
    segment_moves,
)

__all__ = ["DAYS", "Alone", "CustomerMoves", "Moving"]

DAYS = 30
"""Within so many days acts are done, if nobody says otherwise."""

_LEAST, _LONGEST = 14, 365
_LOOKED_AT = 200
_ROLES = (Role.TRANSACTIONS, Role.EVENTS, Role.MESSAGES)


@dataclass(frozen=True)
class Alone:
    """Where a customer is some days later without doing anything, and how surely."""

    segment: str
    name: str
    probability: float
    kind: str


@dataclass(frozen=True)
class CustomerMoves:
    """What would move one customer within some days, the cheapest first; `reason` if nothing."""

    days: int
    alone: Alone | None
    moves: tuple[Move, ...]
    reason: str = ""


class Moving:
    """Tries what customers might do within `days` of what serves; compiled once for many."""

    def __init__(self, published: Published, days: int = DAYS, progress: Progress = silent) -> None:
        if not _LEAST <= days <= _LONGEST:
            raise UsageError(f"Acts are tried within {_LEAST} to {_LONGEST} days; found {days}.")
        self._published, self.days, self._progress = published, days, progress

    def of_customer(self, view: CustomerView) -> CustomerMoves:
        """Return what would move a customer, each move verified by the model that serves."""
        if self._unable:
            return CustomerMoves(self.days, None, (), self._unable)
        past = self._acting.past([view.customer_id])
        roles = [role for role in self._roles if role in past.usual and past.usual[role].known(0)]
        tried = self._tried(past.features(done := self._doings(roles)), done)
        alone = self._alone(tried)
        if not roles:
            said = "They never ordered, came or got a message, so there is no act of theirs to try."
            return CustomerMoves(self.days, alone, (), said)
        money = past.usual.get(Role.TRANSACTIONS)
        usual = float(money.value[0]) if money and money.priced and money.known(0) else None
        moves = cheapest_moves(
            tried, 0, view.segment.cluster, self._published.segments, usual, self.days
        )
        reason = "" if moves else f"None of {len(done) - 1} ways of acting changes where they are."
        return CustomerMoves(self.days, alone, moves, reason)

    def of_segment(self, segment: Segment) -> SegmentMoves:
        """Return where customers of a segment come; it stays with the run that serves.

        Of a sub-segment it is told which others inside its segment they come into.
        """
        name = f"moves-{self.days}.json"
        kept: dict[str, dict[str, object]] = {}
        with suppress(OSError, ValueError):
            kept = json.loads((self._published.folder / name).read_text(encoding="utf-8"))
        with suppress(KeyError, TypeError):
            return SegmentMoves.from_dict(kept[segment.id])
        found = self._of_segment(segment)
        keep_beside_run(self._published, name, kept | {segment.id: found.to_dict()})
        return found

    def _of_segment(self, segment: Segment) -> SegmentMoves:
        if self._unable:
            return SegmentMoves(segment.id, self.days, 0, (), self._unable)
        self._progress(f"try what customers of {segment.name} might do")
        done = self._doings(self._roles)
        ids = self._members(segment)
        tried = self._tried(self._acting.past(ids).features(done), done, segment.level)
        beside = self._published.inside(self._published.family(segment)[0])
        return segment_moves(tried, segment, beside, self.days)

    def _members(self, segment: Segment) -> list[str]:
        """Return customers of a segment, in the order of their ids: all, or some at random."""
        ids: list[str] = []
        column = level_column("cluster", segment.level)
        for path in self._published.paths("members"):
            table = pq.read_table(path, columns=["customer_id", column])
            ids += table.filter(pc.equal(table[column], segment.cluster))["customer_id"].to_pylist()
        draw = np.random.default_rng(self._published.generation.seed)
        places = draw.permutation(len(ids))[:_LOOKED_AT]
        return sorted(ids[at] for at in places)

    def _doings(self, roles: Sequence[Role]) -> list[Doing]:
        return doings(roles, sizes_vary=self._acting.sizes_vary)

    def _tried(self, features: pa.Table, done: Sequence[Doing], level: int = 1) -> Tried:
        found = self._published.model.assign(features)
        columns = {
            name: found[level_column(name, level)]
            for name in ("cluster", "probability", "distance")
        }
        return Tried.of(done, pa.table({"kind": found["kind"], **columns}))

    def _alone(self, tried: Tried) -> Alone:
        segments = {one.cluster: one for one in self._published.segments}
        segment = segments.get(int(tried.cluster[0, 0]))
        probability = float(tried.probability[0, 0])
        kind = "learned" if tried.sure[0, 0] else "unsure"
        if segment is None:
            return Alone("", "a segment that is empty now", probability, kind)
        return Alone(segment.id, segment.name, probability, kind)

    @property
    def _roles(self) -> list[Role]:
        there = {one.role for one in self._asked.snapshot.sources}
        return [role for role in _ROLES if role in there]

    @cached_property
    def _unable(self) -> str:
        """Why nothing can be tried; empty where something can."""
        published = self._published
        if len(published.segments) < 2:
            return "There is one segment, and nowhere else to come to."
        if digest(self._asked.definition) != published.generation.definition:
            return (
                "The project file has changed since these segments were trained, so what acts"
                " would change cannot be told. Train anew: atlas run --refit"
            )
        if not self._roles:
            return (
                "No source says what customers do, so there is no act to try. Add orders, events"
                " or messages to the project."
            )
        return ""

    @cached_property
    def _asked(self) -> Asked:
        published = self._published
        return Asked.of(published.work, published.pointer.segmentation, published.as_of)

    @cached_property
    def _acting(self) -> Acting:
        published, asked = self._published, self._asked
        plan = plan_features(published.work, asked, published.model.population, self._progress)
        now = published.as_of
        then = now + timedelta(days=self.days)
        return Acting(published.work.engine, asked.snapshot, plan, now, then)
