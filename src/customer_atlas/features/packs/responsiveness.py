"""Responsiveness: what a customer makes of the messages that they get."""

from __future__ import annotations

from customer_atlas.features.aggregates import Count, Max
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Ratio, Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.monoids import Where

__all__ = ["FEATURES"]


def _are(action: str) -> Where:
    return Where("action", "==", action)


_SENT = Count(grain="messages", where=(_are("sent"),))
_OPENED = Count(grain="messages", where=(_are("open"),))
_CLICKED = Count(grain="messages", where=(_are("click"),))
_CONVERTED = Count(grain="messages", where=(_are("convert"),))

FEATURES = (
    Feature(
        FeatureInfo(
            "messages_sent",
            "responsiveness",
            "count",
            "messages sent",
            zero=True,
            formula="messages whose action is 'sent'",
        ),
        _SENT,
    ),
    Feature(
        FeatureInfo(
            "open_rate",
            "responsiveness",
            "share",
            "messages opened per message sent",
            high="attentive",
            low="inattentive",
            formula="actions 'open' / actions 'sent'",
        ),
        Ratio(_OPENED, _SENT),
    ),
    Feature(
        FeatureInfo(
            "click_rate",
            "responsiveness",
            "share",
            "clicks per message sent",
            high="clicking",
            low="passive",
            formula="actions 'click' / actions 'sent'",
        ),
        Ratio(_CLICKED, _SENT),
    ),
    Feature(
        FeatureInfo(
            "conversions",
            "responsiveness",
            "count",
            "offers taken up",
            high="offer-loving",
            zero=True,
            formula="messages whose action is 'convert'",
        ),
        _CONVERTED,
    ),
    Feature(
        FeatureInfo(
            "conversion_recency_days",
            "responsiveness",
            "days",
            "days since an offer was last taken up",
            formula="cutoff - last timestamp of an action 'convert'",
        ),
        Since(Max(grain="messages", where=(_are("convert"),))),
    ),
)
