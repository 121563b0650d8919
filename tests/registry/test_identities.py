"""Segments with their identities, and the ledger of what became of them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from customer_atlas.errors import RegistryError, UnknownNameError
from customer_atlas.registry import LedgerRecord, NoteRecord, Registry, SegmentRecord
from tests.registry.places import NOON, a_generation

NOTE = NoteRecord("2026-01-01T00:00:00+00:00", "g0-old", "Sends everything back.")
FIRST = SegmentRecord("main", "g1-a", 1, None, 1, None, "Regulars")
SECOND = SegmentRecord("main", "g1-b", 2, "g1-a", 1, None, "Regulars / new", notes=(NOTE,))


def entry(run: int, generation: int = 1, **changed: Any) -> LedgerRecord:
    record = LedgerRecord(
        "main", generation, None, run, NOON, 1, "born", ("g1-a",), "Regulars was found.", {"a": [1]}
    )
    return replace(record, **changed)


def published(registry: Registry, **more: Any) -> int:
    run = registry.start_run("main")
    registry.publish(
        run, a_generation(run), inputs="i", as_of=NOON, outcome="done", metrics={}, **more
    )
    return run


def test_what_a_run_publishes_of_segments_comes_back(registry: Registry) -> None:
    run = registry.start_run("main")
    told = [entry(run), entry(run, kind="split", segments=("g1-a", "g1-b"))]
    registry.publish(
        run, a_generation(run), inputs="i", as_of=NOON, outcome="done", metrics={},
        segments=[SECOND, FIRST], ledger=told,
    )  # fmt: skip
    assert registry.identities.segments("main") == [FIRST, SECOND]
    assert registry.identities.ledger("main") == told
    assert registry.identities.segments("other") == []
    assert registry.identities.ledger("other") == []


def test_a_run_that_cannot_be_published_leaves_no_segment(registry: Registry) -> None:
    run = published(registry)
    with pytest.raises(RegistryError):
        registry.publish(
            run, 1, inputs="i", as_of=NOON, outcome="done", metrics={}, segments=[FIRST],
            ledger=[entry(run)],
        )  # fmt: skip
    assert registry.identities.segments("main") == []
    assert registry.identities.ledger("main") == []


def test_what_people_wrote_stays_when_a_later_generation_is_kept(registry: Registry) -> None:
    published(registry, segments=[FIRST])
    registry.identities.annotate("main", "g1-a", name="Our best", owner="Ann", note="First.")
    published(registry, segments=[replace(FIRST, born=2, name="Shoppers", notes=(NOTE,))])
    (kept,) = registry.identities.segments("main")
    assert (kept.born, kept.name, kept.called, kept.owner) == (1, "Shoppers", "Our best", "Ann")
    assert [note.text for note in kept.notes] == ["First.", NOTE.text]
    published(registry, segments=[replace(FIRST, ended=3, notes=(NOTE,))])
    (ended,) = registry.identities.segments("main")
    assert (ended.ended, len(ended.notes)) == (3, 2)


def test_an_empty_text_takes_away_and_none_leaves(registry: Registry) -> None:
    published(registry, segments=[FIRST])
    annotate = registry.identities.annotate
    annotate("main", "g1-a", name="Ours", owner="Ann")
    assert annotate("main", "g1-a", owner="").called == "Ours"
    after = annotate("main", "g1-a", name="")
    assert (after.called, after.given_name, after.owner) == ("Regulars", None, None)
    assert annotate("main", "g1-a") == after


def test_an_unknown_segment_is_told_with_those_there_are(registry: Registry) -> None:
    published(registry, segments=[FIRST])
    with pytest.raises(UnknownNameError, match="g1-a"):
        registry.identities.annotate("main", "g1-aa", name="x")
