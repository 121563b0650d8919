"""Protected groups in the segments: who is where, and what gives them away."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from customer_atlas.report.facts import Facts
from customer_atlas.report.figure import (
    INK,
    Figure,
    axis,
    layout,
    number,
    segment_axis,
    written,
)
from customer_atlas.report.section import Section, figure_html, folded, how
from customer_atlas.report.tables import table_html
from customer_atlas.report.words import html
from customer_atlas.segments import (
    BIAS_CAUTION,
    AttributeAudit,
    Cell,
    Parity,
    Segment,
    Told,
    parity_findings,
    say_attribute,
    say_bias,
    say_four_fifths,
    say_leakage,
    say_p,
    say_parity,
    say_ratio,
    say_share,
    say_treatment,
    say_unseen,
)

__all__ = ["bias_sections"]

_FARTHEST = math.log(2)  # twice or half the share has the full colour
_PROXIES = 8
_SCALE = (
    '<p class="scale"><span>half their share of all</span><i aria-hidden="true"></i>'
    "<span>twice</span></p>"
)


def bias_sections(facts: Facts) -> Iterator[Section]:
    """Yield the section on bias; none where nothing is protected."""
    report = facts.bias
    if report is None:
        return
    told = (
        "Protected attributes take no part in forming segments; here they are laid beside them. In"
        " each cell stands a group's share of a segment divided by its share of all: 1 is parity."
        " Counts of under 5 people stay hidden, with those that would tell them; groups and"
        " segments of under 30 are not judged."
    )
    figures = [
        _heat(attribute, facts.segments, place)
        for place, attribute in enumerate(report.attributes)
        if attribute.segments
    ]
    drawn = iter(figures)
    body = f'<p class="reason">{html(say_bias(report))}</p><p>{html(BIAS_CAUTION)}</p>{how(told)}'
    body += _SCALE if figures else ""
    for attribute in report.attributes:
        body += f"<h3><bdi>{html(attribute.name)}</bdi></h3><p>{html(say_attribute(attribute))}</p>"
        if attribute.segments:
            body += figure_html(next(drawn)) + _details(attribute)
    skipped = "".join(f"<li>{html(name)}: {html(why)}</li>" for name, why in report.skipped.items())
    body += f"<p>What could not be looked at:</p><ul>{skipped}</ul>" if skipped else ""
    yield Section("bias", "Bias", "Who is in them", body, tuple(figures))


def _heat(attribute: AttributeAudit, segments: Sequence[Segment], place: int) -> Figure:
    """Return a map of segments by groups: parity ratios, their intervals where one points."""
    parities = attribute.segments
    groups = attribute.groups
    cells = [one.cells for one in parities]
    return Figure(
        f"bias-{place}",
        f"Map of {len(parities)} segments by {len(groups)} groups of {attribute.name}: each"
        " group's share of a segment divided by its share of all. The table below tells them.",
        [
            {
                "type": "heatmap",
                "x": list(range(len(groups))),
                "y": list(range(len(parities))),
                "z": [[number(_depth(cell)) for cell in row] for row in cells],
                "text": [[_written(cell) for cell in row] for row in cells],
                "texttemplate": "%{text}",
                "textfont": {"size": 12, "color": INK},
                "hovertext": [
                    [_hover(attribute, parity, cell) for cell in parity.cells]
                    for parity in parities
                ],
                "hoverinfo": "text",
                "hoverongaps": False,
                "zmin": -_FARTHEST,
                "zmid": 0,
                "zmax": _FARTHEST,
                "xgap": 2,
                "ygap": 2,
                "colorscale": [[0, "var(--less)"], [0.5, "var(--even)"], [1, "var(--more)"]],
                "showscale": False,
            }
        ],
        layout(
            xaxis=axis(
                side="top",
                tickvals=list(range(len(groups))),
                ticktext=[f"{written(one.label, 14)}<br>{say_share(one.share)}" for one in groups],
                showgrid=False,
                zeroline=False,
                tickangle=0,
                ticks="",
                tickfont={"size": 11, "color": INK},
            ),
            yaxis=segment_axis(segments, 30, ticks=""),
        ),
        90 + 36 * len(parities),
        {
            "layout.yaxis.ticktext": [f"<b>{at + 1}</b>" for at in range(len(parities))],
            "layout.xaxis.ticktext": [written(one.label, 9) for one in groups],
            "layout.xaxis.tickfont.size": 9,
            "data.0.textfont.size": 10,
        },
    )


def _depth(cell: Cell) -> float:
    """Return the logarithm of a ratio that can be judged, so that twice and half weigh alike."""
    if cell.ratio is None or cell.standing == "few":
        return math.nan
    return math.log(max(cell.ratio.value, 0.01))


def _written(cell: Cell) -> str:
    if cell.ratio is None or cell.standing == "few":
        return ""
    said = f"{cell.ratio.value:.2f}"
    return f"<b>{said}</b>" if cell.standing in ("over", "under") else said


def _hover(attribute: AttributeAudit, parity: Parity, cell: Cell) -> str:
    return f"<b>{written(parity.segment, 40)}</b><br>" + written(
        say_parity(attribute, parity, cell), 60, 4
    )


def _details(attribute: AttributeAudit) -> str:
    found = "".join(
        f"<li>{html(say_parity(attribute, *each))}</li>" for each in parity_findings(attribute)
    )
    body = f"<ul>{found}</ul>" if found else ""
    if unseen := say_unseen(attribute):
        body += how(unseen)
    body += folded("The shares, with intervals", _parities(attribute))
    body += folded("The four-fifths rule", _rules(attribute))
    if attribute.leakage:
        said = html(say_leakage(attribute, attribute.leakage))
        body += f"<p>{said}</p>{folded('What tells it', _leaks(attribute))}"
    if attribute.treatments:
        rows = [(html(one.label), html(say_treatment(one))) for one in attribute.treatments]
        heads = ("What was done", "To whom least, to whom most")
        body += folded("What was done to whom", table_html(heads, rows, "Treatment"))
    return body


def _parities(attribute: AttributeAudit) -> str:
    overall = {one.label: one for one in attribute.groups}
    rows = [
        (
            f"<bdi>{html(parity.segment)}</bdi>",
            f"<bdi>{html(cell.group)}</bdi>",
            "hidden" if cell.count is None else f"{cell.count:,}",
            "hidden" if cell.share is None else say_share(cell.share, 1),
            say_share(overall[cell.group].share, 1),
            "hidden" if cell.difference is None else _points(cell),
            "hidden" if cell.ratio is None else say_ratio(cell.ratio),
        )
        for parity in attribute.segments
        for cell in parity.cells
    ]
    heads = ("Segment", "Group", "People", "Share", "Of all", "Difference in points", "Ratio")
    return table_html(heads, rows, f"Shares of {attribute.name}", numeric=range(2, 7))


def _points(cell: Cell) -> str:
    assert cell.difference
    one = cell.difference
    return f"{one.value * 100:+.1f} ({one.low * 100:+.1f} to {one.high * 100:+.1f})"


def _rules(attribute: AttributeAudit) -> str:
    rows = [
        (
            f"<bdi>{html(one.segment)}</bdi>",
            html(say_four_fifths(one.four_fifths)),
            say_p(one.test.adjusted),
        )
        for one in attribute.segments
    ]
    heads = ("Segment", "Lowest rate of a group against the highest", "Groups alike by chance")
    return table_html(heads, rows, "The four-fifths rule")


def _leaks(attribute: AttributeAudit) -> str:
    leakage = attribute.leakage
    assert leakage
    named = [("Segments alone", leakage.segments, ""), ("All features", leakage.features, "")]
    named += [(one.label, one.alone, say_share(one.part)) for one in leakage.proxies[:_PROXIES]]
    rows = [
        (f"<bdi>{html(label)}</bdi>", _area(told), say_p(told.p), part)
        for label, told, part in named
    ]
    heads = ("Told by", "AUC, 0.5 by guessing", "By chance", "Part of all features")
    return table_html(heads, rows, f"What tells {attribute.name}", numeric=range(1, 4))


def _area(told: Told) -> str:
    return f"<b>{told.auc.value:.2f}</b> ({told.auc.low:.2f} to {told.auc.high:.2f})"
