"""Selection: which features may form segments, which may not and why, and which tell most."""

from __future__ import annotations

from customer_atlas.features.selection.models import half_told
from customer_atlas.features.selection.selecting import select_features
from customer_atlas.features.selection.selection import CurvePoint, Dropped, Ranked, Selection

__all__ = ["CurvePoint", "Dropped", "Ranked", "Selection", "half_told", "select_features"]
