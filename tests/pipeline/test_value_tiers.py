"""Where customers have no groups, a rule puts them into value tiers, and the run says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from customer_atlas import Atlas
from customer_atlas.pipeline import drivers_of
from customer_atlas.pipeline.tiers import SCORES, TIERS
from tests.pipeline.conftest import write

__all__: list[str] = []

_PROJECT = """\
project: alike
state: {lake: .atlas/lake, registry: "sqlite:///.atlas/registry.db", buckets: 4}
sources:
  orders: {path: orders.parquet, role: transactions}
segmentations: {main: {packs: [rfm]}}
"""


def _project(folder: Path, *, kinds: int) -> Path:
    """A project of 300 customers of so many kinds, who order and pay each on their own."""
    draw = np.random.default_rng(0)
    kind = np.arange(300) % kinds
    counts = 1 + draw.poisson(np.array([8.0, 40.0])[kind])
    who = np.repeat(np.arange(300), counts)
    days = draw.uniform(0, 365, len(who)) * np.array([1.0, 0.3])[kind][who]
    amounts = np.exp(draw.normal(np.array([3.0, 6.0])[kind][who], 0.5))
    orders = {
        "customer_id": [f"c{at:03d}" for at in who],
        "timestamp": [datetime(2025, 1, 1) + timedelta(days=day) for day in days],
        "amount": amounts.round(2),
    }
    write(pa.table(orders), folder / "orders.parquet")
    project = folder / "atlas.yaml"
    project.write_text(_PROJECT, encoding="utf-8")
    return project


def test_customers_of_one_kind_are_in_value_tiers_by_a_rule(tmp_path: Path) -> None:
    with Atlas.open(_project(tmp_path, kinds=1)) as atlas:
        (run,) = atlas.run()
        members = atlas.members()
    assert run.outcome == (
        "No groups were found in 300 customers; they are in value tiers, by a rule."
    )
    assert set(members["kind"].to_pylist()) == {"rule"}
    assert set(members["segment"].to_pylist()) <= set(TIERS)
    assert len(set(members["segment"].to_pylist())) > 2
    assert members.num_rows == 300


def test_customers_of_two_kinds_keep_the_segments_that_were_learned(tmp_path: Path) -> None:
    with Atlas.open(_project(tmp_path, kinds=2)) as atlas:
        (run,) = atlas.run()
        members = atlas.members()
    assert run.outcome.startswith("Found ")
    assert set(members["kind"].to_pylist()) == {"learned"}
    assert not set(members["segment"].to_pylist()) & set(TIERS)
    segments = members.sort_by("customer_id")["segment_id"].to_pylist()
    assert not set(segments[::2]) & set(segments[1::2])


def test_value_tiers_are_explained_by_their_scores_and_moved_by_orders(tmp_path: Path) -> None:
    with Atlas.open(_project(tmp_path, kinds=1)) as atlas:
        atlas.run()
        last = atlas.segments()[-1]
        found = atlas.explain(last.typical[0])
        scores = {name: value for name, value in found.customer.features.items() if name in SCORES}
        assert drivers_of(atlas.published()).fidelity.startswith("They are value tiers, a rule")
    assert found.why.by == "rule"
    assert found.why.runner_up is None
    total = sum(float(value or 0) for value in scores.values())
    assert found.why.said.startswith("The rule: the scores are ")
    assert found.why.said.endswith(f"= {total:.0f}.")
    assert found.moves is not None
    assert found.moves.moves
    assert {move.name for move in found.moves.moves} <= set(TIERS)
