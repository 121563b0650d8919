"""Segments: groups of customers with names, profiles and reasons."""

from __future__ import annotations

from customer_atlas.segments.alike import NEGLIGIBLE, Alike
from customer_atlas.segments.describe import describe_inside, describe_segments, segment_ids
from customer_atlas.segments.effects import group_contrasts
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.profile import profile_buckets
from customer_atlas.segments.segment import Direction, Segment, Statistic, Telling

__all__ = [
    "NEGLIGIBLE",
    "Alike",
    "Direction",
    "Segment",
    "Statistic",
    "Telling",
    "describe_inside",
    "describe_segments",
    "group_contrasts",
    "profile_buckets",
    "say_number",
    "say_pair",
    "say_share",
    "segment_ids",
]
