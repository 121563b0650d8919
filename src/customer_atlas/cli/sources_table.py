"""What became of the rows of each source, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from customer_atlas.cli.render import plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.data import SourceReport

__all__ = ["sources_table"]

_NAME, _QUIET, _WARNING = "bold", "dim", "yellow"


def sources_table(reports: Iterable[SourceReport]) -> Group:
    """Return what became of the rows of each source, all its files together, and the notes.

    Read = kept + filtered + refused + repeated; what was refused is told by reason.
    """
    kept = list(reports)
    table = ruled_table()
    table.add_column("Source", ratio=1)
    for heading in ("Files", "Read", "Kept", "Filtered", "Refused", "Repeated"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in kept:
        total = one.totals
        refused = sorted(one.total_reasons.items(), key=lambda item: (-item[1], item[0]))
        table.add_row(
            Group(Text(plain(one.source), _NAME), *(_reason(*each) for each in refused)),
            _files(one),
            f"{total.read:,}",
            Text(f"{total.kept:,}", _NAME),
            _count(total.filtered),
            _count(total.quarantined, _WARNING),
            _count(total.deduplicated),
        )
    notes = (Text(f"! {plain(one.source)}: {plain(n)}", _QUIET) for one in kept for n in one.notes)
    return Group(table, *notes)


def _reason(reason: str, count: int) -> Text:
    return Text(f"  {count:,} {plain(reason).replace('_', ' ')}", _WARNING)


def _files(report: SourceReport) -> str:
    every = report.files_read + report.files_unchanged
    some = 0 < report.files_read < every
    return f"{every:,}, {report.files_read:,} new" if some else f"{every:,}"


def _count(number: int, style: str = "") -> Text:
    return Text(f"{number:,}", style if number else _QUIET)
