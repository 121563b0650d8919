"""What the trade calls a segment: its RFM class, its value tier, and what is usually tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from customer_atlas.segments.segment import Segment

__all__ = ["Standing", "standing_of"]

_SCORES = ("recency_score", "frequency_score", "monetary_score")

# What is usually tried with each class; names as in the common grid of recency against the mean of
# frequency and monetary value, each from 1 to 5.
_TACTICS = {
    "Champions": "thank them, ask them first, give early access; no discounts needed",
    "Loyal customers": "reward them, offer what goes with what they buy, ask for a review",
    "Potential loyalists": "invite them to a membership, recommend related categories",
    "New customers": "welcome them, help with the first order, give a reason for a second",
    "Promising": "make them know the brand, offer a small trial",
    "Needing attention": "an offer for a limited time, based on what they bought",
    "About to sleep": "remind them of popular things, before they forget",
    "At risk": "a personal message and an offer to come back; ask what went wrong",
    "Cannot be lost": "win them back in person, before a competitor does",
    "Hibernating": "a rare reminder of what is relevant; watch what it costs",
    "Lost": "one try to revive interest, then leave them in peace",
}
_BY_VALUE = {
    5: ("Cannot be lost", "At risk", "Loyal customers", "Champions", "Champions"),
    4: ("Cannot be lost", "At risk", "Loyal customers", "Champions", "Champions"),
    3: ("At risk", "At risk", "Needing attention", "Loyal customers", "Loyal customers"),
    2: ("Hibernating", "Hibernating", "About to sleep", "Potential loyalists",
        "Potential loyalists"),
    1: ("Lost", "Hibernating", "Promising", "New customers", "New customers"),
}  # fmt: skip
_TIERS = ((2.0, "top"), (1.2, "valuable"), (0.6, "middle"))


@dataclass(frozen=True)
class Standing:
    """Where a segment stands: each is None where the project has no such features.

    `rfm_class` follows from the mean scores of its members, `tier` from revenue per head against
    that of everybody, and `tactic` from the class.
    """

    rfm_class: str | None
    tier: str | None
    tactic: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Return plain values that JSON can hold."""
        return {"rfm_class": self.rfm_class, "tier": self.tier, "tactic": self.tactic}


def standing_of(segment: Segment) -> Standing:
    """Return the RFM class, value tier and usual tactic of a segment.

    The tier is top from twice the revenue per head of everybody, valuable from 1.2 times, middle
    from 0.6 times, else low.
    """
    name = _rfm_class(segment.centroid)
    return Standing(name, _tier(segment), _TACTICS[name] if name else None)


def _rfm_class(centroid: Mapping[str, float | str]) -> str | None:
    scores = [centroid.get(name) for name in _SCORES]
    recency, frequency, monetary = (one if isinstance(one, float) else None for one in scores)
    if recency is None or frequency is None:
        return None
    value = frequency if monetary is None else (frequency + monetary) / 2
    return _BY_VALUE[_whole(value)][_whole(recency) - 1]


def _whole(score: float) -> int:
    return min(max(int(score + 0.5), 1), 5)


def _tier(segment: Segment) -> str | None:
    if segment.revenue_share is None or not segment.share:
        return None
    ratio = segment.revenue_share / segment.share
    return next((name for least, name in _TIERS if ratio >= least), "low")
