"""Stability: do the same segments come back, which do not, and which customers move."""

from __future__ import annotations

from customer_atlas.clustering.stability.report import (
    Leaving,
    Probe,
    ProbeKind,
    StabilityReport,
    Trial,
    steadiness,
)
from customer_atlas.clustering.stability.words import PROBES, say_leaving, say_probe

__all__ = [
    "PROBES",
    "Leaving",
    "Probe",
    "ProbeKind",
    "StabilityReport",
    "Trial",
    "say_leaving",
    "say_probe",
    "steadiness",
]
