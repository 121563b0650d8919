"""The pages of rule segments: who they are, how large, and whom they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from customer_atlas.cli.render import plain, ruled_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from customer_atlas.segments import RuleSegments, Shared

__all__ = ["rules_document", "rules_page", "rules_table"]

_MOST = 12


def rules_table(found: RuleSegments) -> RenderableType:
    """Return the rule segments, one a row: how many, how much, and their condition."""
    from customer_atlas.segments import say_share

    table = ruled_table(lines=True)
    table.add_column("Rule segment", ratio=4, overflow="fold")
    table.add_column("Customers", justify="right", no_wrap=True)
    money = any(one.revenue_share is not None for one in found.segments)
    if money:
        table.add_column("Revenue", justify="right", no_wrap=True)
    table.add_column("Who is in it", ratio=9)
    for one in found.segments:
        told = Text(plain(f"{one.text[:1].upper()}{one.text[1:]}"))
        for more in (one.description, f"Owner: {one.owner}" if one.owner else ""):
            if more:
                told.append(f"\n{plain(more)}", "dim")
        cells = [Text(plain(one.name), "bold"), Text(f"{one.size:,}  {say_share(one.share)}")]
        if money:
            share = one.revenue_share
            cells.append(Text("" if share is None else say_share(share)))
        table.add_row(*cells, told)
    return table


def rules_page(found: RuleSegments, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """Yield the rule segments, whom they share, and what to look at.

    `names` are those of the learned segments by id.
    """
    if not found.segments:
        yield "No rule segments are declared. They belong under `rules` in the project file."
        return
    yield rules_table(found)
    shared = sorted((one for one in found.shared if one.both), key=_alike)
    if shared:
        yield _overlaps(shared[:_MOST], names)
    if len(shared) > _MOST:
        yield Text(f"{len(shared) - _MOST} more pairs share customers; --json shows all.", "dim")
    for said in found.warnings(names):
        yield Text(plain(f"! {said}"), "yellow")


def _alike(one: Shared) -> tuple[float, str, str]:
    return -one.jaccard, one.one, one.other


def _overlaps(shared: list[Shared], names: Mapping[str, str]) -> RenderableType:
    from customer_atlas.segments import say_share

    table = ruled_table()
    table.add_column("In both of", ratio=3, overflow="fold")
    table.add_column("and", ratio=4, overflow="fold")
    for head in ("Customers", "Of the first", "Of the second", "Jaccard"):
        table.add_column(head, justify="right")
    for one in shared:
        other = f"{names.get(one.other, one.other)} (learned)" if one.learned else one.other
        table.add_row(
            Text(plain(one.one)),
            Text(plain(other)),
            f"{one.both:,}",
            say_share(one.share_of_one),
            say_share(one.share_of_other),
            f"{one.jaccard:.2f}",
        )
    return table


def rules_document(found: RuleSegments, names: Mapping[str, str]) -> dict[str, Any]:
    """Return all of it as a document."""
    return found.to_dict() | {"warnings": found.warnings(names)}
