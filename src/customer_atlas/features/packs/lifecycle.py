"""Lifecycle: how long a customer has been one, and where they are heading."""

from __future__ import annotations

from datetime import timedelta

from customer_atlas.features.aggregates import (
    Count,
    Distinct,
    GapLast,
    GapMean,
    Max,
    Min,
    Sum,
    Window,
)
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Ratio, Since, Span, Trend
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import Confidence
from customer_atlas.features.packs.conditions import PAID, PAID_ORDER
from customer_atlas.features.stages import STAGES, Stage

__all__ = ["FEATURES"]

_NOW = Window(timedelta(days=90))
_BEFORE = Window(timedelta(days=90), previous=True)
_PAID_ORDER = (PAID_ORDER,)
_ORDERS = Count(grain="orders", where=_PAID_ORDER)

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
    Feature(
        FeatureInfo(
            "lifecycle_stage",
            "lifecycle",
            "category",
            "stage",
            kind="category",
            liveness="frozen",
            describes=True,
            formula="new, active, cooling, lapsed or reactivated, by the customer's own gaps"
            " between days with an order; unknown without an order",
        ),
        Stage(
            "lifecycle_stage",
            first=Min(grain="orders", where=_PAID_ORDER),
            last=Max(grain="orders", where=_PAID_ORDER),
            days=Distinct(grain="orders", column="day", where=_PAID_ORDER),
            gap_mean=GapMean(grain="orders", where=_PAID_ORDER),
            gap_last=GapLast(grain="orders", where=_PAID_ORDER),
        ),
        labels=STAGES,
    ),
    Feature(
        FeatureInfo(
            "confidence",
            "lifecycle",
            "share",
            "weight of their own history",
            liveness="frozen",
            describes=True,
            formula="n / (n + k): n orders, and the k orders that everybody's mean order value is"
            " worth; unknown where too few are known",
        ),
        Confidence(
            "confidence",
            Ratio(Sum(grain="transactions", column="amount", where=(PAID,)), _ORDERS),
            _ORDERS,
        ),
    ),
)
