"""The page of `atlas explain feature`: one feature, from its sources to what it is used for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.features import about, view_document
from customer_atlas.cli.render import plain

if TYPE_CHECKING:
    from customer_atlas.features import Stretch
    from customer_atlas.pipeline import FeatureExplanation, FeatureView

__all__ = ["feature_document", "feature_page", "learned_words"]

_NAME, _QUIET, _HERE, _OTHER = "bold", "dim", "cyan", "magenta"
_LIVENESS = {
    "live": "live: it follows from a customer's own rows, so a stream keeps it exactly",
    "frozen": "frozen: it is measured by what was learned of everybody, which stays with the "
    "generation",
    "batch": "batch: it needs the rows of others, so it is as fresh as the last run",
}
_USES = {
    "forms": "It forms segments.",
    "describes": "It describes segments, and takes no part in forming them.",
    "declared": "It is declared; nothing serves yet that could use it.",
}


def feature_page(found: FeatureExplanation) -> Group:
    """Return everything about one feature."""
    info = found.view.info
    title = Text.assemble((plain(info.name), _NAME), f"  {plain(info.label)}")
    parts: list[Any] = [
        title,
        Text(about(found.segmentation, found.as_of, found.run), _QUIET),
        Text(),
        _facts(found),
        Text(),
        Text("How it is spread", _NAME),
        _Bars(tuple(_spread(found.view))) if info.kind != "list" else Text("a list of values"),
    ]
    if percentiles := _percentiles(found.view):
        parts += [Text(), percentiles]
    if found.segments:
        word = "Most frequent" if info.kind == "category" else "Median"
        parts += [Text(), Text(f"{word} by segment", _NAME), _Bars(tuple(_segments(found)))]
    parts += [
        Text(),
        Text(_heading(found), _NAME),
        Text(_example(found)),
    ]
    return Group(*parts)


def _heading(found: FeatureExplanation) -> str:
    if not found.example:
        return "What brings it in"
    own = found.view.info.name == found.example[-1]["name"]
    return "How it is declared" if own else "How to declare something like it"


def _facts(found: FeatureExplanation) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=_QUIET, no_wrap=True)
    grid.add_column()
    for name, value in _said(found):
        grid.add_row(name, Text(plain(value)))
    return grid


def _said(found: FeatureExplanation) -> Iterator[tuple[str, str]]:
    view, info = found.view, found.view.info
    yield "Formula", info.formula or "the column as it is"
    yield "Pack, unit", f"{info.pack}, {info.unit}"
    yield "Liveness", _LIVENESS[info.liveness]
    if found.origin:
        for stretch in found.origin.stretches:
            yield "Looks at", _stretch_words(stretch)
        if not found.origin.stretches:
            yield "Looks at", "what the customers table said at the cutoff"
        declared = {(source, column): text for source, column, text in found.declared_as}
        for source, columns in found.origin.sources.items():
            yield (
                f"Reads {source}",
                ", ".join(
                    f"{one} = {declared[source, one]}" if (source, one) in declared else one
                    for one in columns
                ),
            )
        for name, learned in found.origin.learned.items():
            yield "Learned", f"{name}: {learned_words(learned, info.unit)}"
    else:
        yield "Looks at", "nothing any more: the project file has changed since it was trained"
    if view.prior:
        mean, strength = view.prior
        yield "Prior", _prior_words(mean, strength, info.unit)
    yield "Missing", "means none (0)" if info.zero else "means unknown"
    yield "Use", _USES.get(view.use) or f"It was dropped. {view.why}"
    if view.rank is not None and view.importance is not None:
        share = _share(view.importance)
        yield "Importance", f"{share} of what all tell; rank {view.rank} of {found.ranked}"


def _stretch_words(stretch: Stretch) -> str:
    end = f"{stretch.end:%Y-%m-%d %H:%M:%S}"
    if stretch.start is None:
        return f"{stretch.words}, {end} UTC"
    return f"{stretch.words}: from {stretch.start:%Y-%m-%d %H:%M:%S} to before {end} UTC"


def _prior_words(mean: float, strength: float, unit: str) -> str:
    if strength == float("inf"):
        return f"everybody's mean {_number(mean, unit)}: customers do not differ beyond chance"
    worth = _number(strength, "count", 3)
    return f"everybody's mean {_number(mean, unit)}, worth {worth} observations of a customer"


def learned_words(learned: Any, unit: str) -> str:
    """Say what a frozen feature rests on.

    >>> learned_words([1.0, 2.0, 3.0, 4.5], "orders")
    'cuts at 1, 2, 3, 4.5'
    >>> learned_words({"threshold": 7.0, "low": 6.0, "high": 8.0}, "orders")
    'above 7 (95% interval 6 to 8)'
    """
    if isinstance(learned, Mapping) and "threshold" in learned:
        if learned["threshold"] is None:
            return "nobody has a value"
        ends = f"{_number(learned['low'], 'number')} to {_number(learned['high'], 'number')}"
        return f"above {_number(learned['threshold'], 'number')} (95% interval {ends})"
    if isinstance(learned, Mapping) and learned.get("values"):
        values = [_number(learned["values"][place], "number") for place in (0, -1)]
        return f"the ranks of {len(learned['values'])} values from {values[0]} to {values[1]}"
    if isinstance(learned, list) and learned:
        if isinstance(learned[0], str):
            return ", ".join(learned)
        return "cuts at " + ", ".join(_number(cut, "number") for cut in learned)
    return "nothing, since nobody has a value"


@dataclass(frozen=True)
class _Line:
    """A line of a picture: what it is of, its length from -1 to 1, and its value in words."""

    label: str
    part: float
    said: str
    style: str = _HERE


@dataclass(frozen=True)
class _Bars:
    """Horizontal bars under each other, as long as the terminal allows."""

    lines: tuple[_Line, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width
        labels = min(max((len(line.label) for line in self.lines), default=0), room // 2)
        width = min(room - labels - max((len(line.said) for line in self.lines), default=0) - 3, 40)
        lesser = any(line.part < 0 for line in self.lines)
        grid = Table.grid(padding=(0, 1))
        grid.add_column(justify="right", width=labels, overflow="fold")
        for _ in range(1 + lesser):
            grid.add_column(width=max(width // (1 + lesser), 1), no_wrap=True)
        grid.add_column(no_wrap=True)
        for line in self.lines:
            length = max(width // (1 + lesser), 1)
            cells = [Text(_blocks(line.part, length, options.ascii_only), line.style)]
            if lesser:
                less = _blocks(-line.part, length, options.ascii_only).strip()
                cells.insert(0, Text(less, _OTHER, justify="right"))
            label = Text(plain(line.label), _QUIET)
            grid.add_row(label, *cells, Text(plain(line.said)))
        yield grid


def _blocks(part: float, width: int, ascii_only: bool) -> str:
    """Draw a bar; one that is there at all is seen."""
    if part <= 0:
        return ""
    if ascii_only:
        return "#" * max(1, round(part * width))
    eighths = max(1, round(part * width * 8))
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _spread(view: FeatureView) -> Iterator[_Line]:
    spread, unit = view.spread, view.info.unit
    total = spread.customers or 1
    rest = spread.known - spread.zeros - sum(spread.counts)
    rows: list[tuple[str, int, str]] = []
    if spread.levels:
        rows = [(level, count, _HERE) for level, count in spread.levels]
        other = spread.known - sum(count for _, count in spread.levels)
        rows += [("all others", other, _HERE)] if other else []
    else:
        rows += [("0", spread.zeros, _QUIET)] if spread.zeros else []
        bins = zip(_bins(spread.edges, unit), spread.counts, strict=True)
        rows += [(label, count, _HERE) for label, count in bins]
        rows += [("beyond", rest, _QUIET)] if rest else []
    if unknown := spread.customers - spread.known:
        rows.append(("unknown", unknown, "yellow"))
    most = max((count for _, count, _ in rows), default=1) or 1
    width = max((len(f"{count:,}") for _, count, _ in rows), default=0)
    for label, count, style in rows:
        said = f"{count:>{width},}  {_share(count / total):>5}"
        yield _Line(label, count / most, said, style)


def _bins(edges: tuple[float, ...], unit: str) -> list[str]:
    """Say what is between two edges each; whole numbers lie between two halves."""
    pairs = list(pairwise(edges))
    if all(edge % 1 == 0.5 for edge in edges):
        return [_whole(low + 0.5, high - 0.5, unit) for low, high in pairs]
    if len(pairs) == 1 and edges[0] == edges[1]:
        return [_number(edges[0], unit)]
    told = ([_number(edge, unit, digits) for edge in edges] for digits in range(2, 7))
    said = next((one for one in told if len(set(one)) == len(one)), list(map(str, edges)))
    return [f"{low} to {high}" for low, high in pairwise(said)]


def _whole(first: float, last: float, unit: str) -> str:
    digits = 2 if unit == "share" else 3
    ends = dict.fromkeys(_number(end, unit, digits) for end in (first, last))
    return " to ".join(ends)


@dataclass(frozen=True)
class _Percentiles:
    """Each percentile over its value, in as many rows as the terminal needs."""

    said: tuple[tuple[str, str], ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(len(text) for pair in self.said for text in pair) + 2
        at_once = max(options.max_width // width, 1)
        for first in range(0, len(self.said), at_once):
            shown = self.said[first : first + at_once]
            grid = Table.grid(padding=(0, 2, 0, 0))
            for _ in shown:
                grid.add_column(justify="right", no_wrap=True)
            grid.add_row(*(Text(name, _QUIET) for name, _ in shown))
            grid.add_row(*(Text(value, _NAME if name == "median" else "") for name, value in shown))
            yield grid


def _percentiles(view: FeatureView) -> _Percentiles | None:
    said = tuple(
        ("median" if at == 50 else f"{at}%", _number(value, view.info.unit))
        for at, value in view.spread.percentiles.items()
    )
    return _Percentiles(said) if said else None


def _segments(found: FeatureExplanation) -> Iterator[_Line]:
    info = found.view.info
    medians = [abs(one.median) for one in found.segments if one.median is not None]
    longest = max(medians, default=0.0) or 1.0
    for one in found.segments:
        if one.level is not None and one.share is not None:
            yield _Line(one.name, one.share, f"{_share(one.share):>4}  {one.level}")
        elif one.median is not None:
            yield _Line(one.name, one.median / longest, _number(one.median, info.unit))
        else:
            yield _Line(one.name, 0.0, "unknown")


def _example(found: FeatureExplanation) -> str:
    """Return the lines of a project file that declare it, or something much like it."""
    info, head = found.view.info, f"segmentations:\n  {found.segmentation}:\n"
    if not found.example:
        return f"{head}    packs: [{info.pack}]  # beside the others"
    lines = (
        f"{'      - ' if place == 0 else '        '}{key}: {_yaml(value)}"
        for line in found.example
        for place, (key, value) in enumerate(line.items())
    )
    return f"{head}    features:\n" + "\n".join(map(plain, lines))


def _yaml(value: Any) -> str:
    """Write a value in YAML's flow style; text in quotes where it needs any.

    >>> _yaml("amount > 0"), _yaml(["a", "b"]), _yaml({"a": 2.0}), _yaml("yes")
    ('"amount > 0"', '[a, b]', '{a: 2}', '"yes"')
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_yaml(one) for one in value) + "]"
    words = r"(?!(?:yes|no|on|off|true|false|null|y|n)$)[a-z][a-z0-9_]*|[0-9]+[mhdw]"
    bare = isinstance(value, str) and re.fullmatch(words, value)
    return str(value) if bare else json.dumps(value, ensure_ascii=False)


def _number(value: float, unit: str, digits: int = 2) -> str:
    from customer_atlas.segments import say_number

    return say_number(value, unit, digits)


def _share(share: float) -> str:
    from customer_atlas.segments import say_share

    return say_share(share)


def feature_document(found: FeatureExplanation) -> dict[str, Any]:
    """Return the explanation as JSON values."""
    origin = found.origin
    declared = {(source, column): text for source, column, text in found.declared_as}
    return view_document(found.view) | {
        "segmentation": found.segmentation,
        "as_of": found.as_of,
        "run": found.run,
        "generation": found.generation,
        "ranked": found.ranked,
        "role": origin.role.value if origin else None,
        "looks_at": [
            {"words": one.words, "start": one.start, "end": one.end}
            for one in (origin.stretches if origin else ())
        ],
        "reads": [
            {"source": source, "column": one, "declared_as": declared.get((source, one))}
            for source, columns in (origin.sources if origin else {}).items()
            for one in columns
        ],
        "learned": dict(origin.learned) if origin else {},
        "prior": dict(zip(("mean", "strength"), found.view.prior, strict=True))
        if found.view.prior
        else None,
        "segments": [vars(one) for one in found.segments],
        "example": list(found.example),
    }
