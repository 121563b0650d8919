"""Segments: groups of customers with names, profiles and reasons."""

from __future__ import annotations

from customer_atlas.segments.advice import Advice, advice_of
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
from customer_atlas.segments.rules import (
    DIALECTS,
    Dialect,
    RuleSegment,
    RuleSegments,
    SegmentRule,
    Shared,
    check_features,
    condition_sql,
    customers_sql,
    holds,
    known_sql,
    learn_rules,
    measured,
    say_condition,
)
from customer_atlas.segments.segment import Direction, Segment, Statistic, Telling
from customer_atlas.segments.standing import Standing, standing_of

__all__ = [
    "DIALECTS",
    "NEGLIGIBLE",
    "PARTS_OF_DAY",
    "WEEKDAYS",
    "Advice",
    "Alike",
    "Dialect",
    "Direction",
    "Driver",
    "Drivers",
    "Habit",
    "Habits",
    "Lean",
    "Move",
    "Print",
    "Reason",
    "RuleSegment",
    "RuleSegments",
    "Sampled",
    "Segment",
    "SegmentDrivers",
    "SegmentMoves",
    "SegmentRule",
    "Shared",
    "Standing",
    "Statistic",
    "Sums",
    "Surrogate",
    "Telling",
    "Transition",
    "Tried",
    "advice_of",
    "cheapest_moves",
    "check_features",
    "condition_sql",
    "customers_sql",
    "describe_inside",
    "describe_segments",
    "doings",
    "group_contrasts",
    "holds",
    "known_sql",
    "learn_rules",
    "match_segments",
    "measure_drivers",
    "measured",
    "model_weights",
    "print_of",
    "profile_buckets",
    "reasons_for",
    "say_condition",
    "say_number",
    "say_pair",
    "say_share",
    "say_transition",
    "segment_ids",
    "segment_moves",
    "standing_of",
]
