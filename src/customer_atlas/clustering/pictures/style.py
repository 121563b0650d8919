"""How pictures of clusters look in a notebook: colours, markers, quiet axes, white ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "ACCENT",
    "COLOURS",
    "GRID",
    "INK",
    "QUIET",
    "axis",
    "colour",
    "figure",
    "marker",
    "short",
    "wash",
]

INK, QUIET, GRID, ACCENT = "#17202b", "#586473", "#e1e5ea", "#0b6e63"
# Apart to every kind of colour vision, the first eight most of all: those of the report.
COLOURS = (
    "#0073af", "#ae5400", "#004d2c", "#f54673", "#70235f", "#8478f3", "#009f3b", "#2a33a2",
    "#4b4300", "#bd004b", "#a91d8e", "#0b6b52", "#bb5c8d", "#993d6f", "#497932", "#890122",
    "#045ac3", "#479b21", "#851f92", "#543276",
)  # fmt: skip
_MARKERS = ("circle", "square", "diamond", "cross", "x")


def colour(number: int) -> str:
    """Return the colour of a cluster; quiet for who is in none.

    >>> colour(0), colour(20) == colour(0), colour(-1)
    ('#0073af', True, '#586473')
    """
    return QUIET if number < 0 else COLOURS[number % len(COLOURS)]


def wash(name: str, strength: float) -> str:
    """Return a colour that lets what is behind it through.

    >>> wash("#0073af", 0.5)
    'rgba(0,115,175,0.5)'
    """
    red, green, blue = (int(name[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def marker(number: int) -> str:
    """Return the marker of a cluster, one that can be drawn in space too."""
    return "circle-open" if number < 0 else _MARKERS[number % len(_MARKERS)]


def short(value: float) -> str:
    """Return a number in few letters.

    >>> short(12345.6), short(0.123456), short(12.34)
    ('12,346', '0.123', '12.3')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def axis(title: str = "", **own: Any) -> dict[str, Any]:
    """Return an axis: quiet, with room made for its labels."""
    base = {
        "title": {"text": title, "font": {"color": QUIET, "size": 12}, "standoff": 10},
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": QUIET},
        "automargin": True,
        "layer": "below traces",
    }
    return {**base, **own}


def figure(
    data: Sequence[Mapping[str, Any]], title: str, under: str = "", height: int = 520, **own: Any
) -> Any:
    """Return a plotly figure with a title, and under it in small what is to be known."""
    import plotly.graph_objects as go

    base = {
        "title": {
            "text": f"<b>{title}</b>",
            "subtitle": {"text": under, "font": {"size": 12, "color": QUIET}},
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 18},
        },
        "template": "none",
        "font": {"color": INK, "size": 13},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 44, "r": 36, "t": 88, "b": 44},
        "height": height,
        "showlegend": False,
    }
    return go.Figure(data=list(data), layout={**base, **own})
