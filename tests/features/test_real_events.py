"""Features of real clicks, through a whole run as of a date, equal their definitions and states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from customer_atlas import Atlas
from customer_atlas.config import Role
from customer_atlas.features import Plan
from customer_atlas.features.live import LiveState
from customer_atlas.features.monoids import Vocabulary
from customer_atlas.features.roles import rows_of
from tests.features.aggregates.conformance import arrow
from tests.features.oracle_events import check_equal, event_features

PROJECT = """\
project: ecom
timezone: {zone}
sources:
  web:
    path: {path}
    role: events
    columns: {{customer_id: user_id, type: event, channel: platform, session_id: "{session}",
      category: acquisition_channel, product: user_lifecycle || platform}}
    types: {{shipping_details: checkout, home: start}}
segmentations: {{main: {{packs: [engagement, intent]}}}}
"""
NAMES = {"shipping_details": "checkout", "home": "start"}
DONE = {
    "product_view": "view",
    "add_to_cart": "cart",
    "cart": "cart",
    "checkout": "checkout",
    "payment_details": "checkout",
    "purchase": "purchase",
    "search": "search",
}
AS_OF = "2024-05-20T13:37"
PIECES = 7


@pytest.mark.parametrize(
    ("zone", "session"), [("UTC", "session_id"), ("Asia/Kolkata", "nullif(platform, platform)")]
)
def test_every_feature_of_a_run_equals_its_definition_and_the_states_of_pieces(
    shared_data: Callable[[str], Path], tmp_path: Path, zone: str, session: str
) -> None:
    path = shared_data("retentioneering_ecom") / "ecom.csv.gz"
    project = tmp_path / "atlas.yaml"
    project.write_text(PROJECT.format(zone=zone, path=path, session=session), encoding="utf-8")
    with Atlas.open(project) as atlas:
        (result,) = atlas.run(as_of=AS_OF)
        features = atlas.published().features()
        population = atlas.published().model.population
        sources = atlas.workspace.snapshot().sources
    assert population.acts == ("view", "cart", "checkout", "purchase", "search")
    assert {"checkout", "start"} <= set(population.event_types)

    rows = _rows(path, zone, by_pause=session != "session_id")
    cutoff = result.as_of
    expected = event_features(rows, cutoff, acts=DONE, types=population.event_types, zone=zone)
    assert len(expected) > 500
    check_equal(features.sort_by("customer_id"), expected)

    plan = Plan.of(("engagement", "intent"), sources, population, zone)
    customers, words = Vocabulary(), Vocabulary()
    ids = arrow(pd.DataFrame({"customer_id": expected.index}))["customer_id"].combine_chunks()
    customers.codes(ids)
    past = arrow(rows[rows["timestamp"] < cutoff], Role.EVENTS)
    order = np.array(Random(0).sample(range(len(past)), len(past)))
    state = LiveState.of(plan.aggregates, zone)
    for piece in np.array_split(order, PIECES):
        arrived = rows_of(Role.EVENTS, past.take(piece), customers, words)
        state = state.add({Role.EVENTS: arrived})
    check_equal(plan.table(ids, state.values(cutoff, len(ids)), [], cutoff), expected)


def _rows(path: Path, zone: str, *, by_pause: bool) -> pd.DataFrame:
    rows = pd.read_csv(path)
    at = pd.to_datetime(rows["timestamp"]).dt.tz_localize(zone).dt.tz_convert("UTC")
    return pd.DataFrame(
        {
            "customer_id": rows["user_id"],
            "timestamp": at.dt.tz_localize(None).astype("datetime64[us]"),
            "type": rows["event"].map(lambda kind: NAMES.get(kind, kind)),
            "session_id": None if by_pause else rows["session_id"],
            "product": rows["user_lifecycle"] + rows["platform"],
            "category": rows["acquisition_channel"],
            "channel": rows["platform"],
        }
    )
