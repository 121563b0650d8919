"""The page of `atlas check`: the score, what to mend first, and a table a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.data import ColumnProfile, Finding, Readiness, SourceProfile

__all__ = ["readiness_page", "score_words"]

# Named colours follow the terminal's own theme; signs and words say the same without them.
_NAME, _QUIET, _HERE = "bold", "dim", "cyan"
_SIGNS = {"bad": ("✗", "red"), "warning": ("!", "yellow"), "information": ("·", "dim")}
_COLUMNS = 40  # of a source that are shown; those with remarks first
_CELLS = 8
_BLOCKS = "▁▂▃▄▅▆▇█"


def score_words(score: int) -> str:
    """Say in words what a score of 0 to 100 means.

    >>> score_words(97), score_words(75), score_words(40)
    ('ready', 'usable, with care', 'to be mended first')
    """
    return "ready" if score >= 90 else "usable, with care" if score >= 60 else "to be mended first"


def readiness_page(ready: Readiness) -> Group:
    """Return the score up top, what to mend first, and what was found in each source."""
    parts: list[RenderableType] = [_head(ready)]
    if ready.mend_first:
        parts += [Text(), Text("Mend first", _NAME), _mend_first(ready.mend_first)]
    for profile in ready.profile.sources:
        parts += [Text(), *_source(ready, profile)]
    return Group(*parts)


def _head(ready: Readiness) -> Group:
    counts = dict.fromkeys(_SIGNS, 0)
    for finding in ready.findings:
        counts[finding.severity.value] += 1
    bad = _counted(counts["bad"], "thing does not hold", "things do not hold")
    warnings = _counted(counts["warning"], "warning", "warnings")
    notes = _counted(counts["information"], "note", "notes")
    said = f"{bad if counts['bad'] else 'Everything holds'}, {warnings}, {notes}"
    compared = (
        f"Compared with run {ready.compared_with}."
        if ready.compared_with
        else "There is no earlier run to compare with."
    )
    return Group(
        Text.assemble(
            ("Data readiness  ", _NAME),
            (f"{ready.score}", f"bold {_colour(ready.score)}"),
            (" of 100  ", ""),
            (_bar(ready.score), _colour(ready.score)),
            (f"  {score_words(ready.score)}", _QUIET),
        ),
        Text(f"{said}. {compared}"),
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number or 'no'} {one if number == 1 else many}"


def _mend_first(findings: Sequence[Finding]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", style=_QUIET, no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    for number, finding in enumerate(findings, 1):
        sign, style = _SIGNS[finding.severity.value]
        said = Text.assemble((plain(finding.place), _NAME), "  ", plain(finding.sentence))
        todo = Text.assemble(("→ ", _HERE), (plain(_capital(finding.action)), ""), ".")
        if finding.gain >= 0.05:
            todo.append(f"  +{finding.gain:.1f} points", _QUIET)
        grid.add_row(str(number), Text(sign, style), Group(said, todo))
    return grid


def _source(ready: Readiness, profile: SourceProfile) -> Iterator[RenderableType]:
    score = ready.scores.sources[profile.source]
    yield Text.assemble(
        (plain(profile.source), _NAME),
        (f"  {profile.role}  ", _QUIET),
        (f"{score}", f"bold {_colour(score)}"),
        (" of 100", _QUIET),
    )
    yield Text(_facts(profile), _QUIET)
    findings = [one for one in ready.findings if one.source == profile.source]
    yield _columns(profile, ready.scores.columns[profile.source], findings)
    if findings:
        yield Padding(_remarks(findings), (0, 0, 0, 1))


def _facts(profile: SourceProfile) -> str:
    facts = [_counted(profile.rows, "row", "rows").replace(str(profile.rows), f"{profile.rows:,}")]
    if profile.customers is not None and not profile.sampled:
        facts.append(f"{profile.customers:,} customers")
    if profile.first and profile.last:
        facts.append(f"{profile.first:%Y-%m-%d} to {profile.last:%Y-%m-%d}")
    if profile.sampled:
        facts.append(
            f"looked at {profile.looked_at:,} rows, those of {profile.customers or 0:,} customers"
        )
    return " · ".join(facts)


def _columns(
    profile: SourceProfile, scores: Mapping[str, int], findings: Sequence[Finding]
) -> RenderableType:
    table = ruled_table()
    table.add_column("Column", ratio=4, min_width=14)
    table.add_column("Filled", justify="right", no_wrap=True)
    table.add_column("Distinct", justify="right", no_wrap=True)
    table.add_column("Values", ratio=6, min_width=20)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Remarks", ratio=3, min_width=8)
    shown = _shown(profile, findings)
    for column in shown:
        score, own = scores[column.name], [one for one in findings if one.column == column.name]
        table.add_row(
            _name(column),
            _filled(column, profile.looked_at),
            Text(f"{'' if column.exact else '~'}{column.distinct:,}"),
            _values(column),
            Text(f"{score}", _colour(score) if score < 100 else _QUIET),
            _codes(own),
        )
    left = len(profile.columns) - len(shown)
    if left:
        table.caption = f"and {left:,} more columns; --json lists them all"
        table.caption_style = _QUIET
    return table


def _shown(profile: SourceProfile, findings: Sequence[Finding]) -> list[ColumnProfile]:
    if len(profile.columns) <= _COLUMNS:
        return list(profile.columns)
    remarked = {one.column: place for place, one in reversed(list(enumerate(findings)))}
    ranked = sorted(profile.columns, key=lambda one: remarked.get(one.name, len(findings)))
    return ranked[:_COLUMNS]


def _name(column: ColumnProfile) -> Group:
    origin = column.origin if column.origin and column.origin != column.name else ""
    kind = str(column.type)
    return Group(
        Text(plain(column.name), _NAME),
        Text(
            f"{kind}: {plain(origin)}" if origin else kind,
            _QUIET,
            no_wrap=True,
            overflow="ellipsis",
        ),
    )


def _filled(column: ColumnProfile, rows: int) -> Text:
    if column.filled == rows:
        return Text("all", _QUIET)
    part = 100 * column.filled / rows if rows else 0.0
    text = (
        "over 99.9 %" if 99.9 < part < 100 else f"{part:.1f} %" if part >= 99 else f"{part:.0f} %"
    )
    return Text(text, "" if part >= 95 else "yellow")


def _values(column: ColumnProfile) -> RenderableType:
    if column.numbers is not None:
        numbers = column.numbers
        ends = Text.assemble(
            (f"{_compact(numbers.least)} ", ""),
            (_sparkline(column), _HERE),
            (f" {_compact(numbers.most)}", ""),
        )
        if numbers.least == numbers.most:
            return Text(f"{_compact(numbers.least)} always", _QUIET)
        return Group(ends, Text(f"middle {_compact(numbers.median)}", _QUIET))
    if column.times is not None:
        return Group(
            Text(f"{column.times.first:%Y-%m-%d}"),
            Text(f"to {column.times.last:%Y-%m-%d}", _QUIET),
        )
    if column.levels:
        top = [
            f"{plain(level.value)} {100 * level.rows / column.filled:.0f} %"
            for level in column.levels[:3]
        ]
        first, rest = Text(top[0], no_wrap=True, overflow="ellipsis"), ", ".join(top[1:])
        return Group(first, Text(rest, _QUIET, no_wrap=True, overflow="ellipsis"))
    return Text("not shown" if column.type == "text" and column.filled else "", _QUIET)


def _sparkline(column: ColumnProfile) -> str:
    """Draw how numbers are spread from the 1st to the 99th percentile, in cells of one width."""
    import numpy as np

    from customer_atlas.data import PROBABILITIES

    assert column.numbers is not None
    quantiles = np.array(column.numbers.quantiles)
    low, high = quantiles[0], quantiles[-1]
    if high <= low:
        return _BLOCKS[-1] + _BLOCKS[0] * (_CELLS - 1)
    values, first = np.unique(quantiles[::-1], return_index=True)
    reached = np.array(PROBABILITIES)[::-1][first]  # all rows of a value lie up to it
    cells = np.linspace(low, high, _CELLS + 1)[1:]
    mass = np.diff(np.interp(cells, values, reached), prepend=0.0)
    heights = np.ceil(mass / mass.max() * (len(_BLOCKS) - 1)).astype(int)
    return "".join(_BLOCKS[height] for height in heights)


def _codes(findings: Sequence[Finding]) -> Text:
    words = Text()
    for finding in findings:
        sign, style = _SIGNS[finding.severity.value]
        if words:
            words.append("\n")
        words.append(f"{sign} ", style).append(finding.code.replace("_", " "))
    return words


def _remarks(findings: Sequence[Finding]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    for finding in findings:
        sign, style = _SIGNS[finding.severity.value]
        quiet = finding.severity.value == "information"
        grid.add_row(Text(sign, style), Text(plain(finding.sentence), _QUIET if quiet else ""))
    return grid


def _compact(value: float) -> str:
    """Write a number in a few signs.

    >>> _compact(168469.6), _compact(-3.14159), _compact(12), _compact(2e9), _compact(0.001)
    ('168k', '-3.14', '12', '2bn', '0.001')
    """
    for size, sign in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if sign == 'k' else size):.3g}{sign}"
    return f"{value:.0f}" if value == int(value) else f"{value:,.3g}"


def _bar(score: int) -> str:
    full = round(score / 5)
    return "━" * full + "╌" * (20 - full)


def _colour(score: int) -> str:
    return "green" if score >= 90 else "yellow" if score >= 60 else "red"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
