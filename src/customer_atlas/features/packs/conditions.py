"""Conditions that several packs share."""

from __future__ import annotations

from customer_atlas.features.monoids import Where

__all__ = ["PAID", "PAID_ORDER", "RETURNED"]

PAID = Where("amount", ">", 0.0)
RETURNED = Where("amount", "<", 0.0)
PAID_ORDER = Where("paid", "==", True)
