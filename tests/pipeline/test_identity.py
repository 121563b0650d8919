"""Segments keep their identity when a model is trained anew, and each move has its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import UnknownNameError, UsageError
from customer_atlas.pipeline import Change
from customer_atlas.simulate import Retailer
from tests.pipeline.conftest import make_shop, members_of, write

Shared = Callable[[str], Path]


def seeded(project: Path, seed: int) -> None:
    text = project.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if one.startswith("segmentations:"))
    project.write_text(
        text.replace(line, f"segmentations: {{main: {{max_segments: 8, seed: {seed}}}}}"),
        encoding="utf-8",
    )


def ids_of(project: Path) -> dict[str, str]:
    return {str(who): str(where) for who, where in members_of(project, "customer_id", "segment_id")}


def test_other_seeds_on_the_same_data_relabel_nobodys_segment(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        before, names = ids_of(shop), {one.id: one.name for one in atlas.segments()}
    for seed in (1, 2, 3):
        seeded(shop, seed)
        with Atlas.open(shop) as atlas:
            (result,) = atlas.run()
            assert result.trained
            published = atlas.published()
            assert {one.id: one.name for one in atlas.segments()} == names
            last = [one for one in published.ledger if one.generation == result.generation]
            assert {one.kind for one in last} == {"survived"}
        after = ids_of(shop)
        moved = sum(after[who] != where for who, where in before.items())
        assert moved <= 0.02 * len(before)


@pytest.fixture
def older(tmp_path: Path, retailer: Retailer) -> Path:
    """A shop as it was half a year before its last order; the rest is not there yet."""
    project = make_shop(tmp_path, retailer)
    rows = retailer.transactions
    times = rows["timestamp"]
    half = pc.quantile(pc.cast(times, "int64"), 0.7)[0].as_py()
    early = pc.less(pc.cast(times, "int64"), half)
    write(rows.filter(early), project.parent / "data" / "orders-1.parquet")
    with Atlas.open(project) as atlas:
        atlas.run()
    write(rows.filter(pc.invert(early)), project.parent / "data" / "orders-2.parquet")
    return project


def replayed(history: list[Change]) -> str | None:
    """The segment that somebody is in, by the moves alone; each must follow from the last."""
    place: str | None = None
    for one in history:
        if one.level == 1:
            assert one.left == place, "left a segment without having entered it"
            place = one.entered
    return place


def test_everybodys_history_leads_to_the_segment_they_are_in(older: Path) -> None:
    with Atlas.open(older) as atlas:
        atlas.run()  # the same generation, later
        atlas.run(refit=True)
        now, published = ids_of(older), atlas.published()
        histories = {who: published.history(who) for who in now}
    assert {who: replayed(one) for who, one in histories.items()} == now
    reasons = {move.reason for one in histories.values() for move in one}
    assert {"first run", "behaviour"} <= reasons <= {
        "first run", "first seen", "behaviour", "new generation",
    }  # fmt: skip
    for one in histories.values():
        assert [move.run for move in one] == sorted(move.run for move in one)


def test_who_is_no_longer_in_the_data_has_left(shop: Path, retailer: Retailer) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
    rows, people = retailer.transactions, retailer.customers
    gone = rows["customer_id"][0].as_py()
    for table, name in ((rows, "orders-1"), (people, "customers")):
        rest = table.filter(pc.not_equal(table["customer_id"], gone))
        write(rest, shop.parent / "data" / f"{name}.parquet")
    with Atlas.open(shop) as atlas:
        atlas.run()
        *_, last = atlas.published().history(gone)
    assert (last.entered, last.reason) == (None, "gone")


def test_of_who_was_never_there_nothing_is_told(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        with pytest.raises(UnknownNameError):
            atlas.published().history("nobody")


def test_what_people_say_of_a_segment_outlives_a_new_generation(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        published = atlas.published()
        first, second = published.every_segment[:2]
        published.annotate(first, name="Our best", owner="Ann", note="Call before Easter.")
    with Atlas.open(shop) as atlas:
        assert atlas.published().segment("Our best").id == first.id
        seeded(shop, 5)
    with Atlas.open(shop) as atlas:
        (result,) = atlas.run()
        published = atlas.published()
        entry = published.dictionary[first.id]
        assert published.segment("Our best").id == first.id
        assert "Our best" in {one.name for one in result.segments}
        assert (entry.owner, [note.text for note in entry.notes]) == (
            "Ann",
            ["Call before Easter."],
        )
        assert entry.name == first.name
        with pytest.raises(UsageError, match="is called 'Our best' already"):
            published.annotate(published.segment(second.id), name="Our best", owner=None, note=None)
        published.annotate(published.segment(first.id), name="", owner=None, note=None)
    with Atlas.open(shop) as atlas:
        assert atlas.published().segment(first.id).name == first.name


@pytest.mark.parametrize(
    ("name", "note", "said"),
    [(None, None, "nothing to set"), ("x" * 61, None, "at most 60"), ("a\nb", None, "one line")],
)
def test_a_name_is_a_short_line(shop: Path, name: str | None, note: str | None, said: str) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        published = atlas.published()
        with pytest.raises(UsageError, match=said):
            published.annotate(published.segments[0], name=name, owner=None, note=note)


def test_a_damaged_model_is_followed_by_its_memberships(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        (model,) = (atlas.workspace.root / "runs").glob("*/model/model.json")
        names = {one.id for one in atlas.segments()}
    model.write_text("{", encoding="utf-8")
    with Atlas.open(shop) as atlas:
        (second,) = atlas.run(refit=True)
        told = [one for one in atlas.published().ledger if one.generation == second.generation]
        assert {one.id for one in atlas.segments()} == names
    assert {one.kind for one in told} == {"survived"}
    assert all("where they were in the last run" in one.evidence["basis"] for one in told)


def test_changes_hold_those_who_moved_and_no_others(older: Path) -> None:
    before = ids_of(older)
    with Atlas.open(older) as atlas:
        (result,) = atlas.run()
        folder = atlas.workspace.run_folder(result.run) / "changes"
    after = ids_of(older)
    moved = {who for who, where in after.items() if before.get(who) != where}
    written = [row for path in folder.glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    assert {row["customer_id"] for row in written} == moved
    for row in written:
        assert (row["left"], row["entered"]) == (
            before.get(row["customer_id"]), after[row["customer_id"]],
        )  # fmt: skip


def test_a_year_of_a_real_shop_month_by_month_leaves_most_segments_what_they_were(
    shared_data: Shared, tmp_path: Path
) -> None:
    path = shared_data("online_retail") / "online_retail.parquet"
    project = tmp_path / "atlas.yaml"
    project.write_text(
        "project: retail\nsources:\n  orders:\n"
        f"    path: {json.dumps(str(path))}\n    role: transactions\n"
        "    columns: {customer_id: CustomerID, timestamp: InvoiceDate, order_id: InvoiceNo,\n"
        '      amount: "Quantity * UnitPrice", product: StockCode, quantity: Quantity}\n'
        '    where: "CustomerID IS NOT NULL"\n',
        encoding="utf-8",
    )
    with Atlas.open(project) as atlas:
        for month in (10, 11, 12):
            atlas.run(as_of=date(2011, month, 1), refit=True)
        ledger = atlas.published().ledger
    ended = {one for entry in ledger for one in entry.segments if entry.before}
    born = {one.segments[0] for one in ledger if one.before is None}
    assert born
    assert ended
    generations = sorted({one.generation for one in ledger})
    assert len(generations) == 3
    heirs = sum(
        1 for one in ledger if (one.before and one.kind == "survived") or one.evidence.get("heir")
    )
    dead = sum(len(one.segments) for one in ledger if one.kind == "died")
    assert heirs > 2 * dead
