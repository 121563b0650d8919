"""Basket: what one order is like."""

from __future__ import annotations

from customer_atlas.features.aggregates import Count, Mean, Sum
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Linear, Ratio
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.packs.conditions import PAID, PAID_ORDER, RETURNED

__all__ = ["FEATURES"]

_ORDERS = Count(grain="orders", where=(PAID_ORDER,))
_SPEND = Sum(grain="transactions", column="amount", where=(PAID,))
_REFUNDS = Sum(grain="transactions", column="amount", where=(RETURNED,))
_ITEMS = Sum(grain="transactions", column="quantity", where=(PAID,))
_DISCOUNT = Sum(grain="transactions", column="discount", where=(PAID,))

FEATURES = (
    Feature(
        FeatureInfo(
            "order_value_mean",
            "basket",
            "money",
            "spend per order",
            high="big-basket",
            low="small-basket",
            formula="positive amounts / orders",
            evidence="frequency",
        ),
        Ratio(_SPEND, _ORDERS),
    ),
    Feature(
        FeatureInfo(
            "order_items_mean",
            "basket",
            "items",
            "items per order",
            high="bulk-buying",
            low="small-order",
            formula="mean over orders of the quantity bought, or of the rows where none is known",
            evidence="frequency",
        ),
        Mean(grain="orders", column="items", where=(PAID_ORDER,)),
    ),
    Feature(
        FeatureInfo(
            "unit_price_mean",
            "basket",
            "money",
            "price per item",
            high="premium",
            low="budget",
            formula="positive amounts / quantity bought",
            evidence="frequency",
        ),
        Ratio(_SPEND, _ITEMS),
    ),
    Feature(
        FeatureInfo(
            "discount_share",
            "basket",
            "share",
            "share of the price saved by discounts",
            high="bargain-hunting",
            low="full-price",
            formula="discounts / (positive amounts + discounts)",
            evidence="frequency",
        ),
        Ratio(_DISCOUNT, Linear(((1.0, _SPEND), (1.0, _DISCOUNT)))),
    ),
    Feature(
        FeatureInfo(
            "return_share",
            "basket",
            "share",
            "share of spend returned",
            high="often-returning",
            low="",
            formula="returned amounts / positive amounts",
            evidence="frequency",
        ),
        Ratio(Linear(((-1.0, _REFUNDS),)), _SPEND),
    ),
)
