"""A figure: Plotly's data and layout as plain values, with the colours named, not chosen.

Colours are CSS variables, which the page resolves for light, dark and paper.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from customer_atlas.report.words import clean
from customer_atlas.segments import Segment

__all__ = [
    "CARD",
    "COLOURS",
    "GRID",
    "INK",
    "QUIET",
    "Figure",
    "axis",
    "clear",
    "colour",
    "faint",
    "layout",
    "marked",
    "number",
    "numbers",
    "only_numbers",
    "segment_axis",
    "strong",
    "symbol",
    "written",
]

INK, QUIET, GRID, CARD = "var(--ink)", "var(--quiet)", "var(--grid)", "var(--card)"
COLOURS = 20
"""So many segments have a colour of their own."""
_SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "star",
    "hexagon",
    "triangle-down",
    "pentagon",
    "x",
)


@dataclass(frozen=True)
class Figure:
    """One figure of the page.

    `says` is what is read to those who cannot see it, and `narrow` what is different where there
    is little room, by path such as ``layout.height``. One in `space` needs WebGL.
    """

    name: str
    says: str
    data: Sequence[Mapping[str, Any]]
    layout: Mapping[str, Any]
    height: int
    narrow: Mapping[str, Any] = field(default_factory=dict)
    space: bool = False

    @property
    def id(self) -> str:
        """The id of its element on the page."""
        return f"figure-{self.name}"

    def to_dict(self) -> dict[str, Any]:
        """Return what the page's script draws it from."""
        return {
            "data": self.data,
            "layout": {**self.layout, "height": self.height},
            "narrow": self.narrow,
            "space": self.space,
        }


def layout(**own: Any) -> dict[str, Any]:
    """Return a layout in the manner of the house, with what is a figure's `own`."""
    base = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK, "size": 13},
        "showlegend": False,
        "dragmode": False,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hoverlabel": {
            "bgcolor": CARD,
            "bordercolor": GRID,
            "font": {"color": INK},
            "align": "left",
        },
    }
    return {**base, **own}


def axis(**own: Any) -> dict[str, Any]:
    """Return an axis: quiet, still, with room made for its labels."""
    base = {
        "gridcolor": GRID,
        "linecolor": GRID,
        "zerolinecolor": GRID,
        "tickfont": {"color": QUIET},
        "title": {"font": {"color": QUIET, "size": 12}},
        "fixedrange": True,
        "automargin": True,
        "layer": "below traces",
    }
    title = own.pop("title", None)
    if title is not None:
        base["title"] = {**base["title"], "text": title}  # type: ignore[dict-item]
    return {**base, **own}


def segment_axis(segments: Sequence[Segment], width: int = 26, **own: Any) -> dict[str, Any]:
    """Return the axis that has a segment a line, numbered and named, the first on top."""
    return axis(
        tickvals=list(range(len(segments))),
        ticktext=[marked(place, one, width) for place, one in enumerate(segments)],
        range=[len(segments) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        tickfont={"color": INK, "size": 12},
        ticklabelstandoff=6,
        **own,
    )


def only_numbers(segments: Sequence[Segment]) -> list[str]:
    """Return the segments' numbers alone, for where there is no room for names."""
    return [f"<b>{place + 1}</b>" for place in range(len(segments))]


def colour(place: int) -> str:
    """Return the colour of the segment at a place of the list."""
    return f"var(--s{place % COLOURS + 1})"


def faint(place: int) -> str:
    """Return the colour of a segment as a wash to fill an area with."""
    return f"var(--s{place % COLOURS + 1}-faint)"


def clear(place: int) -> str:
    """Return the colour of a segment, so clear that it is not seen: where a shading begins."""
    return f"var(--s{place % COLOURS + 1}-clear)"


def strong(place: int) -> str:
    """Return the colour of a segment where a shading is densest."""
    return f"var(--s{place % COLOURS + 1}-strong)"


def symbol(place: int) -> str:
    """Return the marker of a segment; ten in a row differ, for who cannot go by colour."""
    return _SYMBOLS[place % len(_SYMBOLS)]


def written(text: str, width: int = 0, lines: int = 3) -> str:
    """Return any text for Plotly, which reads a small HTML: escaped, and broken at `width`.

    >>> written("<b>R&D")
    '&lt;b&gt;R&amp;D'
    >>> written("days since the last order", 14)
    'days since the<br>last order'
    """
    parts = (
        textwrap.wrap(clean(text), width, max_lines=lines, placeholder="…")
        if width
        else [clean(text)]
    )
    return "<br>".join(
        part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for part in parts
    )


def marked(place: int, segment: Segment, width: int = 26) -> str:
    """Return a segment's number and name."""
    return f"<b>{place + 1}</b>  {written(segment.name, width, 2)}"


def number(value: float, digits: int = 4) -> float | None:
    """Return a value with few digits, None where it is unknown: JSON knows no NaN.

    >>> number(0.123456), number(float("nan")), number(123456.7)
    (0.1235, None, 123500.0)
    """
    if not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def numbers(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """Return each value as `number` does."""
    return [number(float(value), digits) for value in values]
