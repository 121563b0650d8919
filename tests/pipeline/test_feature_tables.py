"""Features as of any time, and of many: nothing of later is in them, and they need no run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import FeatureError, UnknownNameError, UsageError
from customer_atlas.features import Computation, compute, snapshot
from customer_atlas.pipeline import every, instant
from customer_atlas.pipeline.computing import plan_features
from tests.pipeline.conftest import write

AS_OF = "2024-07-01"
PROJECT = """\
project: shop
timezone: Europe/Berlin
state: {buckets: 4}
sources:
  orders: {path: orders*.parquet, role: transactions}
  stock: {path: stock*.parquet, role: products}
  people: {path: people*.parquet, role: customers}
  clicks: {path: clicks*.parquet, role: events}
  mails: {path: mails*.parquet, role: messages}
  tickets: {path: tickets*.parquet, role: texts}
segmentations:
  main:
    max_segments: 3
    features:
      - {name: tea_90d, sum: amount, where: "product = 'tea'", window: 90d, from: orders}
      - {name: tea_rank, percentile_rank: tea_90d}
"""
SOURCES = ("orders", "stock", "people", "clicks", "mails", "tickets")


def made(seed: int, begin: str, days: int, people: int, *, new: str = "") -> dict[str, pa.Table]:
    """Rows of every role of so many customers from a day on; `new` marks what they alone have."""
    random = np.random.default_rng(seed)
    n = 40 * people

    def rows(columns: dict[str, Any]) -> pa.Table:
        at = pd.Timestamp(begin) + pd.to_timedelta(
            random.integers(0, days * 24 * 60, n), unit="min"
        )
        who = [f"c{number:02d}" for number in random.integers(0, people, n)]
        return pa.Table.from_pandas(pd.DataFrame({"customer_id": who, "timestamp": at} | columns))

    def of(*values: str) -> Any:
        return random.choice([value + new for value in values], n)

    people_rows = {
        "customer_id": [f"c{number:02d}" for number in range(people)],
        "valid_from": [pd.Timestamp(begin)] * people,
        "city": [f"{'york' if number % 3 else 'leeds'}{new}" for number in range(people)],
        "income": random.integers(10, 99, people).astype(float),
    }
    return {
        "orders": rows(
            {"amount": random.integers(-300, 9_000, n) / 100, "product": of("tea", "mug")}
        ),
        "stock": pa.table(
            {"product": [f"tea{new}", f"mug{new}"], "category": [f"t{new}", f"m{new}"]}
        ),
        "people": pa.Table.from_pandas(pd.DataFrame(people_rows)),
        "clicks": rows({"type": of("view", "cart"), "session_id": of("a", "b", "c")}),
        "mails": rows({"campaign": of("x", "y"), "action": of("sent", "open", "click")}),
        "tickets": rows({"text": of("late", "fine"), "kind": of("ticket", "review")}),
    }


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop of every role, whose rows are of the first half of 2024."""
    for name, table in made(1, "2024-01-01", 180, 40).items():
        write(table, tmp_path / f"{name}-1.parquet")
    project = tmp_path / "atlas.yaml"
    project.write_text(PROJECT, encoding="utf-8")
    return project


def table_of(project: Path, as_of: Any = None) -> pa.Table:
    with Atlas.open(project) as atlas:
        return atlas.features().table(as_of)


def in_new_files(folder: Path, later: dict[str, pa.Table]) -> None:
    for name, table in later.items():
        write(table, folder / f"{name}-2.parquet")


def among_the_rows(folder: Path, later: dict[str, pa.Table]) -> None:
    """Write the later rows before the earlier ones, into the same files."""
    for name, table in later.items():
        path = folder / f"{name}-1.parquet"
        both = pa.concat_tables([table, pq.read_table(path)], promote_options="default")
        write(both, path)


# Made of rows that a query groups first, and an engine adds those up in any order.
OF_SESSIONS = ("session_minutes_mean", "session_minutes_std")


def check_alike(left: pa.Table, right: pa.Table) -> None:
    """Hold that two tables are the same bits; in the minutes of sessions the last ones may not."""
    assert left.drop_columns(OF_SESSIONS).equals(right.drop_columns(OF_SESSIONS))
    for name in OF_SESSIONS:
        np.testing.assert_allclose(left[name], right[name], rtol=1e-12)


@pytest.mark.parametrize("plant", [in_new_files, among_the_rows])
def test_an_export_as_of_a_date_is_the_same_bits_whatever_comes_later(
    shop: Path, plant: Callable[[Path, dict[str, pa.Table]], None]
) -> None:
    before = table_of(shop, AS_OF)
    plant(shop.parent, made(2, "2024-07-01 02:00", 300, 60, new="!"))
    with Atlas.open(shop) as atlas:
        atlas.ingest()
        assert atlas.features().table().num_rows == 60
        after = atlas.features().table(AS_OF)
    check_alike(after, before)
    assert before.num_rows == 40
    assert before.column_names[0] == "customer_id"
    assert {"share_t", "share_type_view", "city", "tea_rank", "frequency"} <= {*before.column_names}
    assert not [name for name in before.column_names if "!" in name]


def test_it_is_the_same_where_later_rows_part_the_buckets_otherwise(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_MANY", 8_000)  # rows of a part
    monkeypatch.setattr(compute, "_ENOUGH", 15)  # customers to learn of
    before = table_of(shop, AS_OF)
    in_new_files(shop.parent, made(2, "2024-07-01 02:00", 300, 60, new="!"))
    with Atlas.open(shop) as atlas:
        parts = len(atlas.workspace.snapshot().parts())
        atlas.ingest()
        assert len(atlas.workspace.snapshot().parts()) > parts
        check_alike(atlas.features().table(AS_OF), before)


def test_a_date_is_its_first_instant_in_the_zone_of_the_project(shop: Path) -> None:
    when = datetime(2024, 4, 30, 22, tzinfo=UTC)  # midnight in Berlin
    assert table_of(shop, date(2024, 5, 1)).equals(table_of(shop, when))
    assert not table_of(shop, "2024-05-01").equals(table_of(shop, "2024-05-01T02:00"))


def test_features_need_no_run_and_are_those_behind_the_memberships_after_one(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        early = atlas.features().table()
        infos = atlas.features().infos
        assert not atlas.runs()
        atlas.run()
        assert early.equals(atlas.published().features())
        assert atlas.features().table().equals(early)
        assert atlas.features().infos == infos
    assert [info.name for info in infos] == early.column_names[1:]


def test_features_are_of_the_lake_as_it_is_also_where_an_older_run_serves(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.run()
        served = atlas.published().features()
        in_new_files(shop.parent, made(2, "2024-07-01", 30, 60, new="!"))
        assert atlas.features().table().equals(served)  # it reads the lake, not the files
        atlas.ingest()
        assert atlas.features().table().num_rows == 60
        assert atlas.published().features().equals(served)
        atlas.run(as_of=AS_OF)
        assert atlas.features().table().num_rows == 60


def test_a_panel_holds_at_each_cutoff_what_was_known_then(shop: Path) -> None:
    cutoffs = ["2024-02-01", "2024-04-01", "2024-06-01"]
    with Atlas.open(shop) as atlas:
        panel = atlas.features().history(cutoffs)
        again = atlas.features().history(cutoffs[:2])
        first = atlas.features().table(cutoffs[0])
        later = _by_the_ruler_of_the_first(atlas, cutoffs)
    assert panel.column_names == ["customer_id", "cutoff", *first.column_names[1:]]
    assert panel["cutoff"].type == pa.timestamp("us", "UTC")
    parts = [panel.filter(pc.equal(panel["cutoff"], at)) for at in pc.unique(panel["cutoff"])]
    assert len(parts) == 3
    _same(parts[0], first)
    for part, table in zip(parts, later, strict=True):
        _same(part, table)
    assert panel.slice(0, again.num_rows).equals(again)  # the last cutoff changed nothing before it


def _by_the_ruler_of_the_first(atlas: Atlas, cutoffs: list[str]) -> Iterator[pa.Table]:
    """Yield the features by a query at each cutoff, by what was learned before the first."""
    features = atlas.features()
    work = features.work
    asked = [features.asked(instant(at, "Europe/Berlin")) for at in cutoffs]
    plan = plan_features(work, asked[0], None, features.progress)
    plan = Computation(work.engine, asked[0].snapshot, plan, asked[0].cutoff).learn()
    for one in asked:
        folder = work.root / f"{one.cutoff:%Y%m%d}"
        paths = Computation(work.engine, one.snapshot, plan, one.cutoff).write(folder)
        yield pa.concat_tables([pq.read_table(path) for path in paths]).sort_by("customer_id")


def _same(panel: pa.Table, table: pa.Table) -> None:
    left = panel.drop_columns(["cutoff"]).to_pandas()
    pd.testing.assert_frame_equal(left, table.to_pandas(), check_dtype=False, rtol=1e-9)


def test_what_a_panel_learns_of_everybody_it_learns_before_its_first_cutoff(shop: Path) -> None:
    in_new_files(shop.parent, made(2, "2024-07-01", 60, 40, new="!"))
    with Atlas.open(shop) as atlas:
        panel = atlas.features().history(["2024-06-01", "2024-09-01"])
        assert any("!" in info.name for info in atlas.features().infos)
    assert not [name for name in panel.column_names if "!" in name]
    ranks = panel.to_pandas().groupby("cutoff")["tea_rank"].median()
    assert ranks.iloc[0] == pytest.approx(0.5, abs=0.05)
    assert ranks.iloc[1] < 0.3  # nobody buys tea any more, by the ruler of June


def test_a_panel_may_stay_in_files(shop: Path, tmp_path: Path) -> None:
    cutoffs = [date(2024, 3, 1), date(2024, 5, 1)]
    with Atlas.open(shop) as atlas:
        paths = atlas.features().history(cutoffs, folder=tmp_path / "panel")
        panel = atlas.features().history(cutoffs)
        with pytest.raises(UsageError, match="panel is there already; name a new folder"):
            atlas.features().history(cutoffs, folder=tmp_path / "panel")
        with pytest.raises(UsageError, match="does not exist"):
            atlas.features().history(cutoffs, folder=tmp_path / "no" / "panel")
    assert sorted(paths) == sorted((tmp_path / "panel").iterdir())
    read = pa.concat_tables([pq.read_table(path) for path in paths])
    assert read.sort_by([("cutoff", "ascending"), ("customer_id", "ascending")]).equals(panel)


def test_nothing_is_left_of_work_in_between(shop: Path, tmp_path: Path) -> None:
    with Atlas.open(shop) as atlas:
        atlas.features().table("2024-03-01")
        atlas.features().history(["2024-03-01"])
        with pytest.raises(FeatureError):
            atlas.features().history(["2023-03-01"], folder=tmp_path / "panel")
        assert not list((atlas.workspace.root / "scratch").iterdir())
    assert not [path for path in tmp_path.iterdir() if "panel" in path.name]


@pytest.mark.parametrize(
    ("cutoffs", "said"),
    [
        ([], "Found no cutoff; name at least one date, such as 2024-01-01."),
        (["2024-02-01", "2024-01-01"], "the cutoff 2024-01-01 after 2024-02-01; name the earlier"),
        (["2024-02-01", date(2024, 2, 1)], "Found the cutoff 2024-02-01 twice"),
        (["2024-02-01", "2024-01-31T23:00+00:00"], "twice"),
        (["lately"], "Found 'lately' as a date; write it as"),
    ],
)
def test_wrong_cutoffs_are_refused_in_a_sentence(shop: Path, cutoffs: list[Any], said: str) -> None:
    with Atlas.open(shop) as atlas, pytest.raises(UsageError, match=said):
        atlas.features().history(cutoffs)


def test_a_time_before_all_rows_is_refused(shop: Path) -> None:
    with Atlas.open(shop) as atlas:
        with pytest.raises(FeatureError, match="Nobody is known before 2022-12-31 23:00:00 UTC"):
            atlas.features().table("2023-01-01")
        with pytest.raises(FeatureError, match="the first cutoff, .* Begin later"):
            atlas.features().history(["2023-01-01", "2024-03-01"])


def test_an_unknown_segmentation_is_named_at_once(shop: Path) -> None:
    with Atlas.open(shop) as atlas, pytest.raises(UnknownNameError, match="Did you mean 'main'"):
        atlas.features("mein")


@pytest.mark.parametrize(
    ("step", "first", "last", "count"),
    [
        ("day", date(2024, 2, 27), date(2024, 3, 1), 4),
        ("week", date(2024, 1, 1), date(2024, 1, 21), 3),
        ("month", date(2023, 10, 31), date(2024, 2, 29), 5),
        ("quarter", date(2023, 11, 30), date(2024, 12, 1), 5),
        ("year", date(2024, 2, 29), date(2028, 2, 29), 5),
    ],
)
def test_steps_begin_at_the_first_day_and_may_end_at_the_last(
    step: str, first: date, last: date, count: int
) -> None:
    found = list(every(step, first, last))
    assert len(found) == count
    assert found[0] == first
    assert found == sorted(set(found))
    assert found[-1] <= last
