"""Segments: groups of customers with names, profiles and reasons."""

from __future__ import annotations

from customer_atlas.segments.alike import NEGLIGIBLE, Alike
from customer_atlas.segments.describe import describe_inside, describe_segments, segment_ids
from customer_atlas.segments.drivers import (
    Driver,
    Drivers,
    Reason,
    Sampled,
    SegmentDrivers,
    Surrogate,
    measure_drivers,
    model_weights,
    reasons_for,
)
from customer_atlas.segments.effects import group_contrasts
from customer_atlas.segments.moves import (
    Move,
    SegmentMoves,
    Tried,
    cheapest_moves,
    doings,
    segment_moves,
)
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.profile import profile_buckets
from customer_atlas.segments.segment import Direction, Segment, Statistic, Telling

__all__ = [
    "NEGLIGIBLE",
    "Alike",
    "Direction",
    "Driver",
    "Drivers",
    "Move",
    "Reason",
    "Sampled",
    "Segment",
    "SegmentDrivers",
    "SegmentMoves",
    "Statistic",
    "Surrogate",
    "Telling",
    "Tried",
    "cheapest_moves",
    "describe_inside",
    "describe_segments",
    "doings",
    "group_contrasts",
    "measure_drivers",
    "model_weights",
    "profile_buckets",
    "reasons_for",
    "say_number",
    "say_pair",
    "say_share",
    "segment_ids",
    "segment_moves",
]
