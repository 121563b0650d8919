"""Why customers are where they are, and what would move them: tried again, independently."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from customer_atlas import Atlas
from customer_atlas.config import Role
from customer_atlas.errors import UnknownNameError, UsageError
from customer_atlas.features import Acting, Doing
from customer_atlas.pipeline import Explainer, Published, drivers_of
from customer_atlas.pipeline.computing import Asked, plan_features
from customer_atlas.pipeline.progress import silent
from customer_atlas.simulate import simulate_retailer

_DAYS = 30
_FOLDERS = {Role.TRANSACTIONS: "orders", Role.EVENTS: "web", Role.MESSAGES: "mail"}
PROJECT = """\
project: shop
timezone: America/New_York
state: {buckets: 4}
sources:
  orders: {path: data/orders*.parquet, role: transactions}
  web: {path: data/web*.parquet, role: events}
  mail: {path: data/mail*.parquet, role: messages}
  people: {path: data/people.parquet, role: customers}
segmentations:
  main: {packs: [rfm, windows, rhythm, basket, engagement, intent, responsiveness, attributes],
         max_segments: 6}
"""


@dataclass(frozen=True)
class Shop:
    """A project with orders, visits and messages, and those who left no orders or no traces."""

    project: Path
    as_of: datetime


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "data").mkdir()
    retailer = simulate_retailer(220, seed=11)
    pq.write_table(retailer.transactions, folder / "data" / "orders-1.parquet")
    web, mail = visits_and_messages(retailer.transactions)
    pq.write_table(web, folder / "data" / "web-1.parquet")
    pq.write_table(mail, folder / "data" / "mail-1.parquet")
    pq.write_table(retailer.customers, folder / "data" / "people.parquet")
    (folder / "atlas.yaml").write_text(PROJECT, encoding="utf-8")
    with Atlas.open(folder / "atlas.yaml") as atlas:
        atlas.run()
        return Shop(folder / "atlas.yaml", atlas.published().as_of)


def visits_and_messages(orders: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return visits on some days of orders, and messages some of which are opened."""
    draw = np.random.default_rng(5)
    lines = orders.take(pa.array(np.flatnonzero(draw.random(orders.num_rows) < 0.3)))
    whose, at = lines["customer_id"], lines["timestamp"].cast(pa.timestamp("us"))
    kinds = draw.choice(["view", "view", "cart", "search", "purchase"], len(lines))
    session = [f"v{day}" if day % 3 else None for day in range(len(lines))]
    web = pa.table(
        {"customer_id": whose, "timestamp": at, "type": kinds, "session_id": session,
         "product": lines["product"]}
    )  # fmt: skip
    actions = draw.choice(["sent", "sent", "open", "click"], len(lines)).tolist()
    actions[0] = "unsubscribe"
    campaign = [f"m{number}" for number in draw.integers(0, 12, len(lines))]
    mail = pa.table(
        {"customer_id": whose, "timestamp": at, "campaign": campaign, "action": actions}
    )
    return web, mail


@pytest.fixture
def published(shop: Shop) -> Published:
    return Atlas.open(shop.project).published()


def acting(published: Published, days: int = _DAYS) -> Acting:
    asked = Asked.of(published.work, "main", published.as_of)
    plan = plan_features(published.work, asked, published.model.population, silent)
    now = published.as_of
    then = now + timedelta(days=days)
    return Acting(published.work.engine, asked.snapshot, plan, now, then)


def rows_of_source(path: Path, extra: pa.Table) -> pa.Table:
    """Return added rows with the columns that the source's own files have."""
    schema = pq.read_schema(path)
    at = extra["timestamp"].cast(pa.timestamp("us", "UTC"))  # else it is read in the project's zone
    extra = extra.set_column(extra.column_names.index("timestamp"), "timestamp", at)
    columns = {
        name: extra[name]
        if name in extra.column_names
        else pa.nulls(len(extra), schema.field(name).type)
        for name in schema.names
    }
    return pa.table(columns)


def run_with(
    shop: Shop, folder: Path, extra: dict[Role, list[pa.Table]]
) -> tuple[pa.Table, pa.Table]:
    """Copy the project with rows added to its sources, run it 30 days later, assign everyone.

    Nothing of the simulation takes part: the batch queries compute the features.
    """
    shutil.copytree(shop.project.parent, folder)
    for role, tables in extra.items():
        whole = pa.concat_tables(tables)
        first = folder / "data" / f"{_FOLDERS[role]}-1.parquet"
        pq.write_table(
            rows_of_source(first, whole), folder / "data" / f"{_FOLDERS[role]}-2.parquet"
        )
    with Atlas.open(folder / "atlas.yaml") as atlas:
        (done,) = atlas.run(as_of=(shop.as_of + timedelta(days=_DAYS)).replace(tzinfo=UTC))
        assert not done.trained
        members = pa.concat_tables(map(pq.read_table, atlas.published().paths("members")))
        return members, atlas.published().features()


def test_who_does_nothing_has_the_features_that_were_published(published: Published) -> None:
    few = published.features()["customer_id"].to_pylist()[:40]
    act = acting(published)
    act.then = act.now
    simulated = act.past(few).features([Doing()])
    batch = published.features().slice(0, 40)
    aged = np.subtract(simulated["signup"], batch["signup"])  # dates of people go on
    np.testing.assert_allclose(aged, _DAYS)
    assert_same(simulated.drop_columns("signup"), batch.drop_columns("signup"))


def assert_same(one: pa.Table, other: pa.Table) -> None:
    assert one.column_names == other.column_names
    for name in one.column_names:
        mine, theirs = one[name].combine_chunks(), other[name].combine_chunks()
        if pa.types.is_floating(theirs.type):
            mine, theirs = (pc.fill_null(values, np.nan) for values in (mine, theirs))
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9, err_msg=name)
        else:
            assert mine.to_pylist() == theirs.to_pylist(), name


def test_every_suggested_move_holds_when_its_rows_are_in_the_sources(
    shop: Shop, published: Published, tmp_path: Path
) -> None:
    explainer, act = Explainer(published), acting(published)
    done: dict[str, Doing] = {}
    expected: dict[str, str] = {}
    extra: dict[Role, list[pa.Table]] = {}
    for place, customer in enumerate(published.features()["customer_id"].to_pylist()[:20]):
        found = explainer.customer(customer).moves
        assert found is not None
        done[customer] = Doing(visits=2, answers=1)  # of others the features alone are compared
        if found.moves:
            move = found.moves[place % len(found.moves)]
            done[customer], expected[customer] = move.doing, move.segment
        for role, rows in act.past([customer]).added(customer, done[customer]).items():
            extra.setdefault(role, []).append(rows)
    assert len(expected) >= 8
    assert set(extra) == set(_FOLDERS)
    members, features = run_with(shop, tmp_path / "copy", extra)
    where = {row["customer_id"]: row for row in members.to_pylist()}
    ids = {one.cluster: one.id for one in published.segments}
    for customer, segment in expected.items():
        row = where[customer]
        assert (ids[row["cluster"]], row["kind"]) == (segment, "learned"), done[customer]
        assert row["probability"] >= 0.5
    simulated = pa.concat_tables(
        act.past([customer]).features([doing]) for customer, doing in done.items()
    )
    wanted = pc.index_in(pa.array(done), features["customer_id"].combine_chunks())
    assert_same(simulated, features.take(wanted))


def test_the_cheapest_move_of_a_planted_rule_is_found(published: Published) -> None:
    """Where a segment begins with so many orders in 30 days, as many orders lead there."""
    customer = next(
        row["customer_id"]
        for row in published.features().to_pylist()
        if row["frequency"] and row["frequency"] >= 2
    )
    past = acting(published).past([customer])
    done = [Doing(orders=number) for number in range(5)]
    table = past.features(done)
    assert table["orders_30d"].to_pylist() == [0, 1, 2, 3, 4]
    assert np.diff(table["frequency"].to_numpy()).tolist() == [1, 1, 1, 1]
    spent = np.diff(table["monetary"].to_numpy())
    np.testing.assert_allclose(spent, past.usual[Role.TRANSACTIONS].value[0])
    recency = table["recency_days"].to_numpy()
    assert (recency[1:] < recency[0]).all()
    assert (recency[1:] <= _DAYS).all()
    assert len(set(table["age_days"].to_pylist() if "age_days" in table.column_names else [1])) == 1


def test_larger_orders_cost_more_and_keep_their_prices(published: Published) -> None:
    customer = published.segments[0].typical[0]
    past = acting(published).past([customer])
    usual, larger = past.features([Doing(1), Doing(1, 2.0)]).to_pylist()
    value = past.usual[Role.TRANSACTIONS].value[0]
    assert larger["monetary"] - usual["monetary"] == pytest.approx(value)
    assert larger["frequency"] == usual["frequency"]


def test_who_unsubscribed_is_never_asked_to_answer_a_message(
    shop: Shop, published: Published
) -> None:
    mail = pq.read_table(shop.project.parent / "data" / "mail-1.parquet")
    (left,) = [row["customer_id"] for row in mail.to_pylist() if row["action"] == "unsubscribe"]
    past = acting(published).past([left])
    assert not past.usual[Role.MESSAGES].known(0)
    assert Role.MESSAGES not in past.added(left, Doing(answers=3))
    found = Explainer(published).customer(left).moves
    assert found is not None
    assert all(move.doing.answers == 0 for move in found.moves)


def test_reasons_are_told_of_every_customer_and_say_by_what(published: Published) -> None:
    explainer = Explainer(published)
    for customer in published.features()["customer_id"].to_pylist()[:40]:
        found = explainer.customer(customer, moves=False)
        why = found.why
        assert why.by in ("surrogate", "model")
        assert why.runner_up is not None
        assert why.runner_up.id != found.customer.segment.id
        speaking = [one for one in why.reasons if one.weight > 0]
        assert len(speaking) <= 6
        assert speaking or "No single value" in why.said
        assert ("by the model itself" in why.said) == (why.by == "model")
        assert [one.weight for one in speaking] == sorted(
            (one.weight for one in speaking), reverse=True
        )
        json.dumps(found.to_dict(), allow_nan=False)


def test_the_front_door_explains(shop: Shop) -> None:
    with Atlas.open(shop.project) as atlas:
        customer = atlas.segments()[0].typical[0]
        found = atlas.explain(customer)
        assert found.customer.customer_id == customer
        assert found.reasons
        assert found.moves is not None
        assert found.moves.alone is not None


def test_an_unknown_customer_is_told_as_elsewhere(published: Published) -> None:
    with pytest.raises(UnknownNameError) as told:
        Explainer(published).customer("nobody")
    with pytest.raises(UnknownNameError) as elsewhere:
        published.customer("nobody")
    assert str(told.value) == str(elsewhere.value)


def test_acts_are_tried_within_two_weeks_to_a_year(published: Published) -> None:
    with pytest.raises(UsageError, match="14 to 365 days; found 3"):
        Explainer(published, days=3)


def test_what_was_measured_stays_with_the_run(published: Published) -> None:
    segment = published.segments[0]
    first = Explainer(published).segment(segment.id)
    kept = published.folder / "moves-30.json"
    assert segment.id in json.loads(kept.read_text(encoding="utf-8"))
    drivers = (published.folder / "drivers.json").read_bytes()
    again = Explainer(published).segment(segment.name)
    assert again == first
    (published.folder / "drivers.json").unlink()
    drivers_of(published)
    assert (published.folder / "drivers.json").read_bytes() == drivers


def test_where_the_project_file_has_changed_nothing_is_tried(shop: Shop, tmp_path: Path) -> None:
    shutil.copytree(shop.project.parent, tmp_path / "copy")
    path = tmp_path / "copy" / "atlas.yaml"
    path.write_text(path.read_text().replace("max_segments: 6", "max_segments: 5"))
    with Atlas.open(path) as atlas:
        found = atlas.explain(atlas.segments()[0].typical[0])
    assert found.reasons
    assert found.moves is not None
    assert "atlas run --refit" in found.moves.reason


def of_people(folder: Path, people: pa.Table) -> Path:
    """A project that knows attributes of people, and nothing of what they do."""
    pq.write_table(people, folder / "people.parquet")
    project = folder / "atlas.yaml"
    project.write_text(
        "project: people\nsources:\n  people: {path: people.parquet, role: customers}\n"
        "segmentations: {main: {packs: [attributes]}}\n",
        encoding="utf-8",
    )
    return project


def test_of_people_without_acts_nothing_can_be_moved_and_it_is_said(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    group = np.arange(300) % 3
    people = {"customer_id": [f"p{at}" for at in range(300)]} | {
        name: 10.0 * (group == at) + draw.normal(size=300)
        for at, name in enumerate(("tea", "bread", "cake"))
    }
    with Atlas.open(of_people(tmp_path, pa.table(people))) as atlas:
        atlas.run()
        found = atlas.explain("p1")
        whole = Explainer(atlas.published()).segment(found.customer.segment.id)
    assert found.reasons
    assert found.moves is not None
    assert found.moves.moves == ()
    assert found.moves.reason.startswith("No source says what customers do")
    assert whole.moves.sentences == (found.moves.reason,)
    assert whole.drivers is not None
    assert whole.drivers.told


def test_where_there_is_one_segment_there_is_nothing_to_tell_it_from(tmp_path: Path) -> None:
    people = pa.table({"customer_id": ["a", "b", "c"], "tea": [1.0, 2.0, 3.0]})
    with Atlas.open(of_people(tmp_path, people)) as atlas:
        atlas.run()
        found = atlas.explain("a")
        whole = Explainer(atlas.published()).segment(found.customer.segment.id)
    assert found.why.said == "There is no other segment to tell it from."
    assert found.reasons == ()
    assert found.moves is not None
    assert found.moves.reason == "There is one segment, and nowhere else to come to."
    assert whole.drivers is None
