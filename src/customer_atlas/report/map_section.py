"""The section of the maps: one by principal components, and those that keep neighbours together."""

from __future__ import annotations

from collections.abc import Iterator

from customer_atlas.clustering import can_umap
from customer_atlas.report.cards import chips_html
from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import Figure
from customer_atlas.report.geometry import NeighbourMap
from customer_atlas.report.maps import map_figure, neighbours_figure, space_figure
from customer_atlas.report.projection import Projection
from customer_atlas.report.section import Section, figure_html, how
from customer_atlas.report.words import html

__all__ = ["map_sections"]

_NO_SPACE = (
    '<p class="no-space">This browser cannot draw in three dimensions (it has no WebGL), so only'
    " the map in two is shown.</p>"
)
_TABS = {"pca": "Principal components", "tsne": "t-SNE", "umap": "UMAP"}
_GET_UMAP = (
    "Where umap-learn is installed, a map by UMAP stands here too:"
    " pip install 'customer-atlas[maps]'."
)


def map_sections(facts: Facts) -> Iterator[Section]:
    """Yield the section, where customers differ at all."""
    geometry = facts.geometry
    if geometry.projection is None:
        return
    body, figures = _components(facts, geometry.projection)
    panels = {"pca": body}
    for found in geometry.neighbours:
        figure = neighbours_figure(found, facts.people, facts.segments)
        figures.append(figure)
        panels[found.method] = how(_say_neighbours(found, facts)) + figure_html(
            figure, f"By {_TABS[found.method]}"
        )
    told = (
        "Each point is a customer in the colour of its segment. No map takes part in finding the"
        " segments."
    )
    if len(panels) > 1 and not can_umap():
        told += f" {_GET_UMAP}"
    inside = _tabbed(panels) if len(panels) > 1 else body
    yield Section(
        "map", "Map", "The map of customers", how(told) + chips_html(facts) + inside, tuple(figures)
    )


def _components(facts: Facts, projection: Projection) -> tuple[str, list[Figure]]:
    shading = facts.geometry.shading
    figures = [map_figure(projection, shading, facts.people, facts.segments)]
    flat = figure_html(figures[0], "In two dimensions", _directions(projection))
    body = flat
    if projection.points.shape[1] == 3:
        figures.append(space_figure(projection, facts.people, facts.segments))
        deep = figure_html(figures[1], "In three dimensions", "Drag to turn it.")
        body = f'<div class="two">{flat}{deep}</div>{_NO_SPACE}'
    return how(_say_components(facts, projection)) + body, figures


def _say_components(facts: Facts, projection: Projection) -> str:
    shaded = (
        f" The shading counts all {facts.customers:,}: the stronger, the more of a segment are"
        " there."
        if facts.geometry.shading
        else ""
    )
    return (
        "The closer two points, the more alike the customers behave, near and far. It is a"
        f" projection that keeps {sum(projection.explained):.0%} of what differs between them, so"
        f" segments that touch here may still lie apart. {_drawn(len(projection.rows), facts)}"
        f"{shaded}"
    )


def _say_neighbours(found: NeighbourMap, facts: Facts) -> str:
    return (
        f"{_TABS[found.method]} keeps each customer beside those who are most alike, in all"
        " features together. So who is near is alike; how far apart groups lie, how wide and how"
        f" dense they are, says nothing. {_drawn(len(found.rows), facts)}"
    )


def _drawn(shown: int, facts: Facts) -> str:
    if shown == facts.customers:
        return f"All {shown:,} customers are shown."
    return (
        f"The points are {shown:,} of the {facts.customers:,} customers, evenly chosen from each"
        " segment."
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


def _tabbed(panels: dict[str, str]) -> str:
    """Return a tab and a panel for each; the page's script shows one, and paper shows all."""
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{name}" aria-controls="panel-{name}"'
        f' aria-selected="{"true" if name == "pca" else "false"}">{html(_TABS[name])}</button>'
        for name in panels
    )
    bodies = "".join(
        f'<div role="tabpanel" id="panel-{name}" aria-labelledby="tab-{name}">{body}</div>'
        for name, body in panels.items()
    )
    return f'<div class="tabs" role="tablist" aria-label="Kinds of map">{tabs}</div>{bodies}'
