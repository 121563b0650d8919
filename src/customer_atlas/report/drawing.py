"""Pictures that need no script: bars and radars as SVG, in the colours of the style sheet."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from customer_atlas.report.words import clean, html
from customer_atlas.segments import say_share

__all__ = ["Bar", "Spoke", "columns_svg", "lying_bars_svg", "radar_svg"]

_SMALL = 0.1  # where even the largest share is smaller, shares have a digit more


@dataclass(frozen=True)
class Bar:
    """A share (0 to 1) of a group beside everybody's; `strong` where it surely differs."""

    label: str
    share: float
    everyone: float
    strong: bool = False


@dataclass(frozen=True)
class Spoke:
    """A spoke of a radar: the mean rank (0 to 100) of a group among all, None where unknown."""

    label: str
    rank: float | None


def columns_svg(bars: Sequence[Bar], says: str, every: int = 1, width: int = 260) -> str:
    """Return bars that stand side by side, each with a line where everybody's would end.

    Every so many of them have a label. Values are written above where there is room.
    """
    height, foot, head = 132, 18, 16
    top = max((max(one.share, one.everyone) for one in bars), default=0.0) or 1.0
    step = width / max(len(bars), 1)
    wide, room = step * 0.66, height - foot - head
    parts = [f'<line class="base" x1="0" x2="{width}" y1="{height - foot}" y2="{height - foot}"/>']
    for at, one in enumerate(bars):
        left, middle = at * step + (step - wide) / 2, (at + 0.5) * step
        tall, mark = room * one.share / top, height - foot - room * one.everyone / top
        parts.append(_rect(left, height - foot - tall, wide, tall, one))
        out = step * 0.06
        parts.append(
            f'<line class="mark" x1="{left - out:.1f}" x2="{left + wide + out:.1f}"'
            f' y1="{mark:.1f}" y2="{mark:.1f}"/>'
        )
        if at % every == 0:
            parts.append(_text(middle, height - 5, one.label, "tick"))
        if step > 30:
            above = min(height - foot - tall, mark) - 4
            parts.append(_text(middle, above, say_share(one.share), _value(one)))
    return _svg(width, height, says, parts)


def lying_bars_svg(bars: Sequence[Bar], says: str, width: int = 260) -> str:
    """Return bars that lie below each other under their labels."""
    step = 31
    top = max((max(one.share, one.everyone) for one in bars), default=0.0) or 1.0
    room, parts = width - 52, []
    for at, one in enumerate(bars):
        y = at * step
        parts.append(_text(0, y + 11, _short(one.label, 36), "label", "start"))
        parts.append(_rect(0, y + 16, room * one.share / top, 9, one))
        mark = room * one.everyone / top
        parts.append(
            f'<line class="mark" x1="{mark:.1f}" x2="{mark:.1f}" y1="{y + 14.5}" y2="{y + 26.5}"/>'
        )
        end = max(room * one.share / top, mark) + 6
        said = say_share(one.share, 1 if top < _SMALL else 0)
        parts.append(_text(end, y + 24.5, said, _value(one), "start"))
    return _svg(width, max(len(bars) * step, 1), says, parts)


def radar_svg(spokes: Sequence[Spoke], says: str) -> str:
    """Return a radar: the rim is ahead of nearly all, the dotted ring the middle of everybody."""
    width, height, reach = 340, 250, 82
    x, y = width / 2, height / 2
    parts = [
        f'<circle class="ring" cx="{x}" cy="{y}" r="{reach * r:.1f}"/>' for r in (0.25, 0.75, 1)
    ]
    angles = [2 * math.pi * at / len(spokes) for at in range(len(spokes))]
    points = []
    for angle, spoke in zip(angles, spokes, strict=True):
        dx, dy = math.sin(angle), -math.cos(angle)
        parts.append(
            f'<line class="ring" x1="{x}" y1="{y}" x2="{x + reach * dx:.1f}"'
            f' y2="{y + reach * dy:.1f}"/>'
        )
        if spoke.rank is not None:
            far = reach * min(max(spoke.rank, 0.0), 100.0) / 100
            points.append((x + far * dx, y + far * dy))
        parts.append(_spoke_label(x + (reach + 9) * dx, y + (reach + 9) * dy, dx, dy, spoke.label))
    parts.append(f'<circle class="middle" cx="{x}" cy="{y}" r="{reach / 2}"/>')
    corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    parts.append(f'<polygon class="shape" points="{corners}"/>')
    parts += [f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="3.2"/>' for px, py in points]
    return _svg(width, height, says, parts)


def _spoke_label(x: float, y: float, dx: float, dy: float, label: str) -> str:
    anchor = "middle" if abs(dx) < 0.2 else "start" if dx > 0 else "end"
    lines = textwrap.wrap(
        clean(label), 15, max_lines=3, placeholder="…", break_long_words=len(clean(label)) > 60
    ) or [""]
    first = y + 3.5 + (dy - 1) / 2 * 11 * (len(lines) - 1)
    spans = "".join(
        f'<tspan x="{x:.1f}" y="{first + 11 * at:.1f}">{html(line)}</tspan>'
        for at, line in enumerate(lines)
    )
    return f'<text class="spoke" text-anchor="{anchor}">{spans}</text>'


def _rect(x: float, y: float, width: float, height: float, bar: Bar) -> str:
    kind = "share strong" if bar.strong else "share"
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" {size} rx="1.5"/>'


def _value(bar: Bar) -> str:
    return "value strong" if bar.strong else "value"


def _text(x: float, y: float, text: str, kind: str, anchor: str = "middle") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{html(text)}</text>'


def _short(text: str, most: int) -> str:
    text = clean(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _svg(width: int, height: int, says: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html(says)}">'
        f"{''.join(parts)}</svg>"
    )
