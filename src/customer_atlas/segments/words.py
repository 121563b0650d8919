"""The words for features: the trait that each one shows, its adjectives and its verbs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from customer_atlas.features import FeatureInfo

__all__ = [
    "Slot",
    "Words",
    "axis_of",
    "hyphened",
    "one_or_many",
    "readable",
    "subject",
    "tells",
    "words_for",
]

Slot = Literal["", "behaviour", "trait"]


@dataclass(frozen=True)
class Words:
    """How people speak of one feature.

    `axis` is the trait that it shows: features of one axis say nearly the same, so a name or a
    list uses one of them, and none without an axis. `slot` is where its adjectives stand in a
    name; without a slot it names nobody. `high` and `low` hold where the feature declares no
    adjectives of its own. `clause` says a value after the word "they"; `unknown` says what a
    missing value means.
    """

    axis: str
    slot: Slot
    high: str
    low: str
    clause: str
    unknown: str = ""


_KNOWN = {
    "recency_days": Words("activity", "behaviour", "lapsed", "active", "last ordered {} days ago"),
    "events_recency_days": Words(
        "activity", "behaviour", "lapsed", "active", "last came {} days ago"
    ),
    "orders_30d": Words("activity", "", "", "", "placed {} orders in the last 30 days"),
    "orders_90d": Words("activity", "", "", "", "placed {} orders in the last 90 days"),
    "orders_365d": Words("frequency", "", "", "", "placed {} orders in the last 365 days"),
    "spend_30d": Words("activity", "", "", "", "spent {} in the last 30 days"),
    "spend_90d": Words("activity", "", "", "", "spent {} in the last 90 days"),
    "spend_365d": Words("value", "", "", "", "spent {} in the last 365 days"),
    "frequency": Words(
        "frequency", "behaviour", "frequent", "occasional", "have placed {} orders in all"
    ),
    "purchase_days": Words("frequency", "", "", "", "have bought on {} days"),
    "gap_mean_days": Words("frequency", "", "", "", "buy every {} days", "bought on one day only"),
    "gap_std_days": Words(
        "rhythm",
        "behaviour",
        "irregular",
        "steady",
        "buy at intervals that vary by {} days",
        "bought on fewer than three days",
    ),
    "monetary": Words("value", "", "", "", "have spent {} in all"),
    "order_value_mean": Words("basket", "trait", "big-basket", "small-basket", "spend {} an order"),
    "order_items_mean": Words(
        "basket", "trait", "full-basket", "few-item", "buy {} items an order"
    ),
    "unit_price_mean": Words("price", "trait", "premium", "budget", "pay {} an item"),
    "category_breadth": Words(
        "breadth", "trait", "wide-ranging", "narrow-range", "buy from {} categories"
    ),
    "category_entropy": Words(
        "breadth",
        "trait",
        "wide-ranging",
        "narrow-range",
        "mix categories to {} bits of variety",
    ),
    "top_category_share": Words(
        "breadth", "trait", "devoted", "broad-minded", "make {} of their purchases in one category"
    ),
    "discount_share": Words(
        "discount", "trait", "bargain-hunting", "full-price", "save {} of the price by discounts"
    ),
    "return_share": Words("returns", "trait", "often-returning", "", "return {} of their spend"),
    "tenure_days": Words("age", "", "", "", "have {} days between first and last order"),
    "age_days": Words("age", "behaviour", "long-standing", "new", "first ordered {} days ago"),
    "trend_90d": Words(
        "trend", "behaviour", "growing", "fading", "show an order trend of {} (from -1 to 1)"
    ),
    "age_years": Words("years", "trait", "older", "younger", "are {} years old"),
    "distance_km": Words("distance", "trait", "far-off", "nearby", "live {} km away"),
    "distance_band": Words("distance", "trait", "", "", "live at a distance of"),
    "top_category": Words("category", "trait", "", "", "spend most on"),
    "events_count": Words("frequency", "behaviour", "busy", "light", "left {} events"),
    "events_30d": Words("activity", "", "", "", "left {} events in the last 30 days"),
    "sessions": Words("frequency", "behaviour", "frequent", "occasional", "came for {} sessions"),
    "events_per_session": Words(
        "depth", "trait", "deep-browsing", "brief", "leave {} events a session"
    ),
    "events_7d": Words("activity", "", "", "", "left {} events in the last 7 days"),
    "events_90d": Words("activity", "", "", "", "left {} events in the last 90 days"),
    "events_trend_30d": Words(
        "trend", "behaviour", "warming", "cooling", "show an event trend of {} (from -1 to 1)"
    ),
    "active_days": Words("frequency", "", "", "", "came on {} days"),
    "session_minutes_mean": Words(
        "depth", "trait", "lingering", "hurried", "stay {} minutes a session"
    ),
    "session_minutes_std": Words(
        "depth", "", "", "", "vary by {} minutes a session", "came for fewer than two sessions"
    ),
    "channel_entropy": Words(
        "channel", "trait", "all-channel", "one-channel", "mix channels to {} bits of variety"
    ),
    "top_channel": Words("channel", "trait", "", "", "come mostly by"),
    "top_channel_share": Words(
        "channel", "trait", "", "", "make {} of their events by one channel"
    ),
    "engagement_score": Words("activity", "", "", "", "have an engagement of {} of 100"),
    "product_breadth": Words(
        "products", "trait", "exploring", "single-minded", "look at {} different products"
    ),
    "repeat_view_share": Words(
        "deliberation", "trait", "deliberating", "", "look at {} of the products again",
        "viewed no product",
    ),
    "top_viewed_category": Words("viewed category", "trait", "", "", "look mostly at"),
    "top_viewed_category_share": Words(
        "viewed category", "trait", "", "", "make {} of their views in one category",
        "viewed fewer than three times",
    ),
    "carts_30d": Words(
        "intent", "behaviour", "cart-filling", "", "filled the cart {} times in the last 30 days"
    ),
    "cart_recency_days": Words(
        "intent", "behaviour", "", "", "last put something into the cart {} days ago",
        "never put anything into the cart",
    ),
    "checkout_recency_days": Words(
        "intent", "", "", "", "last began a checkout {} days ago", "never began a checkout"
    ),
    "cart_sessions": Words("intent", "", "", "", "reached the cart in {} sessions"),
    "abandoned_sessions": Words("abandonment", "", "", "", "abandoned {} sessions"),
    "abandonment_rate": Words(
        "abandonment", "trait", "abandoning", "determined",
        "abandon {} of the sessions that reach the cart", "never reached the cart",
    ),
    "searches_30d": Words("activity", "", "", "", "searched {} times in the last 30 days"),
    "search_share": Words(
        "type search", "trait", "searching", "", "spend {} of their events on searches"
    ),
}  # fmt: skip

_KNOWN |= {
    "weekend_share": Words("weekend", "", "", "", "place {} of their orders at the weekend"),
    "preferred_hour": Words("hour", "", "", "", "order mostly at"),
    "preferred_weekday": Words("weekday", "", "", "", "order mostly on a"),
    "preferred_season": Words("season", "", "", "", "order mostly in"),
    "messages_sent": Words("messages", "", "", "", "got {} messages"),
    "open_rate": Words("response", "trait", "", "", "open {} of their campaigns"),
    "click_rate": Words("response", "trait", "", "", "click in {} of their campaigns"),
    "click_to_open": Words("response", "", "", "", "click in {} of the campaigns that they open"),
    "preferred_open_hour": Words("message hour", "", "", "", "open messages mostly at"),
    "unsubscribes": Words("unsubscribes", "", "", "", "unsubscribed {} times"),
    "complaints": Words("complaints", "", "", "", "complained {} times"),
    "conversions": Words("offers", "trait", "", "", "took up {} offers"),
    "conversion_recency_days": Words("offers", "", "", "", "took up an offer {} days ago"),
}

# What says again what other features say: it neither names a group nor tells of it.
_KNOWN |= dict.fromkeys(
    (
        "recency_score",
        "frequency_score",
        "monetary_score",
        "rfm_cell",
        "rfm_class",
        "monetary_rank",
        "big_spender",
        "lifecycle_stage",
        "confidence",
        "fatigue",
    ),
    Words("", "", "", "", ""),
)

_OF_PRODUCTS = {
    "category_breadth": "buy {} different products",
    "category_entropy": "mix products to {} bits of variety",
    "top_category_share": "make {} of their purchases of one product",
}

# Words of a category's name that tell nothing about who prefers it.
_EMPTY = {"other", "others", "misc", "miscellaneous", "unknown", "none", "na", "null", "coupon"}


def words_for(info: FeatureInfo) -> Words:
    """Return the words for a feature; its own adjectives win over the table's.

    >>> from customer_atlas.features import FeatureInfo
    >>> words_for(FeatureInfo("frequency", "rfm", "orders", "orders", high="keen")).high
    'keen'
    >>> words_for(FeatureInfo("Income", "attributes", "number", "Income")).clause
    'have income {}'
    """
    words = _KNOWN.get(info.name) or _made(info)
    # Where no products table gives categories, the same features are of products.
    if words.axis == "breadth" and "products" in info.label:
        words = replace(words, clause=_OF_PRODUCTS[info.name])
    if not words.slot:
        return words
    return replace(words, high=info.high or words.high, low=info.low or words.low)


def axis_of(info: FeatureInfo, level: str = "") -> str:
    """Return the trait that a feature, or one `level` of a category, shows.

    Most spent on produce and a large share of produce are one trait.
    """
    if info.name == "top_category" and level:
        return f"category {readable(level).casefold()}"
    return words_for(info).axis


def subject(info: FeatureInfo) -> str:
    """Return what a share is of, in lower case: the category, or the type of event.

    >>> from customer_atlas.features import FeatureInfo
    >>> subject(FeatureInfo("share_drug_gm", "categories", "share", "share of spend on DRUG GM"))
    'drug gm'
    >>> subject(FeatureInfo("share_type_cart", "events", "share", "share of cart events"))
    'cart'
    """
    found = re.match(
        r"share of (?:\w+ (?:on|in|from|that are) )?(.*?)(?: events)?$", info.label.strip()
    )
    named = found[1] if found else info.name.removeprefix("share_").removeprefix("type_")
    return readable(named.strip("'\" ")).casefold()


def readable(name: str) -> str:
    """Return a column's name as words: MonthlyCharges, kids_count and INCOME read well.

    >>> readable("MonthlyCharges"), readable("kids_count"), readable("INCOME"), readable("US")
    ('monthly charges', 'kids count', 'income', 'US')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\s]+", " ", name).strip()
    return " ".join(
        word if word.isupper() and len(word) <= 3 else word.lower() for word in spaced.split()
    )


def hyphened(text: str) -> str:
    """Return words joined into one.

    >>> hyphened("two year")
    'two-year'
    """
    return "-".join(text.split())


def tells(text: str) -> bool:
    """Return whether a category's name says something about who prefers it.

    >>> tells("fresh produce"), tells("Miscellaneous")
    (True, False)
    """
    found = set(re.findall(r"\w+", text.casefold()))
    return bool(found) and not found & _EMPTY


def one_or_many(text: str) -> str:
    """Return a clause with "1 orders" said as "1 order", and "0 orders" as "no orders".

    >>> one_or_many("bought on 1 days"), one_or_many("buy from 11 categories")
    ('bought on 1 day', 'buy from 11 categories')
    >>> one_or_many("spent 0 in all"), one_or_many("placed 0 orders")
    ('spent nothing in all', 'placed no orders')
    """
    text = re.sub(r"\bspent 0 ", "spent nothing ", text)
    text = re.sub(r"(?<![\d.,])0 ([a-z]+s)\b", r"no \1", text)
    return re.sub(
        r"(?<![\d.,])1 ([a-z]+?)(ies|s)\b",
        lambda found: f"1 {found[1]}{'y' if found[2] == 'ies' else ''}",
        text,
    )


def _made(info: FeatureInfo) -> Words:
    """Return words for a feature that no table knows: shares of categories, and attributes."""
    if info.name.startswith("share_") and info.unit == "share":
        return _of_share(info, subject(info))
    label = readable(info.label)
    if info.kind == "category":
        return Words(info.name, "trait", "", "", f"have {label}")
    if info.unit == "share":
        return Words(info.name, "trait", hyphened(label), "", f"{label} holds for {{}}")
    if info.unit == "score":
        return Words(
            info.name, "trait", f"high-{hyphened(label)}", f"low-{hyphened(label)}",
            f"score {{}} on {label}",
        )  # fmt: skip
    word = hyphened(label.removeprefix("days since "))
    brief = len(label.split()) <= 2 and label.replace(" ", "").isalpha()
    high, low = (f"high-{word}", f"low-{word}") if brief else ("", "")
    return Words(info.name, "behaviour", high, low, f"have {label} {{}}")


def _of_share(info: FeatureInfo, what: str) -> Words:
    if info.name.startswith("share_type_"):
        return Words(
            f"type {what}",
            "trait",
            f"{hyphened(what)}-heavy",
            "",
            f"spend {{}} of their events on {what}",
        )
    high = f"{what} lovers" if tells(what) else ""
    return Words(f"category {what}", "trait", high, "", f"put {{}} of their spend on {what}")
