"""What would move customers: acts that are tried out, and judged by the model that serves."""

from __future__ import annotations

from customer_atlas.segments.moves.move import Move, Rung, SegmentMoves, Target, say_doing
from customer_atlas.segments.moves.search import (
    SURE,
    Tried,
    cheapest_moves,
    doings,
    segment_moves,
)

__all__ = [
    "SURE",
    "Move",
    "Rung",
    "SegmentMoves",
    "Target",
    "Tried",
    "cheapest_moves",
    "doings",
    "say_doing",
    "segment_moves",
]
