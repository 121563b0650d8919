"""Intent: what a customer looks for and puts into the cart, and whether they buy it.

When something was last put into the cart forms segments. The other features describe them: counts
and searches say what engagement says, and rates of a few sessions say more of chance than of
the customer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from customer_atlas.features.aggregates import (
    Count,
    Distinct,
    Max,
    RepeatShare,
    Top,
    TopShare,
    Window,
)
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Enough, Ratio, Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.monoids import Where

__all__ = ["features"]

_FEW = 3
_MONTH = Window(timedelta(days=30))


def features(acts: Collection[str]) -> tuple[Feature, ...]:
    """Return the features that these acts allow: without a search, nobody's share of it is 0."""
    found = [_PRODUCTS]
    if "view" in acts:
        found += _VIEWS
    if "cart" in acts:
        found += [_CARTS, _recency("cart", "since something was last put into the cart")]
    if "checkout" in acts:
        found += [_recency("checkout", "since the last checkout began")]
    if {"cart", "checkout"} & set(acts) and "purchase" in acts:
        found += _ABANDONED
    if "search" in acts:
        found += _SEARCHES
    return tuple(found)


def _is(act: str) -> tuple[Where, ...]:
    return (Where("act", "==", act),)


def _recency(act: str, label: str) -> Feature:
    return Feature(
        FeatureInfo(
            f"{act}_recency_days",
            "intent",
            "days",
            f"days {label}",
            describes=act != "cart",
            formula=f"cutoff - last timestamp of an event that is a {act}",
        ),
        Since(Max(grain="events", where=_is(act))),
    )


_PRODUCTS = Feature(
    FeatureInfo(
        "product_breadth",
        "intent",
        "count",
        "different products in events",
        high="exploring",
        low="single-minded",
        zero=True,
        describes=True,
        formula="distinct products of events of any type",
    ),
    Distinct(grain="events", column="product"),
)

_VIEWED = Count(grain="events", where=(*_is("view"), Where("category", "known")))
_VIEWS = (
    Feature(
        FeatureInfo(
            "repeat_view_share",
            "intent",
            "share",
            "share of viewed products that were viewed again",
            high="deliberating",
            low="",
            describes=True,
            formula="products of more than one view / products of any view",
        ),
        RepeatShare(grain="events", column="product", where=_is("view")),
    ),
    Feature(
        FeatureInfo(
            "top_viewed_category",
            "intent",
            "category",
            "most viewed category",
            kind="category",
            describes=True,
            formula="category of most views; of equally frequent ones the first in the alphabet",
        ),
        Top(grain="events", column="category", where=_is("view")),
    ),
    Feature(
        FeatureInfo(
            "top_viewed_category_share",
            "intent",
            "share",
            "share of views in the most viewed category",
            describes=True,
            formula=f"views of that category / views of any; unknown under {_FEW} views",
        ),
        Enough(TopShare(grain="events", column="category", where=_is("view")), _VIEWED, _FEW),
    ),
)

_CARTS = Feature(
    FeatureInfo(
        "carts_30d",
        "intent",
        "events",
        "additions to the cart in the last 30 days",
        high="cart-filling",
        zero=True,
        describes=True,
        formula="events that are a cart in the last 30 days",
    ),
    Count(grain="events", where=_is("cart"), window=_MONTH),
)

_PURSUED = Count(grain="sessions", where=(Where("intent", "==", True),))
_LEFT = Count(grain="sessions", where=(Where("intent", "==", True), Where("purchase", "==", False)))
_ABANDONED = (
    Feature(
        FeatureInfo(
            "cart_sessions",
            "intent",
            "sessions",
            "sessions with a cart or a checkout",
            zero=True,
            describes=True,
            formula="sessions with an event that is a cart or a checkout",
        ),
        _PURSUED,
    ),
    Feature(
        FeatureInfo(
            "abandoned_sessions",
            "intent",
            "sessions",
            "abandoned sessions",
            zero=True,
            describes=True,
            formula="sessions with a cart or a checkout, and without a purchase",
        ),
        _LEFT,
    ),
    Feature(
        FeatureInfo(
            "abandonment_rate",
            "intent",
            "share",
            "share of sessions abandoned at the cart or the checkout",
            high="abandoning",
            low="determined",
            describes=True,
            formula="abandoned sessions / sessions with a cart or a checkout",
            evidence="cart_sessions",
        ),
        Ratio(_LEFT, _PURSUED),
    ),
)

_SEARCHES = (
    Feature(
        FeatureInfo(
            "searches_30d",
            "intent",
            "events",
            "searches in the last 30 days",
            zero=True,
            describes=True,
            formula="events that are a search in the last 30 days",
        ),
        Count(grain="events", where=_is("search"), window=_MONTH),
    ),
    Feature(
        FeatureInfo(
            "search_share",
            "intent",
            "share",
            "share of events that are searches",
            high="searching",
            describes=True,
            formula="events that are a search / events",
            evidence="events_count",
        ),
        Ratio(Count(grain="events", where=_is("search")), Count(grain="events")),
    ),
)
