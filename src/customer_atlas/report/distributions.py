"""How the customers of each segment are spread on the traits that tell the segments apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from customer_atlas.report.figure import (
    Figure,
    axis,
    colour,
    faint,
    layout,
    number,
    only_numbers,
    segment_axis,
    written,
)
from customer_atlas.report.people import Array, People, Trait
from customer_atlas.report.standing import Standing
from customer_atlas.segments import Segment, say_number, say_share

__all__ = ["distribution_figures"]

_SHOWN = 8
_CUTS = (5, 25, 50, 75, 95)
_TICKS = 6
_FEW_DECADES = 3 * math.log(10)


def distribution_figures(
    standing: Standing, people: People, segments: Sequence[Segment]
) -> list[tuple[Trait, Figure]]:
    """Return one small figure a trait, the most telling first: boxes, or shares of yes or no."""
    found = []
    for at in standing.telling[:_SHOWN]:
        trait = standing.traits[at]
        make = _shares if trait.yes_no else _boxes
        found.append((trait, make(f"spread-{at}", trait, people, segments)))
    return found


def _boxes(name: str, trait: Trait, people: People, segments: Sequence[Segment]) -> Figure:
    scaled = trait.scaled()
    cuts = [_cuts(scaled[people.segment == place]) for place in range(len(segments))]
    known = [(place, five) for place, five in enumerate(cuts) if five is not None]
    low, high = min(five[0] for _, five in known), max(five[4] for _, five in known)
    space = (high - low or 1.0) * 0.04
    data = [_box(place, five) for place, five in known]
    data.append(_points(trait, segments, known))
    return _figure(
        name,
        f"Boxes of {trait.label.lower()} by segment: "
        + "; ".join(f"{segments[p].name} {_said(trait, five[2])}" for p, five in known),
        data,
        segments,
        axis(range=[low - space, high + space], zeroline=False, **_ticks(trait, low, high)),
    )


def _cuts(values: Array) -> list[float] | None:
    values = values[~np.isnan(values)]
    return [float(cut) for cut in np.percentile(values, _CUTS)] if len(values) else None


def _box(place: int, five: Sequence[float]) -> dict[str, Any]:
    low, first, median, third, high = ([number(cut)] for cut in five)
    return {
        "type": "box",
        "orientation": "h",
        "y": [place],
        "lowerfence": low,
        "q1": first,
        "median": median,
        "q3": third,
        "upperfence": high,
        "width": 0.56,
        "whiskerwidth": 0.3,
        "line": {"color": colour(place), "width": 2},
        "fillcolor": faint(place),
        "hoverinfo": "skip",
    }


def _points(
    trait: Trait, segments: Sequence[Segment], known: Sequence[tuple[int, Sequence[float]]]
) -> dict[str, Any]:
    """Return points under the pointer that tell the box in real units."""
    told = [
        f"<b>{written(segments[place].name, 40)}</b><br>"
        f"middle customer: {_said(trait, five[2])}<br>"
        f"half of them: {_said(trait, five[1])} to {_said(trait, five[3])}<br>"
        f"nine in ten: {_said(trait, five[0])} to {_said(trait, five[4])}"
        for place, five in known
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [number(five[2]) for _, five in known],
        "y": [place for place, _ in known],
        "hovertext": told,
        "hoverinfo": "text",
        "marker": {
            "color": [colour(place) for place, _ in known],
            "size": 9,
            "line": {"color": "var(--card)", "width": 1.5},
        },
    }


def _shares(name: str, trait: Trait, people: People, segments: Sequence[Segment]) -> Figure:
    shares = [_share(trait.values[people.segment == place]) for place in range(len(segments))]
    texts = ["unknown" if math.isnan(share) else say_share(share) for share in shares]
    return _figure(
        name,
        f"Bars of the share with {trait.label} by segment: "
        + "; ".join(f"{one.name} {text}" for one, text in zip(segments, texts, strict=True)),
        [
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(segments))),
                "width": 0.6,
                "x": [number(share) for share in shares],
                "text": texts,
                "hoverinfo": "skip",
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {"color": [colour(p) for p in range(len(segments))], "cornerradius": 3},
            }
        ],
        segments,
        axis(range=[0, 1.12], tickvals=[0, 0.5, 1], ticktext=["0%", "50%", "100%"], zeroline=False),
    )


def _share(values: Array) -> float:
    values = values[~np.isnan(values)]
    return float(values.mean()) if len(values) else math.nan


def _figure(
    name: str, says: str, data: list[dict[str, Any]], segments: Sequence[Segment], x: dict[str, Any]
) -> Figure:
    return Figure(
        name,
        says,
        data,
        layout(xaxis=x, yaxis=segment_axis(segments, 22), hovermode="closest"),
        56 + 36 * max(len(segments), 2),
        {
            "layout.yaxis.ticktext": only_numbers(segments),
            "layout.height": 48 + 27 * max(len(segments), 2),
        },
    )


def _ticks(trait: Trait, low: float, high: float) -> dict[str, Any]:
    places = _log_ticks(low, high) if trait.log else _even_ticks(low, high)
    return {
        "tickvals": [place for place, _ in places],
        "ticktext": [say_number(value, trait.unit) for _, value in places],
        "tickangle": 0,
    }


def _even_ticks(low: float, high: float) -> list[tuple[float, float]]:
    """Return ticks at 1, 2 or 5 times a power of ten, at most six.

    >>> [value for _, value in _even_ticks(0.0, 0.9)]
    [0.0, 0.2, 0.4, 0.6, 0.8]
    """
    if high <= low:
        return [(low, low)]
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    count = math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1
    first = math.ceil(low / step - 1e-9)
    values = [round((first + i) * step, 12) for i in range(count)]
    return [(value, value) for value in values]


def _log_ticks(low: float, high: float) -> list[tuple[float, float]]:
    """Return ticks where the logarithm is shown: 0, and powers of ten as many as fit.

    >>> [value for _, value in _log_ticks(0.0, math.log1p(5000))]
    [0.0, 10.0, 100.0, 1000.0]
    """
    most = math.expm1(max(abs(low), abs(high)))
    least = min(0, math.floor(math.log10(most)) - 1) if most > 0 else 0
    sizes = [10.0**power for power in range(least, 16)]
    if most <= 300 or high - low < _FEW_DECADES:
        sizes += [value * times for value in sizes for times in (2, 5)]
    ticks = [(math.log1p(size), size) for size in sorted(sizes, reverse=True)]
    both = [(sign * at, sign * size) for at, size in ticks for sign in (1, -1)]
    kept: list[tuple[float, float]] = []
    for tick in [(0.0, 0.0), *both]:
        if low <= tick[0] <= high and all(abs(tick[0] - at) >= (high - low) / 7 for at, _ in kept):
            kept.append(tick)
    return sorted(kept)


def _said(trait: Trait, scaled: float) -> str:
    value = math.copysign(math.expm1(abs(scaled)), scaled) if trait.log else scaled
    return say_number(value, trait.unit)
