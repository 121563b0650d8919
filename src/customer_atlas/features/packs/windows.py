"""Orders and spend of the last 30, 90 and 365 days."""

from __future__ import annotations

from datetime import timedelta

from customer_atlas.features.aggregates import Count, Sum, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.conditions import PAID_ORDER

__all__ = ["DAYS", "FEATURES"]

DAYS = (30, 90, 365)


def _orders(days: int) -> Feature:
    return Feature(
        FeatureInfo(
            f"orders_{days}d",
            "windows",
            "orders",
            f"orders in the last {days} days",
            zero=True,
            formula=f"distinct orders with a row of positive amount in the last {days} days",
        ),
        Count(grain="orders", where=(PAID_ORDER,), window=Window(timedelta(days=days))),
    )


def _spend(days: int) -> Feature:
    return Feature(
        FeatureInfo(
            f"spend_{days}d",
            "windows",
            "money",
            f"net spend in the last {days} days",
            zero=True,
            formula=f"sum of amounts in the last {days} days",
        ),
        Sum(grain="transactions", column="amount", window=Window(timedelta(days=days))),
    )


FEATURES = tuple(make(days) for days in DAYS for make in (_orders, _spend))
