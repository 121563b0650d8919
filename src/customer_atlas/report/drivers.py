"""What drives each segment: bars of what features contribute to who is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import INK, QUIET, Figure, axis, colour, layout, number, written
from customer_atlas.report.section import Section, figure_html, how
from customer_atlas.segments import Driver, Segment, SegmentDrivers, say_share

__all__ = ["drivers_section"]

_SHOWN = 6
_LARGE = 8  # segments whose bars stand two by two


def drivers_section(facts: Facts) -> Iterator[Section]:
    """Yield the section on drivers; none where nothing drives the segments."""
    found = [
        (place, segment, one)
        for place, segment in enumerate(facts.segments)
        if (one := facts.drivers.of(segment.id)) and one.told
    ]
    if not found:
        return
    told = (
        "Trees learn from everything that forms the segments who is in which. Each bar is the part"
        " that a feature, with those that tell the same, has in what they say of a segment's"
        " members; the thin line is how far the sample may err by chance (95%). Beside it stand"
        " the typical value here and everyone's. What does no more than chance is left out."
        f" {facts.drivers.fidelity}"
    )
    figures = [_figure(place, segment, one) for place, segment, one in found]
    body = "".join(
        figure_html(figure, f"{place + 1}  {segment.name}", _under(one))
        for figure, (place, segment, one) in zip(figures, found, strict=True)
    )
    grid = "two" if len(figures) <= _LARGE else "three"
    body = f'{how(told)}<div class="{grid}">{body}</div>'
    yield Section("drivers", "Drivers", "What drives them", body, tuple(figures))


def _under(found: SegmentDrivers) -> str:
    if found.found is None:
        return ""
    return f"The trees find {say_share(found.found)} of {found.held:,} members held out."


def _figure(place: int, segment: Segment, found: SegmentDrivers) -> Figure:
    groups = found.together[:_SHOWN]
    parts = [sum(one.part for one in group) for group in groups]
    lines = list(range(len(groups)))
    said = [f"{group[0].segment_text}, everyone {group[0].overall_text}" for group in groups]
    return Figure(
        f"drivers-{place + 1}",
        f"What drives {segment.name}: "
        + "; ".join(
            f"{group[0].label} {say_share(part)}" for group, part in zip(groups, parts, strict=True)
        ),
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": [number(part) for part in parts],
                "y": lines,
                "error_x": {
                    "type": "data",
                    "array": [number(_error(group)) for group in groups],
                    "color": QUIET,
                    "thickness": 1,
                    "width": 3,
                },
                "text": [f"\u2003{written(text)}" for text in said],
                "textposition": "outside",
                "textfont": {"size": 11, "color": INK},
                "cliponaxis": False,
                "hovertext": [
                    _hover(group, part) for group, part in zip(groups, parts, strict=True)
                ],
                "hoverinfo": "text",
                "marker": {"color": colour(place), "cornerradius": 3},
            }
        ],
        layout(
            bargap=0.4,
            xaxis=axis(
                range=[0, max(parts) * 1.9], showticklabels=False, showgrid=False, zeroline=False
            ),
            yaxis=axis(
                tickvals=lines,
                ticktext=[written(group[0].label, 22, 2) for group in groups],
                range=[len(groups) - 0.4, -0.6],
                showgrid=False,
                zeroline=False,
                tickfont={"color": INK, "size": 12},
                ticklabelstandoff=6,
            ),
        ),
        40 + 44 * len(groups),
        {"layout.xaxis.range": [0, max(parts) * 2.6], "layout.yaxis.tickfont.size": 11},
    )


def _error(group: Sequence[Driver]) -> float:
    """Return half of the 95 % interval of the part of some drivers together."""
    lead = group[0]
    whole = lead.contribution / lead.part if lead.part else 1.0
    errors = [one.contribution_error or 0.0 for one in group]
    return 1.96 * sqrt(sum(one**2 for one in errors)) / whole


def _hover(group: Sequence[Driver], part: float) -> str:
    lead, *others = group
    lines = [f"<b>{written(lead.label, 40)}</b>", f"{say_share(part)} of all contributions"]
    if others:
        lines.append(written("with " + ", ".join(one.label for one in others), 44))
    if lead.effect is not None and lead.low is not None and lead.high is not None:
        lines.append(f"effect {lead.effect:+.2f} ({lead.low:+.2f} to {lead.high:+.2f})")
    return "<br>".join(lines)
