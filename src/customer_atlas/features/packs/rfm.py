"""Recency, frequency and monetary value: when, how often and how much a customer buys.

The scores, what is made of them, the rank and the flag say again what the three say: they describe,
and take no part in forming segments, which would count the same thing twice. They are of customers
with an order. A score is 5 for the best fifth of them, or as the segmentation's `rfm` cuts; a value
that equals a cut is under it.
"""

from __future__ import annotations

from dataclasses import replace

from customer_atlas.config import RfmCuts
from customer_atlas.features.aggregates import Count, Max, Sum
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Derived, Enough, Since
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.frozen import Above, Cell, PercentileRank, Score
from customer_atlas.features.packs.conditions import PAID, PAID_ORDER

__all__ = ["CLASSES", "features"]

_RECENCY = FeatureInfo(
    "recency_days",
    "rfm",
    "days",
    "days since the last order",
    high="lapsed",
    low="active",
    formula="cutoff - last timestamp of a row with a positive amount",
)
_SINCE_PAID = Since(Max(grain="transactions", where=(PAID,)))
_SINCE_ANY = Since(Max(grain="transactions"))
_ORDERS = Count(grain="orders", where=(PAID_ORDER,))
_SPEND = Sum(grain="transactions", column="amount")
_OFTEN, _MUCH = Enough(_ORDERS, _ORDERS, 1), Enough(_SPEND, _ORDERS, 1)

CLASSES = (
    ("Lost", "Lost", "At risk", "At risk", "Cannot lose them"),
    ("Hibernating", "Hibernating", "At risk", "At risk", "Cannot lose them"),
    ("About to sleep", "About to sleep", "Need attention", "Loyal", "Loyal"),
    ("Promising", "Potential loyalists", "Potential loyalists", "Loyal", "Loyal"),
    ("New customers", "Potential loyalists", "Potential loyalists", "Champions", "Champions"),
)
"""The named class of each recency score (rows) and frequency score (columns), from 1 to 5."""


def features(cuts: RfmCuts) -> tuple[Feature, ...]:
    """Return the features, with scores parted by `cuts`, or by quintiles where there are none."""
    return (
        Feature(_RECENCY, _SINCE_PAID, needs=("amount",)),
        Feature(replace(_RECENCY, formula="cutoff - last timestamp"), _SINCE_ANY),
        *_AMOUNTS,
        *_scored(_SINCE_PAID, cuts, needs=("amount",)),
        *_scored(_SINCE_ANY, cuts, needs=()),
    )


def _scored(since: Derived, cuts: RfmCuts, needs: tuple[str, ...]) -> tuple[Feature, ...]:
    recency = Score("recency_score", since, cuts.recency or (), low_is_best=True)
    frequency = Score("frequency_score", _OFTEN, cuts.frequency or ())
    monetary = Score("monetary_score", _MUCH, cuts.monetary or ())
    names = tuple(name for row in CLASSES for name in row)
    digits = "12345"
    cells = tuple(r + f + m for r in digits for f in digits for m in digits)
    scores = (recency, frequency, monetary)
    return (
        *(
            Feature(_score_info(one, what), one, needs)
            for one, what in zip(scores, _OF, strict=True)
        ),
        Feature(
            _category("rfm_cell", "RFM cell", "the three scores side by side: 555 is the best"),
            Cell(scores),
            needs,
            cells,
        ),
        Feature(
            _category("rfm_class", "RFM class", "the class of the scores of recency and frequency"),
            Cell((recency, frequency)),
            needs,
            names,
        ),
    )


_OF = ("recency", "frequency", "net spend")


def _score_info(score: Score, what: str) -> FeatureInfo:
    best = "the least days" if score.low_is_best else "the most"
    return FeatureInfo(
        score.name,
        "rfm",
        "score",
        f"score of {what}, from 1 to 5",
        liveness="frozen",
        describes=True,
        formula=f"5 for the fifth with {best}, or by the segmentation's cuts; unknown without an"
        " order",
    )


def _category(name: str, label: str, formula: str) -> FeatureInfo:
    return FeatureInfo(
        name,
        "rfm",
        "category",
        label,
        kind="category",
        liveness="frozen",
        describes=True,
        formula=formula,
    )


_AMOUNTS = (
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
        _ORDERS,
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
        _SPEND,
    ),
    Feature(
        FeatureInfo(
            "monetary_rank",
            "rfm",
            "share",
            "share of customers who spend less",
            liveness="frozen",
            describes=True,
            formula="customers with less net spend, those with as much counted half, / customers"
            " with an order; unknown without an order",
        ),
        PercentileRank("monetary_rank", _MUCH),
    ),
    Feature(
        FeatureInfo(
            "big_spender",
            "rfm",
            "share",
            "big spender",
            liveness="frozen",
            describes=True,
            formula="1 above the net spend that nine in ten customers with an order do not exceed,"
            " else 0; unknown without an order",
        ),
        Above("big_spender", _MUCH, 0.9),
    ),
)
