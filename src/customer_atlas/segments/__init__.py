"""Segments: groups of customers with names, profiles and reasons."""

from __future__ import annotations

from customer_atlas.segments.advice import Advice, advice_of
from customer_atlas.segments.alike import NEGLIGIBLE, Alike
from customer_atlas.segments.describe import describe_inside, describe_segments, segment_ids
from customer_atlas.segments.habits import (
    PARTS_OF_DAY,
    WEEKDAYS,
    Habit,
    Habits,
    Lean,
    Print,
    Sums,
    print_of,
)
from customer_atlas.segments.ledger import Transition, match_segments, say_transition
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.segment import Direction, Segment, Statistic, Telling
from customer_atlas.segments.standing import Standing, standing_of

__all__ = [
    "NEGLIGIBLE",
    "PARTS_OF_DAY",
    "WEEKDAYS",
    "Advice",
    "Alike",
    "Direction",
    "Habit",
    "Habits",
    "Lean",
    "Print",
    "Segment",
    "Standing",
    "Statistic",
    "Sums",
    "Telling",
    "Transition",
    "advice_of",
    "describe_inside",
    "describe_segments",
    "match_segments",
    "print_of",
    "say_number",
    "say_pair",
    "say_share",
    "say_transition",
    "segment_ids",
    "standing_of",
]
