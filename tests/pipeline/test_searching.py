"""A thorough search in a run, and what it is told of the future."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from customer_atlas import Atlas
from customer_atlas.cli import app
from customer_atlas.clustering import Future
from customer_atlas.errors import MissingExtraError
from customer_atlas.features import Selection
from customer_atlas.pipeline import Workspace
from customer_atlas.pipeline.computing import Asked
from customer_atlas.pipeline.hindsight import hindsight
from customer_atlas.report.tables import leaderboard_table
from customer_atlas.simulate import Retailer
from tests.pipeline.conftest import make_shop, write

__all__: list[str] = []

_AS_OF = datetime(2024, 6, 1)


def _thorough(project: Path, settings: str = "trials: 3") -> None:
    text = project.read_text(encoding="utf-8")
    search = f"search: {{kind: thorough, {settings}}}"
    project.write_text(text.replace("{max_segments: 8}", f"{{max_segments: 5, {search}}}"))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, retailer: Retailer) -> Path:
    """A shop whose segments were searched for thoroughly."""
    project = make_shop(tmp_path_factory.mktemp("shop"), retailer)
    _thorough(project)
    with Atlas.open(project) as atlas:
        atlas.run()
    return project


def test_a_run_searches_thoroughly_and_once_more_finds_the_same_without_trials(
    searched: Path,
) -> None:
    steps: list[tuple[str, int, int]] = []
    with Atlas.open(searched) as atlas:
        first = atlas.run_view().search
        before = atlas.members().drop_columns(["generation", "segment_id"])
        atlas.run(
            refit=True, progress=lambda step, done=0, total=0: steps.append((step, done, total))
        )
        again = atlas.run_view().search
        assert atlas.members().drop_columns(["generation", "segment_id"]) == before
    assert first is not None
    assert first == again
    budget = first.leaderboard.budget
    assert budget is not None
    assert (budget.asked, budget.done) == (3, 3)
    assert [one for one in steps if one[0] == "try candidates" and one[2]] == [
        ("try candidates", 3, 3)
    ]
    chosen = first.leaderboard.entries[0]
    assert chosen.chosen
    assert 0 <= chosen.components["future"] <= 1
    assert "boosted trees that are told every feature explain" in first.leaderboard.objective


def test_the_page_of_a_run_shows_the_objective_and_its_parts(searched: Path) -> None:
    shown = (
        CliRunner()
        .invoke(
            app,
            ["show", "run", "-p", str(searched)],
            env={"COLUMNS": "120"},
            catch_exceptions=False,
        )
        .stdout
    )
    shown = " ".join(shown.split())
    for text in ("Stable", "Apart", "Size", "Simple", "Future", "3 trials:", "chosen"):
        assert text in shown, text


def test_the_report_shows_every_candidate_with_its_parts(searched: Path) -> None:
    with Atlas.open(searched) as atlas:
        search = atlas.run_view().search
    assert search is not None
    page = leaderboard_table(search.leaderboard)
    assert all(f">{head}<" in page for head in ("Stability", "Separation", "Simplicity", "Future"))
    for entry in search.leaderboard.entries:
        assert f"{entry.score:.3f}" in page
        assert all(f">{value:.2f}<" in page for value in entry.components.values())


def _hindsight(project: Path) -> Future:
    with Atlas.open(project) as atlas:
        atlas.ingest()
    with Workspace.open(project) as work:
        asked = Asked.of(work, "main", _AS_OF)
        kept = ("recency_days", "frequency", "monetary", "order_value_mean")
        return hindsight(work, asked, Selection(kept, (), None, (), ""))


def test_what_happens_later_changes_no_feature_of_then_and_is_counted(
    shop: Path, retailer: Retailer
) -> None:
    _thorough(shop, "horizon: 60d")
    before = _hindsight(shop)
    orders = retailer.transactions
    at = orders["timestamp"].type
    known = pc.unique(retailer.customers["customer_id"])
    planted = orders.slice(0, len(known))
    moment = pa.repeat(pa.scalar(datetime(2024, 5, 20)).cast(at), len(known))
    amount = pa.repeat(1000.0, len(known))
    for name, column in {"customer_id": known, "timestamp": moment, "amount": amount}.items():
        planted = planted.set_column(planted.column_names.index(name), name, column)
    order = planted.column_names.index("order_id")
    fresh = pa.array([f"later-{i}" for i in range(len(known))])
    write(planted.set_column(order, "order_id", fresh), shop.parent / "data" / "orders-2.parquet")
    after = _hindsight(shop)
    assert after.X.tobytes() == before.X.tobytes()
    assert after.half.tolist() == before.half.tolist()
    came = {one.name: one.values for one in after.outcomes}
    assert came["purchase"].all()
    assert not {one.name: one.values for one in before.outcomes}["purchase"].all()
    assert (came["revenue"] > {o.name: o.values for o in before.outcomes}["revenue"]).all()


def test_outcomes_are_what_the_orders_say(shop: Path, retailer: Retailer) -> None:
    _thorough(shop, "horizon: 60d")
    found = _hindsight(shop)
    orders = retailer.transactions.to_pandas()
    since, until = np.datetime64("2024-04-02"), np.datetime64("2024-06-01")
    time = orders["timestamp"].to_numpy("datetime64[us]")
    later = orders[(time >= since) & (time < until)]
    spent = later.groupby("customer_id")["amount"].sum()
    ids = retailer.customers["customer_id"].to_pylist()
    revenue = np.log1p(np.maximum([spent.get(one, 0.0) for one in ids], 0))
    outcomes = {one.name: one.values for one in found.outcomes}
    assert np.sort(outcomes["revenue"]) == pytest.approx(np.sort(revenue))
    assert outcomes["purchase"].sum() == later["customer_id"].nunique()
    assert (found.half == np.arange(len(ids)) % 2).all()


def test_where_history_is_short_the_future_does_not_count_and_it_is_said(shop: Path) -> None:
    _thorough(shop, "horizon: 3000d")
    found = _hindsight(shop)
    assert not found.telling
    assert "The future does not count: the history of" in found.sentence


def test_without_the_extra_a_run_says_what_to_install(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _thorough(shop)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with Atlas.open(shop) as atlas, pytest.raises(MissingExtraError, match=r"\[search\]"):
        atlas.run()
