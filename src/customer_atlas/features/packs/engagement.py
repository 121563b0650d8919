"""Engagement: what a customer does besides buying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from customer_atlas.features.aggregates import Count, Max, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Ratio, Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.monoids import Where

__all__ = ["FEATURES", "type_shares"]

_EVENTS = Count(grain="events")
_SESSIONS = Count(grain="sessions")

FEATURES = (
    Feature(
        FeatureInfo(
            "events_count",
            "engagement",
            "events",
            "events",
            high="active",
            low="quiet",
            zero=True,
            formula="rows",
        ),
        _EVENTS,
    ),
    Feature(
        FeatureInfo(
            "events_30d",
            "engagement",
            "events",
            "events in the last 30 days",
            zero=True,
            formula="rows in the last 30 days",
        ),
        Count(grain="events", window=Window(timedelta(days=30))),
    ),
    Feature(
        FeatureInfo(
            "events_recency_days",
            "engagement",
            "days",
            "days since the last event",
            high="dormant",
            low="active",
            formula="cutoff - last timestamp",
        ),
        Since(Max(grain="events")),
    ),
    Feature(
        FeatureInfo(
            "sessions",
            "engagement",
            "sessions",
            "sessions",
            high="returning",
            low="one-visit",
            zero=True,
            formula="distinct session ids; without one, a pause of over 30 minutes begins another",
        ),
        _SESSIONS,
    ),
    Feature(
        FeatureInfo(
            "events_per_session",
            "engagement",
            "events",
            "events per session",
            high="deep-browsing",
            low="glancing",
            formula="events / sessions",
        ),
        Ratio(_EVENTS, _SESSIONS),
    ),
)


def type_shares(types: Sequence[str]) -> tuple[Feature, ...]:
    """Return a feature per type of event: its share of the customer's events."""
    return tuple(
        Feature(
            FeatureInfo(
                f"share_type_{kind}",
                "engagement",
                "share",
                f"share of events that are '{kind}'",
                liveness="frozen",
                formula=f"events of type '{kind}' / events",
            ),
            Ratio(Count(grain="events", where=(Where("type", "==", kind),)), _EVENTS),
        )
        for kind in types
    )
