"""Engagement: how often, how long and by which way a customer comes.

What says the same as another feature only describes segments, and so does what another half of
somebody's sessions tells otherwise: minutes, their spread, trends and the mix of channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from customer_atlas.features.aggregates import (
    Count,
    Distinct,
    Entropy,
    Max,
    Mean,
    Std,
    Top,
    TopShare,
    Window,
)
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Enough, Ratio, Since, Trend
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import PercentileRank, Weighted
from customer_atlas.features.monoids import Where

__all__ = ["FEATURES", "type_shares"]

_EVENTS = Count(grain="events")
_SESSIONS = Count(grain="sessions")
_RECENCY = Since(Max(grain="events"))
_DEPTH = Ratio(_EVENTS, _SESSIONS)
_KNOWN_CHANNEL = Count(grain="events", where=(Where("channel", "known"),))
_FEW = 3


def _recent(days: int, *, before: bool = False) -> Count:
    return Count(grain="events", window=Window(timedelta(days=days), previous=before))


def _recent_events(days: int) -> Feature:
    return Feature(
        FeatureInfo(
            f"events_{days}d",
            "engagement",
            "events",
            f"events in the last {days} days",
            zero=True,
            describes=days != 30,
            formula=f"rows in the last {days} days",
        ),
        _recent(days),
    )


# Recency and visits say whether somebody is engaged, depth how much: it weighs half.
_SCORE = Weighted(
    (
        (0.4, PercentileRank("engagement_recency", _RECENCY, low_is_best=True)),
        (0.4, PercentileRank("engagement_sessions", Enough(_SESSIONS, _SESSIONS, 1))),
        (0.2, PercentileRank("engagement_depth", _DEPTH)),
    )
)

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
    *(_recent_events(days) for days in (7, 30, 90)),
    Feature(
        FeatureInfo(
            "events_trend_30d",
            "engagement",
            "score",
            "trend of the events of the last 30 days",
            high="warming",
            low="cooling",
            zero=True,
            describes=True,
            formula="(a - b) / (a + b + 2): events of the last 30 days against the 30 before",
        ),
        Trend(_recent(30), _recent(30, before=True)),
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
        _RECENCY,
    ),
    Feature(
        FeatureInfo(
            "active_days",
            "engagement",
            "days",
            "days with an event",
            high="returning",
            low="one-visit",
            zero=True,
            describes=True,
            formula="distinct days with any row, in the zone of the project",
        ),
        Distinct(grain="events", column="day"),
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
        _DEPTH,
    ),
    Feature(
        FeatureInfo(
            "session_minutes_mean",
            "engagement",
            "number",
            "minutes per session",
            high="lingering",
            low="hurried",
            describes=True,
            formula="mean over sessions of last - first timestamp; 0 for one event",
            evidence="sessions",
        ),
        Mean(grain="sessions", column="minutes"),
    ),
    Feature(
        FeatureInfo(
            "session_minutes_std",
            "engagement",
            "number",
            "spread of the minutes per session",
            describes=True,
            formula="sample standard deviation of those minutes; unknown under two sessions",
        ),
        Std(grain="sessions", column="minutes"),
    ),
    Feature(
        FeatureInfo(
            "channel_entropy",
            "engagement",
            "score",
            "evenness over channels, in bits",
            high="all-channel",
            low="one-channel",
            describes=True,
            formula=f"Shannon entropy of the rows per channel; unknown under {_FEW} rows",
        ),
        Enough(Entropy(grain="events", column="channel"), _KNOWN_CHANNEL, _FEW),
    ),
    Feature(
        FeatureInfo(
            "top_channel",
            "engagement",
            "category",
            "main channel",
            kind="category",
            describes=True,
            formula="channel of most rows; of equally frequent ones the first in the alphabet",
        ),
        Top(grain="events", column="channel"),
    ),
    Feature(
        FeatureInfo(
            "top_channel_share",
            "engagement",
            "share",
            "share of events in the main channel",
            describes=True,
            formula=f"rows of the main channel / rows of any; unknown under {_FEW} rows",
        ),
        Enough(TopShare(grain="events", column="channel"), _KNOWN_CHANNEL, _FEW),
    ),
    Feature(
        FeatureInfo(
            "engagement_score",
            "engagement",
            "score",
            "engagement from 0 to 100",
            liveness="frozen",
            zero=True,
            describes=True,
            formula="40 % rank of the days since the last event, the latest first, 40 % rank of"
            " sessions, 20 % rank of events per session; each rank is the share of customers with"
            " events who have less, ties half",
        ),
        _SCORE,
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
