"""Why a customer is where they are, and what would move them; the same of a whole segment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from customer_atlas.pipeline.certainty import say_membership
from customer_atlas.pipeline.driving import drivers_of, surrogate_of
from customer_atlas.pipeline.moving import DAYS, CustomerMoves, Moving
from customer_atlas.pipeline.progress import Progress, silent
from customer_atlas.pipeline.published import CustomerView, Published
from customer_atlas.pipeline.tiers import SCORES
from customer_atlas.segments import (
    Drivers,
    Reason,
    Segment,
    SegmentDrivers,
    SegmentMoves,
    Surrogate,
    model_weights,
    reasons_for,
)

__all__ = ["CustomerExplanation", "Explainer", "SegmentExplanation", "Why"]


@dataclass(frozen=True)
class Why:
    """Why a customer is in the segment: against which runner-up, by what, and the reasons.

    `by` says what tells of it: the surrogate, the model itself, or a rule. `share` is the model's
    share of the runner-up, from 0 to 1. `said` is a sentence that holds where there are no
    reasons to tell, or beside them.
    """

    by: str
    runner_up: Segment | None
    share: float | None
    reasons: tuple[Reason, ...]
    said: str


@dataclass(frozen=True)
class CustomerExplanation:
    """A customer, why they are where they are, and what would move them."""

    customer: CustomerView
    why: Why
    fidelity: str
    moves: CustomerMoves | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What speaks for the segment, the strongest first, and what speaks against it last."""
        return self.why.reasons

    @property
    def sure(self) -> str:
        """How sure the membership is, in a sentence."""
        return say_membership(self.customer.kind, self.customer.probability)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        view, why = self.customer, self.why
        return {
            "customer_id": view.customer_id,
            "segment_id": view.segment.id,
            "segment": view.segment.name,
            "kind": view.kind,
            "probability": view.probability,
            "sure": self.sure,
            "runner_up_id": why.runner_up.id if why.runner_up else None,
            "runner_up": why.runner_up.name if why.runner_up else None,
            "runner_up_share": why.share,
            "by": why.by,
            "said": why.said,
            "reasons": [one.to_dict() for one in why.reasons],
            "fidelity": self.fidelity,
            "moves": _moves(self.moves) if self.moves else None,
        }


def _moves(found: CustomerMoves) -> dict[str, Any]:
    return {
        "days": found.days,
        "without_acting": asdict(found.alone) if found.alone else None,
        "moves": [one.to_dict() for one in found.moves],
        "reason": found.reason,
    }


@dataclass(frozen=True)
class SegmentExplanation:
    """A segment, what drives it, and where its customers come by acting.

    A sub-segment is told from the others inside its `parent`.
    """

    segment: Segment
    parent: Segment | None
    drivers: SegmentDrivers | None
    fidelity: str
    moves: SegmentMoves

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "segment_id": self.segment.id,
            "segment": self.segment.name,
            "parent": self.segment.parent,
            "fidelity": self.fidelity,
            "drivers": self.drivers.to_dict() if self.drivers else None,
            "moves": self.moves.to_dict(),
        }


class Explainer:
    """Explains customers and segments of what serves; what it has loaded serves for many."""

    def __init__(self, published: Published, days: int = DAYS, progress: Progress = silent) -> None:
        self._published = published
        self._progress = progress
        self._moving = Moving(published, days, progress)
        self._loaded: tuple[Drivers, Surrogate | None] | None = None

    def customer(self, customer_id: str, *, moves: bool = True) -> CustomerExplanation:
        """Return why a customer is where they are and, if asked, what would move them.

        Raises:
            UnknownNameError: nobody has that id.
        """
        view = self._published.customer(customer_id)
        drivers, trees = self._drivers()
        moved = self._moving.of_customer(view) if moves else None
        return CustomerExplanation(view, self._why(view, trees), drivers.fidelity, moved)

    def segment(self, identifier: str) -> SegmentExplanation:
        """Return what drives a segment and where its customers come by acting.

        Raises:
            UnknownNameError: there is no such segment.
        """
        segment = self._published.segment(identifier)
        parent, _ = self._published.family(segment)
        drivers = drivers_of(self._published, self._progress, parent)
        moves = self._moving.of_segment(segment)
        return SegmentExplanation(segment, parent, drivers.of(segment.id), drivers.fidelity, moves)

    def _drivers(self) -> tuple[Drivers, Surrogate | None]:
        if self._loaded is None:
            trees = surrogate_of(self._published, self._progress)
            self._loaded = drivers_of(self._published, self._progress), trees
        return self._loaded

    def _why(self, view: CustomerView, trees: Surrogate | None) -> Why:
        if self._published.model.tiered:
            return Why("rule", None, None, (), _rule(view))
        if trees is None:
            return Why("model", None, None, (), "There is no other segment to tell it from.")
        model = self._published.model
        row = _row(view)
        shares = model.clusters.predict_proba(model.points(row))[0]
        own = view.segment.cluster
        others = [one for one in self._published.segments if one.cluster != own]
        runner_up = max(others, key=lambda one: (shares[one.cluster], -one.cluster))
        share = float(shares[runner_up.cluster])
        matrix = trees.matrix(row)
        infos = trees.encoding.infos
        put = int(trees.predict(matrix)[0])
        if put == own and {own, runner_up.cluster} <= set(trees.clusters):
            place = {cluster: at for at, cluster in enumerate(trees.clusters)}
            phi = trees.contributions(matrix)[0]
            weights = (phi[place[own]] - phi[place[runner_up.cluster]])[:-1]
            by, said = "surrogate", ""
        else:
            weights = model_weights(
                row,
                trees.same,
                infos,
                runner_up,
                lambda table: model.clusters.inner.predict_proba(model.points(table)),
                own,
            )
            by = "model"
            said = (
                "The trees that tell of drivers would put this customer elsewhere, so these reasons"
                " are by the model itself: how much its odds change where a value is that of the"
                " runner-up."
            )
        found = reasons_for(view.features, infos, weights.tolist(), trees.same, runner_up)
        if not any(one.weight > 0 for one in found):
            said = f"{said} No single value speaks for this segment; all together do.".strip()
        return Why(by, runner_up, share, found, said)


def _row(view: CustomerView) -> pa.Table:
    """Return a customer's features as a table of one row."""
    kinds = {"category": pa.string(), "number": pa.float64()}
    columns = {
        info.name: pa.array([view.features.get(info.name)], kinds[info.kind])
        for info in view.infos
        if info.kind in kinds
    }
    return pa.table({"customer_id": [view.customer_id], **columns})


def _rule(view: CustomerView) -> str:
    """Say by which scores a customer is in a value tier."""
    known = {name: view.features.get(name) for name in SCORES if name in view.features}
    scores = {
        name.removesuffix("_score"): value
        for name, value in known.items()
        if isinstance(value, int | float) and not np.isnan(value)
    }
    if len(scores) < len(known) or not scores:
        return "The rule: they have no order that counts, so there are no scores to add up."
    parts = " + ".join(f"{value:.0f} for {name}" for name, value in scores.items())
    total = sum(scores.values())
    scaled = f", which counts as {total * 3 / len(scores):g}" if len(scores) < len(SCORES) else ""
    return f"The rule: the scores are {parts} = {total:.0f}{scaled}."
