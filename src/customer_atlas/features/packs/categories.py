"""Categories: how broadly a customer buys, and what."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.features.aggregates import Count, Entropy, Last, Sum, Where
from customer_atlas.features.declaration import Feature
from customer_atlas.features.derived import Enough, Ratio
from customer_atlas.features.feature import FeatureInfo

__all__ = ["breadth", "shares"]

_FEW = 3


def breadth(grain: str) -> tuple[Feature, ...]:
    """Return breadth and entropy over `grain`: ``categories``, or ``products`` without them."""
    of, lines = grain, Sum(grain=grain, column="lines")
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
            Count(grain=grain),
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
            Enough(Entropy(grain=grain, column="lines"), lines, _FEW),
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
            Enough(Ratio(Last(grain=grain, column="lines"), lines), lines, _FEW),
        ),
    )


def shares(categories: Sequence[str], *, money: bool) -> tuple[Feature, ...]:
    """Return a feature per category: its share of the customer's spend, or of the rows.

    They describe segments and do not form them: with few purchases a share says more of chance
    than of the customer, and everybody who bought once would be a specialist.
    """
    column, of = ("spend", "spend") if money else ("lines", "purchases")
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
                Sum(grain="categories", column=column, where=Where("category", "==", category)),
                Sum(grain="categories", column=column),
            ),
        )
        for category in categories
    )
