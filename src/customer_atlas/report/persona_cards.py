"""Persona cards as HTML: one segment a card, and one card a sheet of paper."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.report.drawing import Bar, columns_svg, lying_bars_svg, radar_svg
from customer_atlas.report.personas import Part, Persona
from customer_atlas.report.words import counted, html, upper_first
from customer_atlas.segments import Habit, Segment, say_share

__all__ = ["personas_html", "say_counted"]

_BARS = 6
_TITLES = {
    "category": "What they buy",
    "product": "What they buy",
    "type": "What they do",
}
_MEASURES = {
    "orders": "Share of orders",
    "events": "Share of events",
    "spend": "Share of spend",
    "lines": "Share of what is bought",
}
_FIGURES = 5
_OF_A_PART = 3


def personas_html(personas: Sequence[Persona]) -> str:
    """Return the card of each segment, in the order of the list."""
    return f'<div class="personas">{"".join(map(_card, personas))}</div>'


def _card(one: Persona) -> str:
    segment, anchor = one.segment, f"persona-{one.place + 1}"
    rows = _row([*_radar(one), *_figures(one)]) + _row([*_when(one), *_what(one)])
    return (
        f'<article class="persona" id="{anchor}" aria-labelledby="{anchor}-name"'
        f' style="--own:var(--s{one.place % 20 + 1})">'
        f'<div class="who"><div><h3 id="{anchor}-name"><span class="badge">{one.place + 1}</span>'
        f" <bdi>{html(segment.name)}</bdi></h3>{_called(one)}</div>{_shares(one)}</div>"
        f'<p class="story">{html(one.story)}</p>'
        f"{rows}{_too_few(one)}{_parts(one)}{_advice(one)}"
        f"{_examples(one)}{_people(one)}</article>"
    )


def _called(one: Persona) -> str:
    largest = sorted(one.classes.items(), key=lambda found: (-found[1], found[0]))[:2]
    words = [f"{say_share(share)} {name}" for name, share in largest if share >= 0.2]
    if one.tier:
        words.append(one.tier if one.tier == "valuable" else f"{one.tier} value")
    chips = "".join(f"<li>{html(upper_first(word))}</li>" for word in words)
    return f'<ul class="called">{chips}</ul>' if chips else ""


def _shares(one: Persona) -> str:
    segment = one.segment
    noun = "customer" if segment.size == 1 else "customers"
    cells = [(f"{segment.size:,}", noun), (say_share(segment.share), "of all customers")]
    if segment.revenue_share is not None:
        cells.append((say_share(segment.revenue_share), "of revenue"))
    return (
        '<dl class="sizes">'
        + "".join(f"<div><dd>{html(big)}</dd><dt>{html(small)}</dt></div>" for big, small in cells)
        + "</dl>"
    )


def _row(panels: Sequence[str]) -> str:
    return f'<div class="row">{"".join(panels)}</div>' if panels else ""


def _panel(title: str, body: str, under: str = "") -> str:
    below = f'<p class="key">{under}</p>' if under else ""
    return f'<div class="panel"><h4>{html(title)}</h4>{body}{below}</div>'


def _radar(one: Persona) -> list[str]:
    if not one.spokes:
        return []
    ranks = "; ".join(
        f"{spoke.label} {'unknown' if spoke.rank is None else round(spoke.rank)}"
        for spoke in one.spokes
    )
    says = f"Where customers of {one.segment.name} rank among all, from 0 to 100: {ranks}"
    under = "The farther out, the more; the dotted ring is the middle of all customers."
    return [_panel("Beside all customers", radar_svg(one.spokes, says), under)]


def _figures(one: Persona) -> list[str]:
    rows = "".join(
        f'<tr><th scope="row">{html(upper_first(told.label))}</th>'
        f'<td class="number"><b>{html(told.segment_text)}</b></td>'
        f'<td class="number">{html(told.overall_text)}</td></tr>'
        for told in one.segment.telling[:_FIGURES]
    )
    if not rows:
        return []
    head = '<tr><td></td><th scope="col">They</th><th scope="col">Everyone</th></tr>'
    return [
        _panel("What sets them apart", f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>")
    ]


def _bars(habit: Habit, one: Persona) -> list[Bar]:
    own = habit.groups[one.segment.id]
    sure = {lean.key for lean in habit.leans(one.segment.id)}
    rows = zip(habit.keys, own.shares, habit.everyone.shares, strict=True)
    return [Bar(key, share, everyone, key in sure) for key, share, everyone in rows]


def _when(one: Persona) -> list[str]:
    found = []
    for what, title, every in (("weekday", "On which day", 1), ("hour", "At what hour", 3)):
        habit = one.habits.of(what)
        if habit is None or one.segment.id not in habit.groups:
            continue
        bars = _bars(habit, one)
        says = f"{_MEASURES[habit.measure]} by {what} of {one.segment.name}, and everyone: "
        says += _told(bars)
        if what == "weekday":
            bars = [Bar(bar.label[:3], bar.share, bar.everyone, bar.strong) for bar in bars]
        found.append(_panel(title, columns_svg(bars, says, every), _key(habit)))
    return found


def _what(one: Persona) -> list[str]:
    found = []
    for what in ("category", "product", "type"):
        habit = one.habits.of(what)
        if habit is None or one.segment.id not in habit.groups:
            continue
        bars = sorted(_bars(habit, one), key=lambda bar: -bar.share)[:_BARS]
        says = f"{_MEASURES[habit.measure]} by {what} of {one.segment.name}, and everyone: "
        says += _told(bars)
        found.append(_panel(_TITLES[what], lying_bars_svg(bars, says), _key(habit)))
    return found


def _told(bars: Sequence[Bar]) -> str:
    return "; ".join(
        f"{bar.label} {say_share(bar.share)}, {say_share(bar.everyone)}" for bar in bars
    )


def _key(habit: Habit) -> str:
    return (
        f'{_MEASURES[habit.measure]}: <span class="own"></span> they'
        ' <span class="all"></span> everyone'
    )


def _too_few(one: Persona) -> str:
    habits = one.habits.found
    if not habits or any(one.segment.id in habit.groups for habit in habits):
        return ""
    return '<p class="key">They have done too little to say when they act and what they choose.</p>'


def _parts(one: Persona) -> str:
    """Return a small card for each sub-segment; none where there are none."""
    if not one.parts:
        return ""
    cards = "".join(_part(part, one.segment) for part in one.parts)
    return f'<div class="parts"><h4>Inside it</h4><ul>{cards}</ul></div>'


def _part(part: Part, whole: Segment) -> str:
    one, rule = part.segment, part.rule
    size = f"{counted(one.size, 'customer')}, {say_share(one.size / whole.size)} of this segment"
    if one.revenue_share is not None:
        size += f", {say_share(one.revenue_share)} of all revenue"
    rows = "".join(
        f'<tr><th scope="row">{html(upper_first(told.label))}</th>'
        f'<td class="number"><b>{html(told.segment_text)}</b></td>'
        f'<td class="number">{html(told.overall_text)}</td></tr>'
        for told in one.telling[:_OF_A_PART]
    )
    head = '<tr><td></td><th scope="col">They</th><th scope="col">All of it</th></tr>'
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
    drivers = ", ".join(f"{label} {say_share(share)}" for label, share in part.drivers)
    lines = [("What drives it here", drivers), ("A rule here", rule.sentence if rule else "")]
    told = "".join(f"<p><b>{name}:</b> {html(said)}</p>" for name, said in lines if said)
    return (
        f"<li><h5><bdi>{html(upper_first(one.name.rsplit(' / ', 1)[-1]))}</bdi></h5>"
        f"<p>{size}</p>{table}{told}</li>"
    )


def _advice(one: Persona) -> str:
    if not one.advice.do and not one.advice.dont:
        return ""
    parts = (("do", "Do", one.advice.do), ("dont", "Don’t", one.advice.dont))
    lists = "".join(
        f'<div class="{kind}"><h4>{title}</h4><ul>'
        + "".join(f"<li>{html(said)}</li>" for said in sentences)
        + "</ul></div>"
        for kind, title, sentences in parts
        if sentences
    )
    return f'<div class="row advice">{lists}</div>'


def _examples(one: Persona) -> str:
    if not one.examples:
        return ""
    rows = "".join(
        f"<li><b>{html(example.name)}</b> "
        + " · ".join(f"{html(label)} <i>{html(value)}</i>" for label, value in example.figures)
        + "</li>"
        for example in one.examples
    )
    return f'<div class="examples"><h4>Typical customers, by pseudonym</h4><ul>{rows}</ul></div>'


def _people(one: Persona) -> str:
    lines = []
    if one.owner:
        lines.append(f"<p>Looked after by <b><bdi>{html(one.owner)}</bdi></b></p>")
    lines += [f"<p class='note'><bdi>{html(note)}</bdi></p>" for note in one.notes]
    if one.found:
        lines.append(f"<p>Found as <bdi>{html(one.found)}</bdi></p>")
    return f'<div class="people">{"".join(lines)}</div>' if lines else ""


def say_counted(personas: Sequence[Persona]) -> str:
    """Return how bars are read and of how many customers they are; empty where there are none."""
    habits = personas[0].habits
    if not habits.found:
        return ""
    strong = "Strong bars surely differ from everyone’s."
    if habits.customers == habits.everyone:
        return f"Days, hours and shares are counted over all customers. {strong}"
    return (
        f"Days, hours and shares are counted over {counted(habits.customers, 'customer')} of"
        f" {habits.everyone:,}, as good as drawn by chance. {strong}"
    )
