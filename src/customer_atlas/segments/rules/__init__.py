"""Rules: who is in a segment, in words and as SQL."""

from __future__ import annotations

from customer_atlas.segments.rules.checks import check_features
from customer_atlas.segments.rules.holds import holds
from customer_atlas.segments.rules.learn import learn_rules
from customer_atlas.segments.rules.overlap import TWINS, RuleSegment, RuleSegments, Shared
from customer_atlas.segments.rules.record import Place, SegmentRule, measured
from customer_atlas.segments.rules.saying import say_condition
from customer_atlas.segments.rules.sql import (
    DIALECTS,
    Dialect,
    condition_sql,
    customers_sql,
    known_sql,
)

__all__ = [
    "DIALECTS",
    "TWINS",
    "Dialect",
    "Place",
    "RuleSegment",
    "RuleSegments",
    "SegmentRule",
    "Shared",
    "check_features",
    "condition_sql",
    "customers_sql",
    "holds",
    "known_sql",
    "learn_rules",
    "measured",
    "say_condition",
]
