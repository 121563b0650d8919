"""Tables, bars and pages for the terminal; nothing here prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment as Piece
from rich.style import Style
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from customer_atlas.features import FeatureInfo
    from customer_atlas.pipeline import Measured, Outcome
    from customer_atlas.segments import Segment, SegmentRule, Telling

__all__ = [
    "KRow",
    "barred",
    "customer_page",
    "diverging",
    "headline",
    "inside_name",
    "k_curve",
    "percent",
    "plain",
    "ruled_table",
    "run_summary",
    "segment_page",
    "segments_table",
]

# Named colours follow the terminal's own theme, so they are legible on dark and on light. What
# they say is also said by words, signs or lengths, for terminals without colour.
_NAME, _QUIET, _HERE, _MONEY = "bold", "dim", "cyan", "green"
_MORE, _LESS, _WARNING = "cyan", "magenta", "yellow"
_BAR = 10
_ROWS = 12
_INDENT = 2


class KRow(Protocol):
    """One candidate number of segments, as clustering judged it."""

    @property
    def k(self) -> int:
        """The number of segments."""

    @property
    def score(self) -> float:
        """What candidates are compared by."""

    @property
    def stability(self) -> float:
        """Agreement between fits on halves, from 0 to 1."""

    @property
    def silhouette(self) -> float:
        """Mean silhouette width, from -1 to 1."""

    @property
    def smallest_share(self) -> float:
        """Share of the smallest segment, from 0 to 1."""

    @property
    def verdict(self) -> str:
        """Why it is, or is not, chosen."""


def segments_table(segments: Sequence[Segment]) -> Table:
    """Return the segments, one a row: how many, how much, and what sets them apart.

    Sub-segments are set in below the segment that they are part of, and compared with it.
    """
    table = ruled_table(lines=True)
    table.add_column("Segment", ratio=5)
    table.add_column("Customers", no_wrap=True, min_width=_BAR)
    money = any(one.revenue_share is not None for one in segments)
    if money:
        table.add_column("Revenue", no_wrap=True, min_width=_BAR)
    inside = any(one.level > 1 for one in segments)
    whom = "everyone, or the segment above" if inside else "everyone"
    table.add_column(f"What they do, against {whom}", ratio=9)
    # One scale for both bars: revenue longer than customers is a segment worth more than most.
    longest = max((max(one.share, one.revenue_share or 0.0) for one in segments), default=1.0)
    for one in segments:
        deep = _INDENT * (one.level - 1)
        count = Text(f"{one.size:,}", _NAME).append(f"  {percent(one.share)}", "not bold")
        cells: list[Group | Table | Padding] = [
            Padding(
                Group(Text(plain(inside_name(one)), _NAME), Text(one.id, _QUIET)), (0, 0, 0, deep)
            ),
            Group(count, _Bar(one.share / longest, _BAR, _HERE)),
        ]
        if money:
            cells.append(_money_cell(one.revenue_share, longest))
        cells.append(_reasons(one))
        table.add_row(*cells)
    return table


def inside_name(segment: Segment) -> str:
    """Return a segment's name; of a sub-segment what it adds to that of the segment above."""
    return segment.name if segment.level == 1 else f"/ {segment.name.rsplit(' / ', 1)[-1]}"


def segment_page(
    segment: Segment,
    outcomes: Iterable[Outcome] = (),
    *,
    story: str = "",
    parent: Segment | None = None,
    inside: Sequence[Segment] = (),
    why: str = "",
    rule: SegmentRule | None = None,
    rule_inside: SegmentRule | None = None,
) -> Group:
    """Return everything about one segment: the evidence, outcomes and typical customers.

    `story` is the paragraph about it, its sentence where there is none. `parent` is the segment
    that it is part of, `inside` are its sub-segments, and `why` says why it has these or none.
    `rule` tells who is in it, and `rule_inside` who of its parent is.
    """
    said = [(one, one.segments[segment.id]) for one in outcomes if segment.id in one.segments]
    return Group(
        headline(segment.name, segment.id),
        Text(plain(story or segment.sentence)),
        Text(),
        _telling_table(segment.telling, parent),
        Text(),
        _facts(
            ({"Rule": rule.sentence} if rule else {})
            | ({"Part of": f"{parent.name} ({parent.id})"} if parent else {})
            | ({"Rule inside that": rule_inside.sentence} if rule_inside else {})
            | ({"Sub-segments": _listed(inside)} if inside else {})
            | ({"Inside": why} if why else {})
            | {
                "Typical customers": ", ".join(segment.typical) or "none",
                "Mean probability": percent(segment.probability),
            }
            | {one.name.capitalize(): _outcome(one, here) for one, here in said}
        ),
    )


def _listed(segments: Sequence[Segment]) -> str:
    return "; ".join(f"{one.name} ({one.id}), {one.size:,} customers" for one in segments)


def _outcome(outcome: Outcome, here: Measured) -> str:
    """Say an outcome of a segment beside everyone's, with the interval that it may lie in."""
    from customer_atlas.segments import say_number, say_pair

    unit = "share" if outcome.kind == "share" else "number"
    value, everyone = say_pair(here.value, outcome.everyone.value, unit)
    ends = f"{say_number(here.low, unit, 3)} to {say_number(here.high, unit, 3)}"
    return f"{value} against {everyone} of everyone (95% interval {ends})"


def k_curve(rows: Iterable[KRow], chosen: int) -> Table:
    """Return the candidates for the number of segments, the `chosen` one marked."""
    kept = list(rows)
    table = ruled_table()
    table.add_column("Segments", justify="right")
    table.add_column("Score", no_wrap=True)
    for name in ("Stability", "Silhouette", "Smallest"):
        table.add_column(name, justify="right")
    table.add_column("Verdict", ratio=1)
    best = max((row.score for row in kept), default=0.0)
    for row in kept:
        style = _NAME if row.k == chosen else ""
        length = row.score / best if best > 0 else 0.0
        table.add_row(
            Text(f"{'> ' if row.k == chosen else ''}{row.k}", style),
            _beside(Text(f"{row.score:5.2f} ", style), _Bar(length, 8, _HERE)),
            Text(f"{row.stability:.2f}", style),
            Text(f"{row.silhouette:.2f}", style),
            Text(percent(row.smallest_share), style),
            Text(plain(row.verdict), style),
        )
    return table


def run_summary(
    *,
    run: int,
    segmentation: str,
    outcome: str,
    facts: Mapping[str, object],
    warnings: Sequence[str] = (),
) -> Group:
    """Return how a run went: its outcome in a sentence, its facts, and what to look at.

    Whole numbers among the `facts` get thousands separators.
    """
    said = {
        name: f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        for name, value in facts.items()
    }
    parts: list[Text | Table] = [
        headline(f"Run {run}", segmentation),
        Text(plain(outcome)),
        Text(),
        _facts(said),
    ]
    parts += [Text(f"! {plain(warning)}", _WARNING) for warning in warnings]
    return Group(*parts)


def customer_page(
    customer: str,
    segment: Segment,
    probability: float,
    kind: str,
    values: Mapping[str, float | str | None],
    infos: Sequence[FeatureInfo],
    deeper: Sequence[tuple[Segment, float]] = (),
) -> Group:
    """Return a customer beside their segment and everyone: what tells the segment apart first.

    `deeper` are the sub-segments that the customer is in, with their probabilities.
    """
    from customer_atlas.pipeline import say_membership

    table = ruled_table()
    table.add_column("", ratio=1)
    for name in ("This customer", "Segment", "Everyone"):
        table.add_column(name, justify="right")
    for info in _ordered(infos, segment)[:_ROWS]:
        table.add_row(
            Text(plain(info.label)),
            Text(_value(values.get(info.name), info), _NAME),
            _value(segment.centroid.get(info.name), info),
            Text(_value(segment.overall.get(info.name), info), _QUIET),
        )
    belongs = Text.assemble("In ", (plain(segment.name), _NAME), ".")
    for one, likely in deeper:
        belongs.append(" Inside it, in ").append(plain(inside_name(one)[2:]), _NAME)
        belongs.append(f" ({one.id}) with probability {percent(likely)}.")
    sure = Text(say_membership(kind, probability), "" if kind in ("learned", "rule") else _WARNING)
    return Group(headline(f"Customer {customer}", segment.id), belongs, sure, Text(), table)


@dataclass(frozen=True)
class _Bar:
    """A bar of `part` (0 to 1) of `width` cells, in eighths where the terminal can draw them."""

    part: float
    width: int
    style: str
    leftward: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self._ascii() if options.ascii_only else self._blocks()
        yield Piece(text, Style.parse(self.style))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.width, self.width)

    def _ascii(self) -> str:
        cells = "#" * round(min(max(self.part, 0.0), 1.0) * self.width)
        return cells.rjust(self.width) if self.leftward else cells.ljust(self.width)

    def _blocks(self) -> str:
        eighths = round(min(max(self.part, 0.0), 1.0) * self.width * 8)
        if self.leftward:  # there are no left-growing eighths, only this half
            half = "▐" if eighths % 8 >= 4 else ""
            return (half + "█" * (eighths // 8)).rjust(self.width)
        rest = " ▏▎▍▌▋▊▉"[eighths % 8].strip()
        return ("█" * (eighths // 8) + rest).ljust(self.width)


@dataclass(frozen=True)
class _Row:
    """Renderables of one line side by side."""

    parts: tuple[Text | _Bar, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in self.parts:
            yield from (
                (Piece(part.plain, console.get_style(part.style)),)
                if isinstance(part, Text)
                else part.__rich_console__(console, options)
            )

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = sum(p.cell_len if isinstance(p, Text) else p.width for p in self.parts)
        return Measurement(width, width)


def _beside(*parts: Text | _Bar) -> _Row:
    return _Row(parts)


def barred(said: str, part: float, width: int = 8, style: str = _HERE) -> _Row:
    """Return a text with a bar of `part` (0 to 1) of the width beside it."""
    return _beside(Text(said), _Bar(part, width, style))


def ruled_table(*, lines: bool = False) -> Table:
    """Return an empty table as wide as the terminal, ruled above and below."""
    return Table(
        box=box.HORIZONTALS,
        show_lines=lines,
        expand=True,
        border_style=_QUIET,
        header_style=_NAME,
        padding=(0, 1),
        pad_edge=False,
    )


def headline(title: str, note: str) -> Text:
    """Return a title with a quiet note beside it."""
    return Text.assemble((plain(title), _NAME), ("  ", ""), (plain(note), _QUIET))


def _facts(facts: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_QUIET, no_wrap=True)
    table.add_column()
    for name, value in facts.items():
        table.add_row(Text(plain(name)), Text(plain(value)))
    return table


def _money_cell(share: float | None, longest: float) -> Group:
    if share is None:
        return Group(Text("unknown", _QUIET))
    return Group(Text(percent(share), _NAME), _Bar(share / longest, _BAR, _MONEY))


def _reasons(segment: Segment) -> Table:
    reasons = Table.grid(padding=(0, 1))
    for reason in segment.reasons:
        reasons.add_row(Text("-", _QUIET), Text(plain(reason.removeprefix("have "))))
    if not segment.reasons:
        reasons.add_row(Text("nothing sets them apart", _QUIET))
    return reasons


def _telling_table(telling: Sequence[Telling], parent: Segment | None = None) -> Table:
    table = ruled_table()
    table.add_column("What tells them apart", ratio=1)
    table.add_column("Here", justify="right")
    table.add_column("All of it" if parent else "Everyone", justify="right")
    table.add_column("less      more", justify="center", no_wrap=True)
    table.add_column("Effect", justify="right")
    longest = max((abs(one.effect) for one in telling), default=1.0)
    for one in telling:
        table.add_row(
            Text(plain(one.label)),
            Text(one.segment_text, _NAME),
            Text(one.overall_text, _QUIET),
            diverging(one.effect / (longest or 1.0)),
            f"{one.effect:+.1f}",
        )
    return table


def diverging(part: float) -> _Row:
    """Return a bar to the left of a middle line for less than 0, to the right for more."""
    less, more = _Bar(-part, 7, _LESS, leftward=True), _Bar(part, 7, _MORE)
    return _beside(less, Text("|", _QUIET), more)


def _ordered(infos: Sequence[FeatureInfo], segment: Segment) -> list[FeatureInfo]:
    """Return the features that tell the segment apart, the strongest first, then the others."""
    rank = {one.feature: at for at, one in enumerate(segment.telling)}
    return sorted(infos, key=lambda info: rank.get(info.name, len(rank)))


def _value(value: float | str | None, info: FeatureInfo) -> str:
    from customer_atlas.segments import say_number

    if value is None or value != value:
        return "unknown"
    return plain(value) if isinstance(value, str) else say_number(value, info.unit)


def percent(share: float) -> str:
    """Return a share in words."""
    from customer_atlas.segments import say_share

    return say_share(share)


def plain(text: str) -> str:
    """Return a text without the control characters that would command the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
