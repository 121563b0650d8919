"""Conditions and labels that several packs share."""

from __future__ import annotations

from customer_atlas.features.monoids import Where

__all__ = ["HOURS", "MIDNIGHT", "PAID", "PAID_ORDER", "RETURNED"]

PAID = Where("amount", ">", 0.0)
RETURNED = Where("amount", "<", 0.0)
PAID_ORDER = Where("paid", "==", True)
MIDNIGHT = Where("hour", "==", 0.0)
HOURS = tuple(f"{hour:02d}:00" for hour in range(24))
