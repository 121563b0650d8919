"""Whether the segments come back, what they hang on, and who moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from customer_atlas.clustering import (
    PROBES,
    Probe,
    ProbeKind,
    StabilityReport,
    say_leaving,
    say_probe,
)
from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import (
    INK,
    Figure,
    axis,
    layout,
    number,
    numbers,
    only_numbers,
    segment_axis,
    written,
)
from customer_atlas.report.section import Section, figure_html, folded, how
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html
from customer_atlas.segments import Segment, say_share

__all__ = ["stability_sections"]

_SHOWN = 12
_NARROW = {
    "seeds": "Seeds",
    "bootstrap": "Draws",
    "features": "Features",
    "structure": "Earlier",
    "behaviour": "Time",
}


def stability_sections(facts: Facts) -> Iterator[Section]:
    """Yield the section on stability; none where there was nothing to disturb."""
    report = facts.stability
    if not report.probes:
        return
    called = {info.name: info.label for info in facts.infos}
    told = (
        "The segments are made again in several ways, and compared with these: from other random"
        " beginnings, from other draws of the customers, with each feature left out in turn."
        " In each cell stands how far a segment comes back, as the Jaccard similarity with what it"
        " is most like: from 0.85 on it is very stable, from 0.75 stable, from 0.6 doubtful, and"
        f" below it dissolves. {_looked(report)}"
    )
    heat = _heat_figure(report, [one for one in facts.segments if one.cluster >= 0])
    figures = [heat]
    body = f'<p class="reason">{html(report.verdict)}</p>{how(told)}{figure_html(heat)}'
    body += "".join(f"<p>{html(say)}</p>" for say in report.skipped.values())
    body += _said(report, called) + folded("The numbers of each", _probes_table(report))
    body += f"<h3>Who moves</h3>{_movers_table(facts)}"
    left = report.probe("features")
    if left:
        hanging = _hanging_figure(left, called)
        figures.append(hanging)
        under = (
            "How much of the segmentation is left without each feature, as the adjusted Rand"
            " index: 1 is the same segments, 0 is chance."
        )
        body += f"<h3>What they hang on</h3>{how(under)}{figure_html(hanging)}"
        body += folded("Each feature", _features_table(left, called))
    yield Section("stability", "Stability", "How stable they are", body, tuple(figures))


def _looked(report: StabilityReport) -> str:
    if report.rows == report.customers:
        return ""
    return f"{report.rows:,} of {report.customers:,} customers were looked at."


def _there(report: StabilityReport) -> list[Probe]:
    return [found for kind in PROBES if (found := report.probe(kind))]


def _heat_figure(report: StabilityReport, segments: Sequence[Segment]) -> Figure:
    """Return a map of the segments by probes: how far each comes back."""
    probes = _there(report)
    rows = [[one.jaccard[segment.cluster] for one in probes] for segment in segments]
    heads = [PROBES[one.kind] for one in probes]
    return Figure(
        "stability",
        f"Map of {len(segments)} segments by {len(probes)} ways to disturb them: how far each"
        " segment comes back, from 0 to 1. The table below tells who moves.",
        [
            {
                "type": "heatmap",
                "x": list(range(len(probes))),
                "y": list(range(len(segments))),
                "z": [numbers(row) for row in rows],
                "text": [[f"{value:.2f}" for value in row] for row in rows],
                "texttemplate": "%{text}",
                "textfont": {"size": 12, "color": INK},
                "hovertext": [
                    [
                        f"<b>{written(segment.name, 40)}</b><br>{PROBES[one.kind]}: "
                        f"{one.jaccard[segment.cluster]:.2f} on average,<br>"
                        f"{one.least[segment.cluster]:.2f} at worst"
                        for one in probes
                    ]
                    for segment in segments
                ],
                "hoverinfo": "text",
                "zmin": 0.2,
                "zmid": 0.675,
                "zmax": 1.15,
                "xgap": 2,
                "ygap": 2,
                "colorscale": [[0, "var(--more)"], [0.5, "var(--even)"], [1, "var(--less)"]],
                "showscale": False,
            }
        ],
        layout(
            xaxis=axis(
                side="top",
                tickvals=list(range(len(probes))),
                ticktext=[written(head, 14) for head in heads],
                showgrid=False,
                zeroline=False,
                tickangle=0,
                ticks="",
                tickfont={"size": 12, "color": INK},
            ),
            yaxis=segment_axis(segments, 30, ticks=""),
        ),
        90 + 36 * len(segments),
        {
            "layout.yaxis.ticktext": only_numbers(segments),
            "layout.xaxis.ticktext": [_NARROW[one.kind] for one in probes],
            "layout.xaxis.tickfont.size": 10,
        },
    )


def _said(report: StabilityReport, called: Mapping[str, str]) -> str:
    """Return what each probe says, as a list."""
    said = "".join(
        f"<li><b>{PROBES[one.kind]}</b> (adjusted Rand index {one.rand:.2f}):"
        f" {html(f'{say_probe(one, called)} {one.note}'.strip())}</li>"
        for one in _there(report)
    )
    return f"<ul>{said}</ul>"


def _probes_table(report: StabilityReport) -> str:
    rows = [
        (
            html(PROBES[one.kind]),
            f"{len(one.trials)}",
            f"<b>{one.rand:.2f}</b> ({one.lowest:.2f} to {one.highest:.2f})",
            say_share(one.moved),
            say_share(one.ever),
        )
        for one in _there(report)
    ]
    heads = ("Disturbed by", "Times", "Adjusted Rand index", "Move each time", "Ever move")
    return table_html(heads, rows, "Each way to disturb the segments", numeric=range(1, 5))


def _movers_table(facts: Facts) -> str:
    report = facts.stability
    named: dict[ProbeKind, str] = {
        "bootstrap": "When others are drawn",
        "behaviour": "As time goes by",
    }
    probes = [(head, found) for kind, head in named.items() if (found := report.probe(kind))]
    rows = [
        (
            f"{place}",
            f"<bdi>{html(one.name)}</bdi>",
            html(report.steady[one.cluster]),
            *(html(say_leaving(report, probe.leaving(one.cluster))) for _, probe in probes),
        )
        for place, one in enumerate(facts.segments, start=1)
        if one.cluster >= 0
    ]
    heads = ("", "Segment", "It is", *(f"{head}, so many leave" for head, _ in probes))
    return table_html(heads, rows, "Who leaves each segment")


def _hanging_figure(left: Probe, called: Mapping[str, str]) -> Figure:
    """Return a bar for each feature: the adjusted Rand index without it, the lowest on top."""
    shown = left.ranking[:_SHOWN]
    labels = [called.get(one.label, one.label) for one in shown]
    return Figure(
        "hanging",
        f"The adjusted Rand index without each of {len(shown)} features; the lowest is"
        f" {shown[0].rand:.2f}, without {labels[0]}.",
        [
            {
                "type": "bar",
                "orientation": "h",
                "x": [number(one.rand) for one in shown],
                "y": list(range(len(shown))),
                "text": [f"{one.rand:.2f}" for one in shown],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {
                    "color": ["var(--accent)"] + ["var(--pale)"] * (len(shown) - 1),
                    "cornerradius": 3,
                },
                "hovertext": [
                    f"<b>{written(label, 40)}</b><br>{one.moved:.0%} of the customers move"
                    for label, one in zip(labels, shown, strict=True)
                ],
                "hoverinfo": "text",
            }
        ],
        layout(
            bargap=0.35,
            margin={"l": 8, "r": 40, "t": 8, "b": 8},
            xaxis=axis(title="Adjusted Rand index without it", range=[0, 1], nticks=6),
            yaxis=axis(
                tickvals=list(range(len(shown))),
                ticktext=[written(label, 42, 2) for label in labels],
                autorange="reversed",
                showgrid=False,
                zeroline=False,
                ticks="",
                tickfont={"size": 12, "color": INK},
                ticklabelstandoff=6,
            ),
        ),
        80 + 28 * len(shown),
        {
            "layout.yaxis.ticktext": [written(label, 19, 2) for label in labels],
            "layout.yaxis.tickfont.size": 10,
        },
    )


def _features_table(left: Probe, called: Mapping[str, str]) -> str:
    rows = [
        (
            f"<bdi>{html(called.get(one.label, one.label))}</bdi>",
            f"{one.rand:.2f}",
            say_share(one.moved),
        )
        for one in left.ranking
    ]
    heads = ("Without", "Adjusted Rand index", "Customers who move")
    return table_html(heads, rows, "What is left without each feature", numeric=(1, 2))
