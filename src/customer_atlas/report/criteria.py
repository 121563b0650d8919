"""What each criterion says of each number of segments: a curve, its own pick, and a sentence."""

from __future__ import annotations

from collections import Counter
from typing import Any

from customer_atlas.clustering import Choice, Curve
from customer_atlas.report.figure import INK, QUIET, Figure, axis, layout, number, numbers
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html

__all__ = ["criteria_figures", "picks_table", "say_picks", "values_table"]


def criteria_figures(choice: Choice) -> list[tuple[Curve, Figure]]:
    """Return a small figure for each curve; the chosen number is a dashed line in all of them."""
    return [(curve, _figure(curve, choice.k)) for curve in choice.curves]


def say_picks(choice: Choice) -> str:
    """Say how many criteria would have picked the number that was chosen, and what others would.

    >>> curves = tuple(Curve(n, n, (2, 3), (0.1, 0.2), None, "higher", 3, "") for n in "ab")
    >>> say_picks(Choice(3, "", (), curves))
    'Of 2 criteria, 2 alone would pick 3.'
    >>> say_picks(Choice(2, "", (), curves))
    'Of 2 criteria, none alone would pick 2; 2 would pick 3.'
    """
    votes = Counter(curve.choice for curve in choice.curves)
    same = votes[choice.k] or "none"
    said = f"Of {len(choice.curves)} criteria, {same} alone would pick {choice.k}"
    others = [
        f"{count} would pick {'none' if k is None else k}"
        for k, count in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0] or 0))
        if k != choice.k
    ]
    return "; ".join([said, *([_listed(others)] if others else [])]) + "."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def picks_table(choice: Choice) -> str:
    """Return each number that a criterion would pick, and which criteria these are."""
    picked: dict[int | None, list[str]] = {}
    for curve in choice.curves:
        picked.setdefault(curve.choice, []).append(html(curve.title))
    picked.setdefault(choice.k, [])
    rows = [
        (
            "none" if k is None else f"<b>{k}</b> ← chosen" if k == choice.k else f"{k}",
            ", ".join(picked[k]) or "no criterion alone",
        )
        for k in sorted(picked, key=lambda k: (k is None, k or 0))
    ]
    return table_html(("Segments", "Picked by"), rows, "What each criterion would pick")


def values_table(choice: Choice) -> str:
    """Return what each criterion measured of each number of segments."""
    ks = sorted({k for curve in choice.curves for k in curve.ks})
    columns = [dict(zip(curve.ks, curve.values, strict=True)) for curve in choice.curves]
    rows = [
        (
            f"{k}{' ← chosen' if k == choice.k else ''}",
            *(f"{column[k]:.4g}" if k in column else "" for column in columns),
        )
        for k in ks
    ]
    heads = ("Segments", *(curve.title for curve in choice.curves))
    return table_html(heads, rows, "What was measured", numeric=range(1, len(heads)))


def _figure(curve: Curve, chosen: int) -> Figure:
    picks = "it picks none" if curve.choice is None else f"it alone would pick {curve.choice}"
    return Figure(
        f"criterion-{curve.name}",
        f"{curve.title} of {curve.ks[0]} to {curve.ks[-1]} segments; {picks}; {chosen} chosen.",
        [*_band(curve), _line(curve), *_pick(curve)],
        layout(
            xaxis=axis(
                range=[curve.ks[0] - 0.7, curve.ks[-1] + 0.7], nticks=8, showgrid=False,
                zeroline=False, tickfont={"size": 11, "color": QUIET},
            ),
            yaxis=axis(nticks=4, zeroline=False, tickfont={"size": 11, "color": QUIET}),
            shapes=[
                {
                    "type": "line", "x0": chosen, "x1": chosen, "y0": 0, "y1": 1,
                    "yref": "paper", "line": {"color": QUIET, "width": 1.2, "dash": "dash"},
                }
            ],
        ),
        190,
    )  # fmt: skip


def _band(curve: Curve) -> list[dict[str, Any]]:
    """Return a standard error on either side, as an area."""
    if curve.errors is None:
        return []
    pairs = list(zip(curve.values, curve.errors, strict=True))
    edge = [value + error for value, error in pairs]
    edge += [value - error for value, error in reversed(pairs)]
    return [
        {
            "type": "scatter",
            "mode": "none",
            "x": [*curve.ks, *reversed(curve.ks)],
            "y": numbers(edge),
            "fill": "toself",
            "fillcolor": "var(--accent-faint)",
            "hoverinfo": "skip",
        }
    ]


def _line(curve: Curve) -> dict[str, Any]:
    errors = curve.errors or [None] * len(curve.ks)
    told = [
        f"<b>{k} segments</b><br>{value:.4g}" + (f" ± {error:.2g}" if error is not None else "")
        for k, value, error in zip(curve.ks, curve.values, errors, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(curve.ks),
        "y": numbers(curve.values),
        "line": {"color": "var(--accent)", "width": 2},
        "marker": {"size": 4, "color": "var(--accent)"},
        "hovertext": told,
        "hoverinfo": "text",
    }


def _pick(curve: Curve) -> list[dict[str, Any]]:
    if curve.choice not in curve.ks:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [curve.choice],
            "y": [number(curve.values[curve.ks.index(curve.choice)])],
            "marker": {
                "symbol": "circle-open",
                "size": 14,
                "color": INK,
                "line": {"width": 2, "color": INK},
            },
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
    ]
