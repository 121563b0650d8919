"""Rule segments of a whole run, beside loops over the rows."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.errors import ConfigError
from customer_atlas.pipeline import Published
from customer_atlas.segments import customers_sql, holds

BEGUN = datetime(2024, 1, 1)
DAYS = 60
PEOPLE = 300
MAIN: dict[str, Any] = {"packs": ["rfm"], "max_segments": 3}
RULES: dict[str, Any] = {
    "loyal": {"when": {"feature": "frequency", "at_least": 6}, "size": {"min": 0.9}},
    "loyal_again": {"when": {"not": {"not": {"rule": "loyal"}}}},
    "unknown": {"when": {"feature": "recency_days", "known": False}},
    "viewed": {"when": {"count": "rows", "from": "web", "where": "type = 'view'", "window": "7d",
                        "at_least": 2}},
    "quiet": {"when": {"count": "rows", "from": "web", "window": "7d", "equals": 0}},
    "spent": {"when": {"sum": "amount", "from": "orders", "window": "30d", "above": 40}},
    "waits": {"when": {"count": "rows", "from": "web", "where": "type = 'view'", "at_least": 1,
                       "not_followed_by": {"from": "orders", "within": "2d"}}},
    "buys": {"when": {"count": "rows", "from": "web", "where": "type = 'cart'", "window": "30d",
                      "at_least": 1, "followed_by": {"from": "orders", "within": "12h"}}},
    "gone": {"when": {"segment": "No such segment"}},
    "rests": {"when": {"any": [{"rule": "gone"}, {"rule": "loyal"}]}},
    "all_of_them": {"when": {"feature": "frequency", "at_least": 0}},
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    who: str
    when: datetime
    kind: str
    amount: float = 0.0


def rows() -> list[Row]:
    draw = random.Random(5)
    found = []
    for person in range(PEOPLE):
        lively = person % 3
        for _ in range(draw.randrange(3 + 4 * lively)):
            at = BEGUN + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
            found.append(Row(f"c{person:03d}", at, draw.choice(["view", "view", "cart"])))
            if draw.random() < 0.2:  # bought in that instant, which is not after it
                found.append(Row(f"c{person:03d}", at, "order", 9.0))
        for _ in range(draw.randrange(2 + 5 * lively)):
            at = BEGUN + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
            amount = round(draw.uniform(1, 30) * (1 + lively), 2)
            found.append(Row(f"c{person:03d}", at, "order", amount))
    return found


def write_project(folder: Path, rules: dict[str, Any], **more: Any) -> Path:
    project = {
        "project": "shop",
        "state": {"buckets": 3},
        "sources": {
            "orders": {"path": "orders.csv", "role": "transactions"},
            "web": {"path": "web.csv", "role": "events"},
        },
        "segmentations": {"main": MAIN},
        "rules": rules,
        **more,
    }
    path = folder / "atlas.yaml"
    path.write_text(json.dumps(project), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drawn() -> list[Row]:
    return rows()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, drawn: list[Row]) -> Path:
    """The project after one run."""
    folder = tmp_path_factory.mktemp("shop")
    orders = [f"{r.who},{r.when.isoformat()},{r.amount}" for r in drawn if r.kind == "order"]
    web = [f"{r.who},{r.when.isoformat()},{r.kind}" for r in drawn if r.kind != "order"]
    (folder / "orders.csv").write_text("\n".join(["customer_id,timestamp,amount", *orders]))
    (folder / "web.csv").write_text("\n".join(["customer_id,timestamp,type", *web]))
    with Atlas.open(write_project(folder, RULES)) as atlas:
        atlas.run()
    return folder


@pytest.fixture
def published(made: Path) -> Iterator[Published]:
    with Atlas.open(made / "atlas.yaml") as atlas:
        yield atlas.published()


def copied(made: Path, folder: Path, rules: dict[str, Any], **more: Any) -> Path:
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return write_project(folder, rules, **more)


def who_is_in(published: Published) -> dict[str, set[str]]:
    files = sorted((published.folder / "rules").glob("*.parquet"))
    tables = [pq.read_table(path) for path in files]
    return {
        name: {
            who
            for table in tables
            for who, fits in zip(
                table["customer_id"].to_pylist(), table[name].to_pylist(), strict=True
            )
            if fits
        }
        for name in tables[0].column_names[1:]
    }


def soon(drawn: list[Row], row: Row, within: timedelta) -> bool:
    return any(
        one.kind == "order" and one.who == row.who and row.when < one.when <= row.when + within
        for one in drawn
    )


def test_everybody_is_where_loops_over_the_rows_put_them(
    published: Published, drawn: list[Row]
) -> None:
    cutoff = published.as_of
    everyone = {row.who for row in drawn}
    week = (cutoff - timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    month = (cutoff - timedelta(days=30)).replace(hour=0, minute=0, second=0, microsecond=0)

    def having(fits: Callable[[list[Row]], bool]) -> set[str]:
        return {who for who in everyone if fits([row for row in drawn if row.who == who])}

    def count(mine: list[Row], kinds: str, since: datetime = BEGUN) -> int:
        return sum(row.kind in kinds.split() and row.when >= since for row in mine)

    days = timedelta(days=2)
    found = who_is_in(published)
    assert found["loyal"] == found["loyal_again"] == having(lambda m: count(m, "order") >= 6)
    assert found["unknown"] == having(lambda m: count(m, "order") == 0)
    assert found["viewed"] == having(lambda m: count(m, "view", week) >= 2)
    assert found["quiet"] == having(lambda m: count(m, "view cart", week) == 0)
    assert found["spent"] == having(
        lambda m: sum(r.amount for r in m if r.kind == "order" and r.when >= month) > 40
    )
    assert found["waits"] == having(
        lambda m: any(
            r.kind == "view" and r.when + days <= cutoff and not soon(m, r, days) for r in m
        )
    )
    assert found["buys"] == having(
        lambda m: any(
            r.kind == "cart" and r.when >= month and soon(m, r, timedelta(hours=12)) for r in m
        )
    )
    assert found["all_of_them"] == everyone
    assert all(found[name] for name in ("loyal", "unknown", "viewed", "spent", "waits", "buys"))


def test_sizes_shares_and_what_is_shared_are_those_of_the_members(published: Published) -> None:
    found = who_is_in(published)
    learned: dict[str, set[str]] = {}
    for row in published.members().to_pylist():
        learned.setdefault(row["segment_id"], set()).add(row["customer_id"])
    spend = dict(
        zip(*(published.features()[name].to_pylist() for name in ("customer_id", "monetary")),
            strict=True)
    )  # fmt: skip
    total = sum(value or 0 for value in spend.values())

    for one in published.rule_segments.segments:
        assert one.size == len(found[one.name])
        assert one.share == one.size / len(spend)
        revenue = sum(spend[who] or 0 for who in found[one.name])
        assert one.revenue_share == pytest.approx(revenue / total)
    for pair in published.rule_segments.shared:
        mine, theirs = found[pair.one], (learned if pair.learned else found)[pair.other]
        either = mine | theirs
        assert pair.both == len(mine & theirs)
        assert pair.jaccard == (len(mine & theirs) / len(either) if either else 0.0)
    count = len(RULES) * (len(RULES) - 1) // 2 + len(RULES) * len(learned)
    assert len(published.rule_segments.shared) == count


def test_twins_sizes_and_what_is_empty_are_warned_of(published: Published) -> None:
    said = "\n".join(published.rule_segments.warnings({}))

    assert "'loyal' and the rule segment 'loyal_again' are nearly the same people" in said
    assert "declared: at least 90%" in said
    assert "'gone' is empty: there is no segment 'No such segment' in main. There are:" in said
    assert "'rests' is empty: it rests on the rule 'gone'" in said
    assert "'all_of_them' is everybody" in said


def test_members_are_one_row_a_customer_unless_rules_are_asked_for(published: Published) -> None:
    members, both = published.members(), published.members_and_rules()
    found = who_is_in(published)

    assert members.num_rows == len({row["customer_id"] for row in members.to_pylist()})
    ruled = [row for row in both.to_pylist() if row["level"] is None]
    assert both.schema == members.schema
    assert both.num_rows - len(ruled) == members.num_rows
    assert {row["kind"] for row in ruled} == {"rule"}
    for name, people in found.items():
        assert {row["customer_id"] for row in ruled if row["segment_id"] == name} == people


def test_each_segment_has_a_rule_whose_figures_and_query_are_true(published: Published) -> None:
    import duckdb

    features, members = published.features(), published.members()
    infos = {info.name: info for info in published.model.infos}
    assert set(published.segment_rules) == {one.id for one in published.segments}
    for segment in published.segments:
        rule = published.segment_rules[segment.id]
        mask = holds(rule.when, features, infos)
        inside = [row == segment.id for row in members["segment_id"].to_pylist()]
        assert rule.matched == mask.sum()
        assert rule.size == segment.size
        assert rule.inside == sum(a and b for a, b in zip(mask, inside, strict=True))
        with duckdb.connect() as connection:
            connection.register("features", features)
            query = customers_sql(rule.when, infos)
            ids = {row[0] for row in connection.execute(query).fetchall()}
        assert ids == set(features["customer_id"].filter(mask).to_pylist())


def test_another_rule_makes_a_new_run_and_no_new_generation(made: Path, tmp_path: Path) -> None:
    with Atlas.open(copied(made, tmp_path, RULES)) as atlas:
        (same,) = atlas.run()
    assert not same.changed

    changed = {"loyal": {"when": {"feature": "frequency", "at_least": 7}}}
    with Atlas.open(write_project(tmp_path, changed)) as atlas:
        (again,) = atlas.run()
        found = atlas.published()
        assert [one.name for one in found.rule_segments.segments] == ["loyal"]
        assert found.segment_rules.keys() == {one.id for one in again.segments}
    assert again.changed
    assert not again.trained
    assert again.generation == same.generation

    with Atlas.open(write_project(tmp_path, {})) as atlas:
        atlas.run()
        assert atlas.published().rule_segments.segments == ()


def test_a_rule_may_rest_on_another_segmentation_in_any_order(made: Path, tmp_path: Path) -> None:
    rules: dict[str, Any] = {
        "both": {"when": {"all": [{"rule": "often"}, {"segment": "{}", "segmentation": "other"}]}},
        "often": {"segmentation": "other", "when": {"feature": "frequency", "at_least": 4}},
    }
    segmentations = {"main": MAIN, "other": {**MAIN, "max_segments": 2}}
    path = copied(made, tmp_path, {}, segmentations=segmentations)
    with Atlas.open(path) as atlas:
        names = [one.name for one in atlas.run()[1].segments]
    rules["both"]["when"]["all"][1]["segment"] = names[0]
    path = write_project(tmp_path, rules, segmentations=segmentations)

    with Atlas.open(path) as atlas:
        runs = atlas.run()
        main, other = atlas.published("main"), atlas.published("other")
        often = who_is_in(other)["often"]
        first = {r["customer_id"] for r in other.members().to_pylist() if r["segment"] == names[0]}
        assert who_is_in(main)["both"] == often & first
    assert [one.segmentation for one in runs] == ["main", "other"]

    rules["often"]["when"] = {"segment": "x", "segmentation": "main"}
    with (
        Atlas.open(write_project(tmp_path, rules, segmentations=segmentations)) as atlas,
        pytest.raises(ConfigError, match="in a circle by their rules: main -> other -> main"),
    ):
        atlas.run()


REFUSED = {
    "feature": (
        {"any": [{"feature": "frequencey", "below": 3}]},
        "rules.a.when.any.0: found the feature 'frequencey'. Did you mean 'frequency'?",
    ),
    "kind": ({"feature": "frequency", "is": "x"}, "'frequency' is a number; allowed: at_least"),
    "category": ({"feature": "rfm_class", "below": 3}, "is a category; allowed: is, in, known"),
    "source": (
        {"count": "rows", "from": "weeb", "below": 3},
        "rules.a.when.from: found 'weeb'. Did you mean 'web'?",
    ),
    "column": (
        {"not": {"count": "rows", "from": "web", "where": "tipe = 'x'", "below": 3}},
        "found the column 'tipe'. Did you mean 'type'?",
    ),
    "then": (
        {"count": "rows", "from": "web", "below": 3,
         "followed_by": {"from": "order", "within": "2d"}},
        "rules.a.when.followed_by.from: found 'order'. Did you mean 'orders'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_there_is_refused_before_anything_changes(
    case: str, made: Path, tmp_path: Path
) -> None:
    when, said = REFUSED[case]
    path = copied(made, tmp_path, {"a": {"when": when}})

    with Atlas.open(path) as atlas:
        before = atlas.published().pointer
        with pytest.raises(ConfigError) as refused:
            atlas.run()
        assert atlas.published().pointer == before
    assert said in str(refused.value)
    assert str(refused.value).startswith("atlas.yaml:1: ")
