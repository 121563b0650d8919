"""What the trade calls a segment: its RFM class, its value tier, and what is usually tried."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from customer_atlas.segments.segment import Segment

__all__ = ["Standing", "standing_of", "usual_with"]

# What is usually tried with each class of recency and frequency.
_TACTICS = {
    "Champions": "thank them, ask them first, give early access; no discounts needed",
    "Loyal": "reward them, offer what goes with what they buy, ask for a review",
    "Potential loyalists": "invite them to a membership, recommend related categories",
    "New customers": "welcome them, help with the first order, give a reason for a second",
    "Promising": "make the brand known to them, offer a small trial",
    "Need attention": "make an offer for a limited time, from what they bought before",
    "About to sleep": "remind them of popular things, before they forget",
    "At risk": "write to them in person with an offer to come back; ask what went wrong",
    "Cannot lose them": "win them back in person, before a competitor does",
    "Hibernating": "remind them rarely, of what is relevant; watch what it costs",
    "Lost": "try once to revive their interest, then leave them in peace",
}
_TIERS = ((2.0, "top"), (1.2, "valuable"), (0.6, "middle"))

# And what is a mistake with each of them.
_CAUTIONS = {
    "Champions": "give discounts to people who buy anyway, or write to them as to everybody",
    "Loyal": "take them for granted, or teach them to wait for the next discount",
    "Potential loyalists": "ask for too much too early, or let them wait for a second reason",
    "New customers": "overwhelm them with offers before they know what they bought",
    "Promising": "spend on them as on the best before they have come back",
    "Need attention": "wait: what they do now becomes the habit",
    "About to sleep": "fill their inbox; a few good reasons do more",
    "At risk": "send them what everybody gets, or let months go by",
    "Cannot lose them": "leave them to an automatic mailing",
    "Hibernating": "pay for channels that cost more than they bring back",
    "Lost": "write again and again to who does not answer",
}


@dataclass(frozen=True)
class Standing:
    """Where a segment stands: each is None where the project has no such features.

    `rfm_class` is the class that most of its members are in, `tier` follows from revenue per head
    against that of everybody, `tactic` and `caution` (what to do, and not to) from the class.
    """

    rfm_class: str | None
    tier: str | None
    tactic: str | None
    caution: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Return plain values that JSON can hold."""
        return asdict(self)


def standing_of(segment: Segment) -> Standing:
    """Return the RFM class, value tier and usual tactic of a segment.

    The tier is top from twice the revenue per head of everybody, valuable from 1.2 times, middle
    from 0.6 times, else low.
    """
    found = segment.centroid.get("rfm_class")
    name = found if isinstance(found, str) else None
    tactic, caution = usual_with(name) if name else (None, None)
    return Standing(name, _tier(segment), tactic, caution)


def usual_with(rfm_class: str) -> tuple[str | None, str | None]:
    """Return what is usually tried with an RFM class, and what is a mistake.

    >>> usual_with("Lost")[0]
    'try once to revive their interest, then leave them in peace'
    """
    return _TACTICS.get(rfm_class), _CAUTIONS.get(rfm_class)


def _tier(segment: Segment) -> str | None:
    if segment.revenue_share is None or not segment.share:
        return None
    ratio = segment.revenue_share / segment.share
    return next((name for least, name in _TIERS if ratio >= least), "low")
