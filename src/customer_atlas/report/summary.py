"""What matters most, in two or three sentences."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.report.words import counted
from customer_atlas.segments import Segment, say_number, say_share

__all__ = ["summary_of"]

_EVEN = 0.05


def summary_of(segments: Sequence[Segment]) -> list[str]:
    """Return sentences on the largest segment, on the most valuable, and on concentration."""
    everyone = sum(one.size for one in segments)
    if len(segments) == 1:
        if everyone == 1:
            return ["There is one customer, in one segment."]
        return [f"All {everyone:,} customers are in one segment."]
    largest = max(segments, key=lambda one: one.size)
    said = [
        f"The {counted(everyone, 'customer')} fall into {counted(len(segments), 'segment')}. The"
        f" largest, “{largest.name}”, holds {say_share(largest.share)} of them."
    ]
    paying = [one for one in segments if one.revenue_share is not None]
    if len(paying) != len(segments):
        return said
    best = max(paying, key=_head)
    if _head(best) >= 1.2:
        said.append(
            f"“{best.name}” bring the most revenue per person,"
            f" {say_number(_head(best))} times the average."
        )
    return [*said, _concentration(paying)]


def _head(segment: Segment) -> float:
    """Return revenue per person against the average of all."""
    return (segment.revenue_share or 0.0) / segment.share


def _concentration(segments: Sequence[Segment]) -> str:
    above = [one for one in segments if _head(one) > 1]
    share = sum(one.share for one in above)
    revenue = sum(one.revenue_share or 0.0 for one in above)
    if revenue - share < _EVEN:
        return "Revenue is spread evenly: every segment brings about as much as its size."
    who = "That segment" if len(above) == 1 else f"{len(above)} of the segments"
    verb, bring = ("is", "brings") if len(above) == 1 else ("are", "bring")
    return (
        f"{who} {verb} {say_share(share)} of customers and {bring} {say_share(revenue)} of revenue."
    )
