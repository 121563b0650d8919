"""How the segments were searched for, for the terminal: is there structure, what was tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import k_curve, plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.clustering import Choice, Leaderboard, Search

__all__ = ["search_page"]

_SHOWN = 12
_SHOWN_THOROUGH = 10
_SHORT = {
    "stability": "Stable",
    "separation": "Apart",
    "size": "Size",
    "simplicity": "Simple",
    "future": "Future",
}


def search_page(search: Search) -> Iterator[Any]:
    """Yield the test for structure, the reason, the leaderboard, and what tells k."""
    yield Text.assemble(("Is there structure?  ", "bold"), plain(search.null.sentence))
    entries = search.leaderboard.entries
    if not entries:
        return
    yield Text.assemble(("Why these segments?  ", "bold"), plain(search.reason))
    for said in search.merged:
        yield Text.assemble(("Merged  ", "bold"), plain(said))
    yield from _tried(search.leaderboard)
    if search.choice.curve:
        yield Text("How many segments, for k-means alone", "bold")
        yield k_curve(search.choice.curve, search.choice.k)
    if search.choice.curves:
        yield _criteria(search.choice)


def _tried(board: Leaderboard) -> Iterator[Any]:
    budget = board.budget
    if budget is not None:
        yield Text(plain(f"{board.objective} {budget.sentence}"), "dim")
    yield _components(board) if budget else _leaderboard(board)
    more = len(board.entries) - (_SHOWN_THOROUGH if budget else _SHOWN)
    if more > 0:
        yield Text(f"{more} more were tried; --json shows all.", "dim")


def _components(board: Leaderboard) -> Table:
    """Return the best candidates of a thorough search with the parts of their scores."""
    names = list(dict.fromkeys(name for one in board.entries for name in one.components))
    table = ruled_table()
    table.add_column("Algorithm", ratio=3)
    for name in ("k", "Score", *(_SHORT[name] for name in names)):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict", ratio=3)
    for entry in board.entries[:_SHOWN_THOROUGH]:
        parts = (entry.components.get(name) for name in names)
        cells = (
            f"{'> ' if entry.chosen else ''}{entry.title}",
            f"{entry.k}",
            f"{entry.score:.3f}",
            *("-" if part is None else f"{part:.2f}" for part in parts),
            entry.verdict,
        )
        style = "bold" if entry.chosen else ""
        table.add_row(*(Text(plain(cell), style) for cell in cells))
    return table


def _leaderboard(board: Leaderboard) -> Table:
    table = ruled_table()
    table.add_column("Algorithm", ratio=2)
    for name in ("Segments", "Score", "Stability", "Dissolve"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Verdict", ratio=2)
    for entry in board.entries[:_SHOWN]:
        style = "bold" if entry.chosen else ""
        cells = (
            f"{'> ' if entry.chosen else ''}{entry.title}",
            f"{entry.k}",
            f"{entry.score:.2f}",
            f"{entry.stability:.2f}",
            f"{entry.dissolving:.0%}",
            entry.verdict,
        )
        table.add_row(*(Text(plain(cell), style) for cell in cells))
    return table


def _criteria(choice: Choice) -> Table:
    table = ruled_table()
    table.add_column("Criterion", no_wrap=True)
    table.add_column("Picks", justify="right")
    table.add_column("What it says", ratio=1)
    for curve in choice.curves:
        picked = "-" if curve.choice is None else str(curve.choice)
        table.add_row(Text(curve.title), Text(picked), Text(plain(curve.sentence), "dim"))
    return table
