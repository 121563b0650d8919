"""Calendar: when a customer likes to buy, by the clock and the calendar of the project's zone.

With few orders, when they were says more of chance than of the customer: that describes, and takes
no part in forming segments. Of equally frequent hours, days and seasons the first counts. The pack
is on where it is listed: it takes as long as recency, frequency and spend together.
"""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.features.aggregates import Count, Share, Top
from customer_atlas.features.declaration import Feature
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import Timed
from customer_atlas.features.monoids import Where
from customer_atlas.features.packs.conditions import HOURS, MIDNIGHT, PAID_ORDER

__all__ = ["FEATURES"]

_PAID = (PAID_ORDER,)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _preferred(what: str, formula: str) -> FeatureInfo:
    return FeatureInfo(
        f"preferred_{what}",
        "calendar",
        "category",
        f"favourite {what}",
        kind="category",
        describes=True,
        formula=formula + "; in the zone of the project",
    )


FEATURES = (
    Feature(
        FeatureInfo(
            "weekend_share",
            "calendar",
            "share",
            "share of orders at the weekend",
            describes=True,
            formula="orders on a Saturday or Sunday / orders; in the zone of the project",
        ),
        Share(grain="orders", where=_PAID, of=(Where("weekday", ">=", 5.0),)),
    ),
    Feature(
        replace(
            _preferred(
                "hour",
                "the hour with the most orders; unknown where 99 % of all orders are in the hour"
                " after midnight: then timestamps are dates",
            ),
            liveness="frozen",
        ),
        Timed(
            "preferred_hour",
            Top(grain="orders", column="hour", where=_PAID),
            Count(grain="orders", where=(PAID_ORDER, MIDNIGHT)),
            Count(grain="orders", where=_PAID),
        ),
        labels=HOURS,
    ),
    Feature(
        _preferred("weekday", "the day of the week with the most orders"),
        Top(grain="orders", column="weekday", where=_PAID),
        labels=_WEEKDAYS,
    ),
    Feature(
        _preferred("season", "the three months with the most orders"),
        Top(grain="orders", column="season", where=_PAID),
    ),
)
