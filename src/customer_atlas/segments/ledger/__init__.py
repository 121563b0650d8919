"""The ledger: what became of each segment when the next generation was trained."""

from __future__ import annotations

from customer_atlas.segments.ledger.matching import Kind, Link, Transition, match_segments
from customer_atlas.segments.ledger.sentence import say_transition
from customer_atlas.segments.ledger.story import tell_transition

__all__ = ["Kind", "Link", "Transition", "match_segments", "say_transition", "tell_transition"]
