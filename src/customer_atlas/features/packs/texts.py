"""Texts: how much a customer writes, and how content they are; what they write is not read."""

from __future__ import annotations

from datetime import timedelta

from customer_atlas.features.aggregates import Count, Max, Mean, Share, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.monoids import Where

__all__ = ["FEATURES"]

_QUARTER = Window(timedelta(days=90))
_COMPLAINT = Where("complaint", "==", True)

FEATURES = (
    Feature(
        FeatureInfo(
            "texts_count",
            "texts",
            "count",
            "tickets, reviews and answers written",
            high="outspoken",
            low="silent",
            zero=True,
            formula="rows",
        ),
        Count(grain="texts"),
    ),
    Feature(
        FeatureInfo(
            "texts_90d",
            "texts",
            "count",
            "texts written in the last 90 days",
            zero=True,
            formula="rows in the last 90 days",
        ),
        Count(grain="texts", window=_QUARTER),
    ),
    Feature(
        FeatureInfo(
            "texts_recency_days",
            "texts",
            "days",
            "days since the last text",
            formula="cutoff - last timestamp",
        ),
        Since(Max(grain="texts")),
    ),
    Feature(
        FeatureInfo(
            "rating_mean",
            "texts",
            "number",
            "rating given",
            high="delighted",
            low="discontent",
            formula="mean of the ratings",
            evidence="texts_count",
        ),
        Mean(grain="texts", column="rating"),
    ),
    Feature(
        FeatureInfo(
            "complaint_share",
            "texts",
            "share",
            "share of texts that are complaints",
            high="complaining",
            low="",
            formula="rows whose kind says complaint, refund, return or the like / rows",
            evidence="texts_count",
        ),
        Share(grain="texts", of=(_COMPLAINT,)),
    ),
    Feature(
        FeatureInfo(
            "complaints_90d",
            "texts",
            "count",
            "complaints in the last 90 days",
            zero=True,
            formula="rows of the last 90 days whose kind says complaint",
        ),
        Count(grain="texts", where=(_COMPLAINT,), window=_QUARTER),
    ),
)
