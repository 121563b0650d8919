"""Lifecycle: how long a customer has been one, and where they are heading."""

from __future__ import annotations

from datetime import timedelta

from customer_atlas.features.aggregates import Count, Max, Min, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Since, Span, Trend
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.conditions import PAID_ORDER

__all__ = ["FEATURES"]

_NOW = Window(timedelta(days=90))
_BEFORE = Window(timedelta(days=90), previous=True)

FEATURES = (
    Feature(
        FeatureInfo(
            "tenure_days",
            "lifecycle",
            "days",
            "days from the first to the last purchase",
            high="long-standing",
            low="short-lived",
            zero=True,
            formula="last timestamp - first timestamp, of any row",
        ),
        Span(Min(grain="transactions"), Max(grain="transactions")),
    ),
    Feature(
        FeatureInfo(
            "age_days",
            "lifecycle",
            "days",
            "days since the first purchase",
            high="established",
            low="new",
            formula="cutoff - first timestamp, of any row",
        ),
        Since(Min(grain="transactions")),
    ),
    Feature(
        FeatureInfo(
            "trend_90d",
            "lifecycle",
            "score",
            "trend of the last 90 days",
            high="growing",
            low="fading",
            zero=True,
            formula="(a - b) / (a + b + 2): orders of the last 90 days against the 90 before",
        ),
        Trend(
            Count(grain="orders", where=(PAID_ORDER,), window=_NOW),
            Count(grain="orders", where=(PAID_ORDER,), window=_BEFORE),
        ),
    ),
)
