"""Responsiveness: what a customer makes of the messages that they get.

Rates are of distinct campaigns, so that who opens one e-mail five times has opened one. A campaign
that any message is of has reached the customer: a rate is never above 1.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from customer_atlas.features.aggregates import Count, Distinct, Max, Top, Window
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Derived, Difference, Enough, Ratio, Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import Timed
from customer_atlas.features.monoids import Where
from customer_atlas.features.packs.conditions import HOURS, MIDNIGHT

__all__ = ["FEATURES"]

_NOW = Window(timedelta(days=90))
_BEFORE = Window(timedelta(days=90), previous=True)


def _are(action: str) -> tuple[Where, ...]:
    return (Where("action", "==", action),)


def _messages(action: str, window: Window | None = None) -> Count:
    return Count(grain="messages", where=_are(action), window=window)


def _rate(action: str, window: Window | None = None) -> Derived:
    """Return the share of the campaigns that got an action, unknown where nothing was sent."""
    acted = Distinct(grain="messages", column="campaign", where=_are(action), window=window)
    reached = Distinct(grain="messages", column="campaign", window=window)
    return Enough(Ratio(acted, reached), _messages("sent", window), 1)


_CLICKED = Distinct(grain="messages", column="campaign", where=_are("click"))
_SEEN = Distinct(
    grain="messages", column="campaign", where=(Where("action", "in", ("open", "click")),)
)
_COUNTED = FeatureInfo("", "responsiveness", "count", "", zero=True)
_DESCRIBING = FeatureInfo("", "responsiveness", "share", "", describes=True)

FEATURES = (
    Feature(
        replace(
            _COUNTED,
            name="messages_sent",
            label="messages sent",
            formula="messages whose action is 'sent'",
        ),
        _messages("sent"),
    ),
    Feature(
        FeatureInfo(
            "open_rate",
            "responsiveness",
            "share",
            "share of campaigns opened",
            high="attentive",
            low="inattentive",
            formula="distinct campaigns with an action 'open' / distinct campaigns; unknown where"
            " nothing was sent",
        ),
        _rate("open"),
    ),
    Feature(
        FeatureInfo(
            "click_rate",
            "responsiveness",
            "share",
            "share of campaigns clicked",
            high="clicking",
            low="passive",
            formula="distinct campaigns with an action 'click' / distinct campaigns; unknown where"
            " nothing was sent",
        ),
        _rate("click"),
    ),
    Feature(
        replace(
            _DESCRIBING,
            name="click_to_open",
            label="share of opened campaigns clicked",
            formula="distinct campaigns clicked / distinct campaigns opened or clicked",
        ),
        Ratio(_CLICKED, _SEEN),
    ),
    Feature(
        replace(
            _DESCRIBING,
            name="fatigue",
            unit="score",
            label="fall of the open rate",
            formula="open rate of the 90 days before the last 90 - that of the last 90 days, from"
            " -1 to 1; unknown where nothing was sent in either",
        ),
        Difference(_rate("open", _BEFORE), _rate("open", _NOW)),
    ),
    Feature(
        replace(
            _DESCRIBING,
            name="preferred_open_hour",
            unit="category",
            kind="category",
            liveness="frozen",
            label="favourite hour for messages",
            formula="the hour with the most actions 'open', of equally frequent ones the first, in"
            " the zone of the project; unknown where 99 % of all are in the hour after midnight:"
            " then timestamps are dates",
        ),
        Timed(
            "preferred_open_hour",
            Top(grain="messages", column="hour", where=_are("open")),
            Count(grain="messages", where=(*_are("open"), MIDNIGHT)),
            _messages("open"),
        ),
        labels=HOURS,
    ),
    Feature(
        replace(
            _COUNTED,
            name="unsubscribes",
            label="times unsubscribed",
            describes=True,
            formula="messages whose action is 'unsubscribe'",
        ),
        _messages("unsubscribe"),
    ),
    Feature(
        replace(
            _COUNTED,
            name="complaints",
            label="complaints",
            describes=True,
            formula="messages whose action is 'complain'",
        ),
        _messages("complain"),
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
        _messages("convert"),
    ),
    Feature(
        FeatureInfo(
            "conversion_recency_days",
            "responsiveness",
            "days",
            "days since an offer was last taken up",
            formula="cutoff - last timestamp of an action 'convert'",
        ),
        Since(Max(grain="messages", where=_are("convert"))),
    ),
)
