"""The page of `atlas show features`: a row a feature, pack by pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.pipeline import FeatureSet, FeatureView, Spread

__all__ = ["about", "features_document", "features_page", "sparkline", "view_document"]

_NAME, _QUIET, _HERE = "bold", "dim", "cyan"
_USES = {
    "forms": ("forms", "green"),
    "describes": ("describes", "cyan"),
    "dropped": ("dropped", "yellow"),
    "declared": ("declared", ""),
}
_BLOCKS, _ASCII = "▁▂▃▄▅▆▇█", "._-=+*%#"
_WIDE, _WIDER = 96, 140
_LEVEL = 10  # letters of a category, so that names of features stay whole beside it


def features_page(found: FeatureSet) -> Group:
    """Return every feature, grouped by pack, and below why some were dropped."""
    uses = [view.use for view in found.features]
    counts = ", ".join(
        f"{uses.count(use):,} {said}"
        for use, said in (
            ("declared", "declared"),
            ("forms", "form segments"),
            ("describes", "only describe them"),
            ("dropped", "dropped"),
        )
        if use in uses
    )
    parts: list[Any] = [
        Text.assemble((f"{len(uses):,} features", _NAME), f"  {counts}"),
        Text(about(found.segmentation, found.as_of, found.run), _QUIET),
        Text(),
        _Features(found.features),
    ]
    dropped = [view for view in found.features if view.use == "dropped"]
    if dropped:
        parts += [Text(), Text("Dropped", _NAME), _reasons(dropped)]
    if found.note:
        parts += [Text(), Text(plain(found.note), _QUIET)]
    return Group(*parts)


def about(segmentation: str, as_of: Any, run: int | None) -> str:
    """Say of what time and of what run features are."""
    seen = f"of run {run}" if run else "computed now: nothing serves yet"
    return f"{segmentation}, as of {as_of:%Y-%m-%d %H:%M} UTC, {seen}"


@dataclass(frozen=True)
class _Features:
    """The table, with more columns where the terminal is wider."""

    views: Sequence[FeatureView]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        ranked = any(view.importance is not None for view in self.views)
        table = ruled_table()
        table.padding = (0, 1, 0, 0)
        table.add_column("Feature", ratio=2, overflow="fold")
        if width >= _WIDER:
            table.add_column("What it is", ratio=3)
        if width >= _WIDE:
            table.add_column("Unit", no_wrap=True)
        table.add_column("Live", no_wrap=True)
        table.add_column("Known", justify="right", no_wrap=True)
        if width >= _WIDE:
            table.add_column("None", justify="right", no_wrap=True)
        table.add_column("Spread", no_wrap=True, width=12)
        table.add_column("Median", justify="right", max_width=12, overflow="fold")
        if ranked:
            table.add_column("Tells" if width < _WIDE else "Importance", no_wrap=True)
        table.add_column("Segments", no_wrap=True)
        best = max((view.importance or 0.0 for view in self.views), default=0.0)
        for pack, members in groupby(self.views, key=lambda view: view.info.pack):
            table.add_row(Text(plain(pack), "bold cyan"))
            for view in members:
                table.add_row(*_cells(view, width, options.ascii_only, best if ranked else None))
            table.add_section()
        yield table


def _cells(view: FeatureView, width: int, ascii_only: bool, best: float | None) -> Iterator[Text]:
    info, spread = view.info, view.spread
    yield Text(f" {plain(info.name)}", _QUIET if view.use == "dropped" else _NAME)
    if width >= _WIDER:
        yield Text(plain(info.label), _QUIET)
    if width >= _WIDE:
        yield Text("list" if info.kind == "list" else info.unit, _QUIET)
    yield Text(info.liveness, _QUIET if info.liveness == "live" else "yellow")
    yield _known(spread)
    if width >= _WIDE:
        yield Text(_share(spread.zeros / spread.known) if spread.zeros else "", _QUIET)
    yield Text(sparkline(spread, ascii_only=ascii_only), _HERE)
    yield _middle(view)
    if best is not None:
        yield _importance(view, width, ascii_only, best)
    yield Text(*_USES[view.use])


def _known(spread: Spread) -> Text:
    if spread.known == spread.customers:
        return Text("all", _QUIET)
    return Text(_share(spread.coverage), "" if spread.coverage >= 0.5 else "yellow")


def _middle(view: FeatureView) -> Text:
    """Return the median, or the most frequent level."""
    from customer_atlas.segments import say_number

    if view.spread.levels:
        level = plain(view.spread.levels[0][0])
        return Text(level if len(level) <= _LEVEL else level[: _LEVEL - 2] + "..", _NAME)
    if view.spread.median is None:
        return Text("unknown", _QUIET)
    return Text(say_number(view.spread.median, view.info.unit), _NAME)


def _importance(view: FeatureView, width: int, ascii_only: bool, best: float) -> Text:
    if view.importance is None:
        return Text("")
    said = Text(f"{_share(view.importance):>5}")
    if width >= _WIDE:
        length = view.importance / best if best else 0.0
        bar = ("#" if ascii_only else "━") * round(6 * length)
        said.append(f" {bar}", _HERE)
    return said


def _reasons(dropped: Sequence[FeatureView]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(max_width=28, overflow="fold")
    grid.add_column(ratio=1)
    for view in dropped:
        grid.add_row(Text(f" {plain(view.info.name)}"), Text(plain(view.why), _QUIET))
    return grid


def sparkline(spread: Spread, *, ascii_only: bool = False) -> str:
    """Draw a spread in a line: its histogram, or the shares of its most frequent levels."""
    signs = _ASCII if ascii_only else _BLOCKS
    counts = [count for _, count in spread.levels] or list(spread.counts)
    most = max(counts, default=0)
    if not most:
        return ""
    # What is there is seen: only an empty bin is at the bottom.
    heights = (-(-count * (len(signs) - 1) // most) for count in counts)
    return "".join(signs[height] for height in heights)


def _share(share: float) -> str:
    from customer_atlas.segments import say_share

    return say_share(share).replace("over 99.9%", ">99.9%").replace("under 0.1%", "<0.1%")


def features_document(found: FeatureSet) -> dict[str, Any]:
    """Return the features as JSON values."""
    return {
        "segmentation": found.segmentation,
        "as_of": found.as_of,
        "run": found.run,
        "features": [view_document(view) for view in found.features],
        "note": found.note,
    }


def view_document(view: FeatureView) -> dict[str, Any]:
    """Return one feature as JSON values."""
    spread = view.spread
    return {
        "name": view.info.name,
        "label": view.info.label,
        "pack": view.info.pack,
        "unit": view.info.unit,
        "kind": view.info.kind,
        "liveness": view.info.liveness,
        "formula": view.info.formula,
        "customers": spread.customers,
        "known": spread.known,
        "coverage": spread.coverage,
        "zeros": spread.zeros if view.info.kind == "number" else None,
        "median": spread.median,
        "percentiles": {str(at): value for at, value in spread.percentiles.items()},
        "histogram": {"edges": list(spread.edges), "counts": list(spread.counts)},
        "levels": [{"level": level, "customers": count} for level, count in spread.levels],
        "use": view.use,
        "why": view.why,
        "importance": view.importance,
        "rank": view.rank,
    }
