"""Segments: groups of customers with names, profiles and reasons."""

from __future__ import annotations

from customer_atlas.segments.alike import NEGLIGIBLE, Alike
from customer_atlas.segments.describe import describe_inside, describe_segments, segment_ids
from customer_atlas.segments.ledger import Transition, match_segments, say_transition
from customer_atlas.segments.numbers import say_number, say_pair, say_share
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
    "Alike",
    "Dialect",
    "Direction",
    "RuleSegment",
    "RuleSegments",
    "Segment",
    "SegmentRule",
    "Shared",
    "Standing",
    "Statistic",
    "Telling",
    "Transition",
    "check_features",
    "condition_sql",
    "customers_sql",
    "describe_inside",
    "describe_segments",
    "holds",
    "known_sql",
    "learn_rules",
    "match_segments",
    "measured",
    "say_condition",
    "say_number",
    "say_pair",
    "say_share",
    "say_transition",
    "segment_ids",
    "standing_of",
]
