"""The ledger of segments, their dictionary and a customer's history, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from customer_atlas.cli.render import plain, ruled_table

if TYPE_CHECKING:
    from customer_atlas.pipeline import Change
    from customer_atlas.registry import LedgerRecord, SegmentRecord
    from customer_atlas.segments import Standing

__all__ = [
    "dictionary_document",
    "dictionary_page",
    "history_document",
    "history_page",
    "ledger_document",
    "ledger_page",
]

_STYLES = {
    "survived": "green",
    "born": "cyan",
    "split": "yellow",
    "merged": "yellow",
    "died": "red",
}
_LATEST = 4  # entries of the ledger with a segment
_REASONS = {
    "first run": "the first run",
    "first seen": "seen for the first time",
    "behaviour": "by what they did",
    "new generation": "the segments were found anew",
    "rule": "a rule moved them",
    "gone": "no longer in the data",
}


def ledger_page(ledger: Sequence[LedgerRecord]) -> Iterator[Any]:
    """Yield a table per generation: what became of each segment, with the shares."""
    for (generation, as_of), told in groupby(ledger, lambda one: (one.generation, one.as_of)):
        records = list(told)
        basis = next((one.evidence["basis"] for one in records if "basis" in one.evidence), "")
        yield Text.assemble(
            (f"Generation {generation}", "bold"), (f"  as of {as_of:%Y-%m-%d}", "dim")
        )
        yield _told(records)
        if basis:
            yield Text(f"Judged by {basis}.", "dim")
    kinds = [one.kind for one in ledger if one.before is not None]
    if kinds:
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in _STYLES if kind in kinds)
        yield Text(f"In all: {counts}.")


def _told(records: Sequence[LedgerRecord]) -> Table:
    table = ruled_table()
    table.add_column("", no_wrap=True)
    table.add_column("What became of it", ratio=1)
    table.add_column("Segments", no_wrap=True, style="dim")
    for one in records:
        table.add_row(
            Text(one.kind, _STYLES.get(one.kind, "")),
            plain(one.sentence),
            "\n".join(one.segments),
        )
    return table


def ledger_document(ledger: Sequence[LedgerRecord]) -> list[dict[str, Any]]:
    """Return the ledger as values that JSON can hold."""
    return [
        asdict(one) | {"as_of": one.as_of.isoformat(), "segments": list(one.segments)}
        for one in ledger
    ]


def dictionary_page(
    standing: Standing, entry: SegmentRecord | None, told: Sequence[LedgerRecord]
) -> Iterator[Any]:
    """Yield what the trade calls a segment, what people say of it, and what became of it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for title, lines in (*_stands(standing), *_said(entry), ("History", _became(told))):
        for number, line in enumerate(lines):
            grid.add_row(title if not number else "", plain(line))
    if grid.row_count:
        yield grid


def _stands(standing: Standing) -> Iterator[tuple[str, list[str]]]:
    for title, said in (
        ("RFM class", standing.rfm_class),
        ("Value tier", standing.tier),
        ("Often tried", standing.tactic),
    ):
        yield title, [said] if said else []


def _said(entry: SegmentRecord | None) -> Iterator[tuple[str, list[str]]]:
    if entry is None:
        return
    yield "Found as", [entry.name] if entry.called != entry.name else []
    yield "Owner", [entry.owner] if entry.owner else []
    yield "Since", [f"generation {entry.born}"]
    yield (
        "Notes",
        [
            f"{note.at[:10]}: {note.text}" + ("" if note.of == entry.id else f" (of {note.of})")
            for note in entry.notes
        ],
    )


def _became(told: Sequence[LedgerRecord]) -> list[str]:
    return [f"{one.as_of:%Y-%m-%d}: {one.sentence}" for one in told[-_LATEST:]]


def dictionary_document(
    standing: Standing, entry: SegmentRecord | None, told: Sequence[LedgerRecord]
) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    people = {
        "given_name": entry.given_name if entry else None,
        "found_name": entry.name if entry else None,
        "owner": entry.owner if entry else None,
        "notes": [asdict(note) for note in entry.notes] if entry else [],
        "born": entry.born if entry else None,
    }
    return {"standing": standing.to_dict(), **people, "history": ledger_document(told)}


def history_page(
    customer_id: str, history: Sequence[Change], names: Mapping[str, str]
) -> Iterator[Any]:
    """Yield where a customer has been, each entry and exit with its reason."""
    yield Text.assemble(("Customer ", "bold"), (customer_id, "bold"))
    table = ruled_table()
    for title in ("When", "Left", "Entered", "Why"):
        table.add_column(title, no_wrap=title == "When")
    for one in history:
        table.add_row(
            f"{one.at:%Y-%m-%d}",
            plain(names.get(one.left, one.left) if one.left else "-"),
            plain(names.get(one.entered, one.entered) if one.entered else "-"),
            f"{_REASONS[one.reason]} (run {one.run}, generation {one.generation})",
        )
    yield table


def history_document(history: Sequence[Change], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a customer's history as values that JSON can hold."""
    return [
        asdict(one)
        | {
            "at": one.at.isoformat(),
            "left_name": names.get(one.left or ""),
            "entered_name": names.get(one.entered or ""),
        }
        for one in history
    ]
