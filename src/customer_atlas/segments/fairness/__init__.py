"""Fairness: who is in the segments, what gives it away, and what is done to whom.

It works on tables and arrays; what it returns holds figures of groups, and nobody's own.
"""

from __future__ import annotations

from customer_atlas.segments.fairness.audit import audit, usable_groups
from customer_atlas.segments.fairness.groups import UNKNOWN, Groups, groups_of
from customer_atlas.segments.fairness.report import (
    FEW,
    FOUR_FIFTHS,
    HIDDEN,
    Attribute,
    Cell,
    Estimate,
    FairnessReport,
    FourFifths,
    Group,
    Leakage,
    Mean,
    Mitigated,
    Mitigation,
    Parity,
    Proxy,
    Told,
    Treatment,
)
from customer_atlas.segments.fairness.representation import largest_gap
from customer_atlas.segments.fairness.telling import (
    CAUTION,
    say_attribute,
    say_audit,
    say_cell,
    say_four_fifths,
    say_hidden,
    say_leakage,
    say_p,
    say_ratio,
    say_treatment,
    telling_cells,
)
from customer_atlas.segments.fairness.treatment import Measure

__all__ = [
    "CAUTION",
    "FEW",
    "FOUR_FIFTHS",
    "HIDDEN",
    "UNKNOWN",
    "Attribute",
    "Cell",
    "Estimate",
    "FairnessReport",
    "FourFifths",
    "Group",
    "Groups",
    "Leakage",
    "Mean",
    "Measure",
    "Mitigated",
    "Mitigation",
    "Parity",
    "Proxy",
    "Told",
    "Treatment",
    "audit",
    "groups_of",
    "largest_gap",
    "say_attribute",
    "say_audit",
    "say_cell",
    "say_four_fifths",
    "say_hidden",
    "say_leakage",
    "say_p",
    "say_ratio",
    "say_treatment",
    "telling_cells",
    "usable_groups",
]
