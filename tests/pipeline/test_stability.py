"""The stability of what serves: who changed their ways is seen, and what was computed stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas import Atlas
from customer_atlas.clustering import StabilityReport
from customer_atlas.pipeline import Published, stability_of
from tests.pipeline.conftest import write

__all__: list[str] = []

_PROJECT = """\
project: ways
state: {{lake: .atlas/lake, registry: "sqlite:///.atlas/registry.db", buckets: 4}}
sources:
  orders: {{path: orders.parquet, role: transactions}}
segmentations:
  main:
    packs: [{packs}]
    features:
      - {{name: orders_28d, source: orders, count: rows, window: 28d}}
      - {{name: order_28d, source: orders, mean: amount, window: 28d}}
"""
_KEEN, _CALM, _TURNED = 90, 90, 30
_DAYS, _TURN = 400, 320


def _orders() -> pa.Table:
    """Keen customers order each other day, calm ones each tenth; on a known day some turn calm."""
    draw = np.random.default_rng(0)
    who, when, amounts = [], [], []
    for person in range(_KEEN + _CALM):
        keen = person < _KEEN
        day, usual = draw.uniform(0, 5), draw.normal(40, 6)
        while day < _DAYS:
            still = keen and not (person < _TURNED and day > _TURN)
            who.append(f"c{person:03d}")
            when.append(datetime(2024, 1, 1) + timedelta(days=day))
            amounts.append(round(usual + 20 * still + draw.normal(0, 3), 2))
            day += draw.uniform(1, 3) if still else draw.uniform(8, 12)
    return pa.table({"customer_id": who, "timestamp": when, "amount": amounts})


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which thirty keen customers turned calm eighty days before the end."""
    folder = tmp_path_factory.mktemp("ways")
    write(_orders(), folder / "orders.parquet")
    project = folder / "atlas.yaml"
    project.write_text(_PROJECT.format(packs="engagement"), encoding="utf-8")
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


@pytest.fixture
def published(ways: Path) -> Iterator[Published]:
    with Atlas.open(ways) as atlas:
        yield atlas.published()


@pytest.fixture(scope="module")
def report(ways: Path) -> StabilityReport:
    with Atlas.open(ways) as atlas:
        return stability_of(atlas.published(), 4)


def test_segments_that_are_there_come_back_and_have_their_names(
    report: StabilityReport, published: Published
):
    assert report.verdict.startswith("Stable")
    names = {segment.cluster: segment.name for segment in published.segments}
    assert report.segments == tuple(names[at] for at in range(len(names)))
    assert (report.rows, report.customers, report.skipped) == (180, 180, {})
    left = report.probe("features")
    assert left
    assert {one.label for one in left.trials} == {"orders_28d", "order_28d"}


def test_who_changed_their_ways_at_a_known_time_has_moved(report: StabilityReport):
    behaviour = report.probe("behaviour")
    assert behaviour
    assert [one.label for one in behaviour.trials] == [
        "2024-07-22", "2024-09-09", "2024-10-28", "2024-12-16",
    ]  # fmt: skip
    share = _TURNED / (_KEEN + _CALM)
    before, after = behaviour.trials[:2], behaviour.trials[3]
    assert [one.moved for one in before] == pytest.approx([share, share], abs=0.02)
    assert after.moved < 0.02, "a month after the turn nothing changed any more"
    (left,) = [one for at in report.there if (one := behaviour.leaving(at)) and one.share > 0.1]
    assert left.most > 0.95


def test_what_was_structure_then_is_structure_now(report: StabilityReport):
    structure = report.probe("structure")
    assert structure
    assert structure.rand > 0.9
    assert structure.moved < 0.05


def test_a_second_asking_reads_what_was_kept(
    report: StabilityReport, published: Published, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Published, "paths", lambda *_: pytest.fail("it was computed anew"))
    assert stability_of(published, 4) == report
    assert stability_of(published, None) == report


def test_another_number_of_times_keeps_what_does_not_depend_on_it(
    report: StabilityReport, published: Published
):
    path = published.folder / "stability.json"
    kept = path.read_bytes()
    fewer = stability_of(published, 1)
    assert fewer.probes[:3] == report.probes[:3]
    assert [len(one.trials) for one in fewer.probes[3:]] == [1, 1]
    none = stability_of(published, 0)
    assert none.probes == report.probes[:3]
    path.write_bytes(kept)


def test_what_was_kept_and_cannot_be_read_is_made_anew(
    report: StabilityReport, published: Published
):
    path = published.folder / "stability.json"
    kept = path.read_bytes()
    path.write_text('{"windows": 4, "report": {}}')
    assert stability_of(published, 4) == report
    assert path.read_bytes() == kept


def test_too_short_a_history_for_so_many_times_is_said(published: Published):
    kept = (published.folder / "stability.json").read_bytes()
    found = stability_of(published, 40)
    (published.folder / "stability.json").write_bytes(kept)
    assert found.skipped == {"windows": "The history is 400 days long; 40 earlier times need 560."}
    assert found.probe("bootstrap")
    assert found.probe("behaviour") is None


def test_a_project_file_that_changed_cannot_tell_of_earlier_times(ways: Path):
    before = ways.read_text(encoding="utf-8")
    try:
        ways.write_text(_PROJECT.format(packs="engagement, rfm"), encoding="utf-8")
        with Atlas.open(ways) as atlas:
            published = atlas.published()
            kept = (published.folder / "stability.json").read_bytes()
            found = stability_of(published, 2)
            (published.folder / "stability.json").write_bytes(kept)
    finally:
        ways.write_text(before, encoding="utf-8")
    assert (
        "The project file has changed since these segments were trained"
        in (found.skipped["windows"])
    )


def _people(folder: Path, count: int, apart: float) -> Path:
    """A project of people of one moment, in two groups `apart`, of whom nothing else is known."""
    draw = np.random.default_rng(0)
    side = np.arange(count) % 2 * apart
    ids = [f"c{at}" for at in range(count)]
    people = {"customer_id": ids, "height": draw.normal(side), "reach": draw.normal(side)}
    write(pa.table(people), folder / "people.parquet")
    project = folder / "atlas.yaml"
    project.write_text(
        "project: people\nsources:\n  people: {path: people.parquet, role: customers}\n",
        encoding="utf-8",
    )
    return project


def test_where_nothing_has_a_time_there_are_no_earlier_times(tmp_path: Path):
    with Atlas.open(_people(tmp_path, 80, 12.0)) as atlas:
        atlas.run()
        found = stability_of(atlas.published())
    assert found.skipped == {
        "windows": "No source says when anything happened, so there are no earlier times."
    }
    assert found.verdict.startswith("Stable: all 2 segments")


def test_so_few_customers_are_not_compared(tmp_path: Path):
    with Atlas.open(_people(tmp_path, 12, 12.0)) as atlas:
        atlas.run()
        found = stability_of(atlas.published())
    assert found.probes == ()
    assert found.verdict == "There are 12 customers; from 20 on stability can be looked at."


def test_tiers_are_a_rule_and_need_no_test(tmp_path: Path):
    draw = np.random.default_rng(0)
    who = np.repeat(np.arange(120), 1 + draw.poisson(8.0, 120))
    days = draw.uniform(0, 365, len(who))
    orders = {
        "customer_id": [f"c{at:03d}" for at in who],
        "timestamp": [datetime(2025, 1, 1) + timedelta(days=day) for day in days],
        "amount": np.exp(draw.normal(3.0, 0.5, len(who))).round(2),
    }
    write(pa.table(orders), tmp_path / "orders.parquet")
    project = tmp_path / "atlas.yaml"
    project.write_text(
        "project: alike\nsources:\n  orders: {path: orders.parquet, role: transactions}\n"
        "segmentations: {main: {packs: [rfm]}}\n",
        encoding="utf-8",
    )
    with Atlas.open(project) as atlas:
        (run,) = atlas.run()
        found = stability_of(atlas.published())
    assert "value tiers" in run.outcome
    assert found.probes == ()
    assert found.verdict == "They are value tiers, a rule: the same from any seed, draw or moment."
