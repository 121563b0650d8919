"""A seeded retailer with known kinds of customer: the truth that segmentations are held to."""

from __future__ import annotations

from customer_atlas.simulate.kinds import CATEGORIES, KINDS, CustomerKind
from customer_atlas.simulate.retailer import Retailer, simulate_retailer

__all__ = ["CATEGORIES", "KINDS", "CustomerKind", "Retailer", "simulate_retailer"]
