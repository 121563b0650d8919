"""Fairness: who is in the segments, what gives it away, and what is done to whom.

It works on tables and arrays; what it returns holds figures of groups, and nobody's own.
"""

from __future__ import annotations

from customer_atlas.segments.fairness.audit import audit, usable_groups
from customer_atlas.segments.fairness.groups import UNKNOWN, Groups, groups_of
from customer_atlas.segments.fairness.mitigation import People, mitigation
from customer_atlas.segments.fairness.report import (
    FEW,
    FOUR_FIFTHS,
    HIDDEN,
    AttributeAudit,
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
from customer_atlas.segments.fairness.telling import (
    BIAS_CAUTION,
    parity_findings,
    say_attribute,
    say_bias,
    say_four_fifths,
    say_leakage,
    say_mitigation,
    say_p,
    say_parity,
    say_ratio,
    say_treatment,
    say_unseen,
)
from customer_atlas.segments.fairness.treatment import Measure

__all__ = [
    "BIAS_CAUTION",
    "FEW",
    "FOUR_FIFTHS",
    "HIDDEN",
    "UNKNOWN",
    "AttributeAudit",
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
    "People",
    "Proxy",
    "Told",
    "Treatment",
    "audit",
    "groups_of",
    "mitigation",
    "parity_findings",
    "say_attribute",
    "say_bias",
    "say_four_fifths",
    "say_leakage",
    "say_mitigation",
    "say_p",
    "say_parity",
    "say_ratio",
    "say_treatment",
    "say_unseen",
    "usable_groups",
]
