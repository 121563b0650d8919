"""Data readiness: what the lake's tables hold, whether it holds, and what to mend first."""

from __future__ import annotations

from customer_atlas.data.quality.drift import excess_psi
from customer_atlas.data.quality.findings import Finding, Severity
from customer_atlas.data.quality.profile import PROBABILITIES, ColumnProfile, Profile, SourceProfile
from customer_atlas.data.quality.readiness import Baseline, Readiness, check_readiness
from customer_atlas.data.quality.score import Scores

__all__ = [
    "PROBABILITIES",
    "Baseline",
    "ColumnProfile",
    "Finding",
    "Profile",
    "Readiness",
    "Scores",
    "Severity",
    "SourceProfile",
    "check_readiness",
    "excess_psi",
]
