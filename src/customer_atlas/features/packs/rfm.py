"""Recency, frequency and monetary value: when, how often and how much a customer buys."""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.features.aggregates import Count, Max, Sum
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.conditions import PAID, PAID_ORDER

__all__ = ["FEATURES"]

_RECENCY = FeatureInfo(
    "recency_days",
    "rfm",
    "days",
    "days since the last order",
    high="lapsed",
    low="active",
    formula="cutoff - last timestamp of a row with a positive amount",
)

FEATURES = (
    Feature(_RECENCY, Since(Max(grain="transactions", where=(PAID,))), needs=("amount",)),
    Feature(replace(_RECENCY, formula="cutoff - last timestamp"), Since(Max(grain="transactions"))),
    Feature(
        FeatureInfo(
            "frequency",
            "rfm",
            "orders",
            "orders",
            high="frequent",
            low="occasional",
            zero=True,
            formula="distinct orders with a row of positive amount",
        ),
        Count(grain="orders", where=(PAID_ORDER,)),
    ),
    Feature(
        FeatureInfo(
            "monetary",
            "rfm",
            "money",
            "net spend",
            high="high-value",
            low="low-value",
            zero=True,
            formula="sum of amounts, returns included as negative amounts",
        ),
        Sum(grain="transactions", column="amount"),
    ),
)
