"""The sections of the page in order: each a title, how to read it, and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from customer_atlas.report.cards import cards_html, chips_html
from customer_atlas.report.distributions import distribution_figures
from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import Figure
from customer_atlas.report.heatmap import SHOWN, VALUED, heatmap_figure
from customer_atlas.report.k_curve import k_figure
from customer_atlas.report.maps import map_figure, space_figure
from customer_atlas.report.projection import Projection
from customer_atlas.report.radar import radar_figures
from customer_atlas.report.sizes import sizes_figure
from customer_atlas.report.tables import (
    choice_table,
    definitions_table,
    outcomes_table,
    quality_html,
    readiness_html,
    unused_table,
)
from customer_atlas.report.words import html, moment

__all__ = ["Section", "sections_of"]


_SCALE = (
    '<p class="scale"><span>much less than everyone</span><i aria-hidden="true"></i>'
    "<span>much more</span></p>"
)


_LARGE = 8  # radars that are drawn large; of more, three stand side by side
_NO_SPACE = (
    '<p class="no-space">This browser cannot draw in three dimensions (it has no WebGL), so only'
    " the map in two is shown.</p>"
)


@dataclass(frozen=True)
class Section:
    """One section: its id, its short name for the way around, its title, and its HTML."""

    name: str
    short: str
    title: str
    body: str
    figures: tuple[Figure, ...] = ()

    @property
    def html(self) -> str:
        """The section as HTML."""
        return (
            f'<section id="{self.name}" aria-labelledby="{self.name}-title">'
            f'<h2 id="{self.name}-title">{html(self.title)}</h2>{self.body}</section>'
        )


def sections_of(facts: Facts) -> list[Section]:
    """Return every section that these facts can fill."""
    return [
        _segments(facts),
        _sizes(facts),
        *_heatmap(facts),
        *_maps(facts),
        *_distributions(facts),
        *_radars(facts),
        *_outcomes(facts),
        _choice(facts),
        _quality(facts),
        _definitions(facts),
    ]


def _segments(facts: Facts) -> Section:
    how = (
        "Each card is one group of customers: how many they are, and what sets them apart from"
        " everyone."
    )
    return Section("segments", "Segments", "Who they are", _how(how) + cards_html(facts))


def _sizes(facts: Facts) -> Section:
    how = (
        "The pale bar is a segment's share of customers, the full bar its share of revenue: where"
        " the full bar is longer, its customers are worth more than most."
        if facts.money
        else "Each bar is a segment's share of customers."
    )
    title = "Size and revenue" if facts.money else "Size"
    figure = sizes_figure(facts.segments)
    return Section("size", "Size", title, _how(how) + _figure_html(figure), (figure,))


def _heatmap(facts: Facts) -> Iterator[Section]:
    traits = len(facts.standing.distinct)
    if len(facts.segments) == 1 or not traits:
        return
    figure = heatmap_figure(facts.standing, facts.segments)
    many = (
        f" Shown are the {SHOWN} of {traits} on which the segments differ most."
        if traits > SHOWN
        else ""
    )
    values = (
        "the number is its typical value"
        if len(facts.segments) <= VALUED
        else "point at a cell for its typical value"
    )
    how = (
        "Each row is something customers do or are, each column a segment. The stronger the colour,"
        f" the further the segment lies from everyone; {values}.{many}"
    )
    yield Section(
        "differences",
        "Differences",
        "What sets them apart",
        _how(how) + _SCALE + _figure_html(figure),
        (figure,),
    )


def _maps(facts: Facts) -> Iterator[Section]:
    projection = facts.projection
    if projection is None:
        return
    shown = len(projection.rows)
    who = (
        f"Shown are {shown:,} of the {facts.customers:,} customers, evenly chosen from each"
        " segment."
        if shown < facts.customers
        else f"All {shown:,} customers are shown."
    )
    told = sum(projection.explained)
    how = (
        "Each point is a customer; the closer two points, the more alike they behave. It is a"
        f" projection that keeps {told:.0%} of what differs between customers, so segments that"
        f" touch here may still lie apart. {who}"
    )
    figures = [map_figure(projection, facts.people, facts.segments)]
    flat = _figure_html(figures[0], "In two dimensions", _directions(projection))
    body = flat
    if projection.points.shape[1] == 3:
        figures.append(space_figure(projection, facts.people, facts.segments))
        deep = _figure_html(figures[1], "In three dimensions", "Drag to turn it.")
        body = f'<div class="two">{flat}{deep}</div>{_NO_SPACE}'
    yield Section(
        "map", "Map", "The map of customers", _how(how) + chips_html(facts) + body, tuple(figures)
    )


def _directions(projection: Projection) -> str:
    """Say what grows to the right, and upwards."""
    ways = ("To the right", "upwards")[: len(projection.explained)]
    return "; ".join(
        f"{way}: "
        + " and ".join(f"{'more' if sign > 0 else 'less'} “{name}”" for name, sign in leading)
        for way, leading in zip(ways, projection.leading, strict=False)
        if leading
    )


def _distributions(facts: Facts) -> Iterator[Section]:
    found = distribution_figures(facts.standing, facts.people, facts.segments)
    if not found:
        return
    how = (
        "The features that tell most. Half of a segment's customers lie within its box and nine in"
        " ten within its whiskers; the dot is the customer in the middle. Where a few have very"
        " much, the scale grows in steps of ten."
    )
    body = "".join(_figure_html(figure, trait.label) for trait, figure in found)
    yield Section(
        "spread",
        "Spread",
        "How customers are spread",
        f'{_how(how)}<div class="two">{body}</div>',
        tuple(figure for _, figure in found),
    )


def _radars(facts: Facts) -> Iterator[Section]:
    figures = radar_figures(facts.standing, facts.segments) if len(facts.segments) > 1 else []
    if not figures:
        return
    how = (
        "Each spoke ranks a segment's customers among all: at the dotted ring they are like"
        " everyone, at the rim they are ahead of nearly all, in the middle behind."
    )
    body = "".join(
        _figure_html(figure, f"{place}  {segment.name}")
        for place, (figure, segment) in enumerate(
            zip(figures, facts.segments, strict=True), start=1
        )
    )
    grid = "two" if len(figures) <= _LARGE else "three"
    body = f'{_how(how)}<div class="{grid}">{body}</div>'
    yield Section("profiles", "Profiles", "Profiles side by side", body, tuple(figures))


def _outcomes(facts: Facts) -> Iterator[Section]:
    if not facts.outcomes:
        return
    how = (
        "Labels take no part in forming segments, so what they say of them is evidence. In brackets"
        " is the 95% interval: how far chance alone may have moved the value."
    )
    body = _how(how) + outcomes_table(facts)
    yield Section("outcomes", "Outcomes", "What became of them", body)


def _choice(facts: Facts) -> Section:
    choice = facts.choice
    reason = f'<p class="reason">{html(choice.reason)}</p>'
    title = "Why this many segments"
    if not choice.curve:
        return Section("choice", "How many", title, reason)
    how = (
        "A number of segments is good when the same ones come back from other draws of the"
        " customers (stability) and lie apart (silhouette), and none is too small to act on. The"
        " score weighs these, and is 0 where a number was out; a few segments are preferred to many"
        " that are hardly better."
    )
    figure = k_figure(choice)
    together = f'<div class="together">{reason}{_how(how)}{_figure_html(figure)}</div>'
    table = (
        f"<details><summary>Each number that was tried</summary>{choice_table(choice)}</details>"
    )
    return Section("choice", "How many", title, together + table, (figure,))


def _quality(facts: Facts) -> Section:
    how = (
        "Every row that was read was kept, filtered out by the project, refused with a reason, or"
        " recognised as a repeat: read = kept + filtered + refused + repeated. Rows that merely"
        " look alike are counted, and kept."
    )
    body = readiness_html(facts.readiness) + _how(how) + quality_html(facts.sources)
    unused = unused_table(facts)
    if unused:
        body += f"<h3>What was not used</h3>{unused}"
    return Section("data", "Data", "The data behind it", body)


def _definitions(facts: Facts) -> Section:
    looked = len(facts.people)
    part = (
        ""
        if looked == facts.customers
        else f" Sizes, shares and typical values are of all {facts.customers:,} customers; spreads,"
        f" ranks and differences of {looked:,} of them, evenly chosen."
    )
    how = (
        f"All features are as of {moment(facts.as_of, clock=True)}. Customers were grouped by"
        " k-means on standardised features; differences are in standard deviations of"
        f" everyone.{part}"
    )
    libraries = ", ".join(f"{html(name)} {html(of)}" for name, of in facts.libraries.items())
    made = (
        f'<p class="made">Generation {facts.generation} of <bdi>{html(facts.segmentation)}</bdi>,'
        f" served by run {facts.run}. Made with {libraries}.</p>"
    )
    return Section(
        "definitions",
        "Definitions",
        "How it was computed",
        _how(how) + definitions_table(facts) + made,
    )


def _how(text: str) -> str:
    return f'<p class="how">{html(text)}</p>'


def _figure_html(figure: Figure, caption: str = "", under: str = "") -> str:
    told = f"<figcaption><bdi>{html(caption)}</bdi></figcaption>" if caption else ""
    below = f'<p class="under"><bdi>{html(under)}</bdi></p>' if under else ""
    kind = ' class="space"' if figure.space else ""
    return (
        f'<figure{kind}>{told}<div class="plot" id="{figure.id}" role="img"'
        f' aria-label="{html(figure.says)}" style="min-height:{figure.height}px"></div>'
        f"{below}</figure>"
    )
