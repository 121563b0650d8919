"""Rhythm: how regularly a customer comes, over distinct days."""

from __future__ import annotations

from customer_atlas.features.aggregates import Distinct, GapMean, GapStd
from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo

__all__ = ["FEATURES"]

FEATURES = (
    Feature(
        FeatureInfo(
            "purchase_days",
            "rhythm",
            "days",
            "days with a purchase",
            high="regular",
            low="rare",
            zero=True,
            formula="distinct days with any row, zero amounts and returns included; in the zone"
            " of the project",
        ),
        Distinct(grain="transactions", column="day"),
    ),
    Feature(
        FeatureInfo(
            "gap_mean_days",
            "rhythm",
            "days",
            "days between purchases",
            high="slow",
            low="brisk",
            formula="mean gap between distinct purchase days; unknown under two",
        ),
        GapMean(grain="transactions"),
    ),
    Feature(
        FeatureInfo(
            "gap_std_days",
            "rhythm",
            "days",
            "spread of the days between purchases",
            high="irregular",
            low="steady",
            formula="sample standard deviation of those gaps; unknown under three days",
        ),
        GapStd(grain="transactions"),
    ),
)
