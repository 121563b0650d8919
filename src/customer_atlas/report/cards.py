"""The top of the page: what it is of, what matters most, and a card for each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from customer_atlas.report.facts import Facts
from customer_atlas.report.summary import summary_of
from customer_atlas.report.words import counted, html, moment, upper_first
from customer_atlas.segments import Segment, say_share

__all__ = ["cards_html", "chips_html", "columns", "header_html"]


def header_html(facts: Facts) -> str:
    """Return the title, the facts of the run, and the summary."""
    tiles = [
        (f"{facts.customers:,}", "customer" if facts.customers == 1 else "customers"),
        (f"{len(facts.segments)}", "segment" if len(facts.segments) == 1 else "segments"),
        (moment(facts.as_of), "as of"),
    ]
    boxes = "".join(
        f"<div><dd>{html(big)}</dd><dt>{html(small)}</dt></div>" for big, small in tiles
    )
    sentences = " ".join(html(sentence) for sentence in summary_of(facts.segments))
    return (
        f'<p class="eyebrow">Customer segments</p><h1><bdi>{html(facts.project)}</bdi></h1>'
        f'<p class="lead">{sentences}</p><dl class="tiles">{boxes}</dl>'
        f'<p class="made">Segmentation <bdi>{html(facts.segmentation)}</bdi> · run {facts.run} ·'
        f" generation {facts.generation} · made {moment(facts.made, clock=True)}</p>"
    )


def cards_html(segments: Sequence[Segment], inside: Mapping[str, Sequence[Segment]]) -> str:
    """Return a card for each segment: name, size, revenue, what sets it apart, what is inside.

    `inside` are the sub-segments by the id of their segment.
    """
    cards = "".join(_card(place, segment, inside) for place, segment in enumerate(segments))
    return f'<ol class="cards" style="--columns:{columns(len(segments))}">{cards}</ol>'


def columns(count: int) -> int:
    """Return in how many columns so many boxes leave the fewest gaps, where there is room.

    >>> [columns(count) for count in (1, 3, 4, 5, 8)]
    [3, 3, 4, 3, 4]
    """
    return 3 if count < 4 else min((4, 3), key=lambda n: (-count % n, -n))


def _card(place: int, segment: Segment, inside: Mapping[str, Sequence[Segment]]) -> str:
    shares = _share(segment.share, "of customers")
    if segment.revenue_share is not None:
        shares += _share(segment.revenue_share, "of revenue")
    reasons = "".join(
        f"<li><span>{html(upper_first(reason))}</span></li>" for reason in segment.reasons
    )
    told = f"<ul>{reasons}</ul>" if reasons else "<p>Nothing sets them apart.</p>"
    return (
        f'<li class="card" style="--own:var(--s{place % 20 + 1})">'
        f'<h3><span class="badge">{place + 1}</span> <bdi>{html(segment.name)}</bdi></h3>'
        f'<p class="size">{counted(segment.size, "customer")}</p><div class="shares">{shares}</div>'
        f"{told}{_inside(segment, inside)}</li>"
    )


def _inside(parent: Segment, inside: Mapping[str, Sequence[Segment]]) -> str:
    """Return the sub-segments of a segment as a list: part of it, and what tells them apart."""
    found = inside.get(parent.id, ())
    if not found:
        return ""
    items = "".join(
        f'<li><p class="sub"><bdi>{html(upper_first(one.name.rsplit(" / ", 1)[-1]))}</bdi>'
        f" <span>{one.size:,}</span></p>{_share(one.size / parent.size, 'of this segment')}"
        f'<p class="why">{html(upper_first(one.reasons[0])) if one.reasons else ""}</p>'
        f"{_inside(one, inside)}</li>"
        for one in found
    )
    return f'<div class="inside"><h4>Inside it</h4><ul>{items}</ul></div>'


def _share(share: float, of: str) -> str:
    width = 100 * min(max(share, 0.0), 1.0)
    return (
        f"<p><b>{say_share(share)}</b> {of}"
        f'<span class="bar" aria-hidden="true"><i style="width:{width:.1f}%"></i></span></p>'
    )


def chips_html(facts: Facts) -> str:
    """Return a button for each segment that shows or hides it on the maps."""
    chips = "".join(
        f'<button type="button" class="chip" aria-pressed="true" data-segment="{place}"'
        f' style="--own:var(--s{place % 20 + 1})"><span class="badge">{place + 1}</span>'
        f" <bdi>{html(segment.name)}</bdi></button>"
        for place, segment in enumerate(facts.segments)
    )
    return f'<div class="chips" role="group" aria-label="Segments on the maps">{chips}</div>'
