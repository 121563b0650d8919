"""Categories: how broadly a customer buys, and what."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.features.aggregates import Aggregate, Count, Distinct, Entropy, Sum, TopShare
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Enough, Ratio
from customer_atlas.features.feature import FeatureInfo
from customer_atlas.features.monoids import Where
from customer_atlas.features.packs.conditions import PAID

__all__ = ["breadth", "shares"]

_FEW = 3


def breadth(column: str) -> tuple[Feature, ...]:
    """Return breadth and entropy over `column`: ``category``, or ``product`` without it."""
    of = "categories" if column == "category" else "products"
    lines = Count(grain="transactions", where=(Where(column, "known"),))
    return (
        Feature(
            FeatureInfo(
                "category_breadth",
                "categories",
                "count",
                f"different {of} bought",
                high="wide-ranging",
                low="focused",
                zero=True,
                formula=f"distinct {of}",
            ),
            Distinct(grain="transactions", column=column),
        ),
        Feature(
            FeatureInfo(
                "category_entropy",
                "categories",
                "score",
                f"evenness over {of}, in bits",
                high="all-round",
                low="focused",
                formula=f"Shannon entropy of the rows per one; unknown under {_FEW} rows",
            ),
            Enough(Entropy(grain="transactions", column=column), lines, _FEW),
        ),
        Feature(
            FeatureInfo(
                "top_category_share",
                "categories",
                "share",
                f"share of purchases in the favourite of the {of}",
                high="focused",
                low="wide-ranging",
                formula=f"rows of the most bought of the {of} / rows; unknown under {_FEW} rows",
            ),
            Enough(TopShare(grain="transactions", column=column), lines, _FEW),
        ),
    )


def shares(categories: Sequence[str], *, money: bool) -> tuple[Feature, ...]:
    """Return a feature per category: its share of the customer's spend, or of the rows.

    They describe segments and do not form them: with few purchases a share says more of chance
    than of the customer, and everybody who bought once would be a specialist.
    """
    of = "spend" if money else "purchases"
    return tuple(
        Feature(
            FeatureInfo(
                f"share_{category}",
                "categories",
                "share",
                f"share of {of} on {category}",
                liveness="frozen",
                describes=True,
                formula=f"{of} on '{category}' / {of} on all that has a category",
            ),
            Ratio(
                _bought((Where("category", "==", category),), money=money),
                _bought((Where("category", "known"),), money=money),
            ),
        )
        for category in categories
    )


def _bought(where: tuple[Where, ...], *, money: bool) -> Aggregate:
    if money:
        return Sum(grain="transactions", column="amount", where=(*where, PAID))
    return Count(grain="transactions", where=where)
