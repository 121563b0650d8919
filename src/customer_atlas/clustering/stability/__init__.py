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

__all__ = ["Leaving", "Probe", "ProbeKind", "StabilityReport", "Trial", "steadiness"]
