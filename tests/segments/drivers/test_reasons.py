"""Reasons speak in real units of what tells two segments apart, the strongest first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from customer_atlas.features import FeatureInfo
from customer_atlas.segments import Segment, model_weights, reasons_for

INFOS = (
    FeatureInfo("recency_days", "rfm", "days", "days since the last order"),
    FeatureInfo("frequency", "rfm", "orders", "orders", zero=True),
    FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),
    FeatureInfo("plan", "attributes", "category", "plan", kind="category"),
)
ALONE = ((0,), (1,), (2,), (3,))


def segment(cluster: int, **centroid: float | str) -> Segment:
    return Segment(
        f"s{cluster}", f"Segment {cluster}", cluster, 10, 0.5, None, 1.0, centroid, {}, (), (), (),
        "",
    )  # fmt: skip


NEXT = segment(1, recency_days=41.0, frequency=2.0, monetary=30.0, plan="free")
VALUES: dict[str, float | str | None] = {
    "recency_days": 3.0,
    "frequency": 9.0,
    "monetary": 30.0,
    "plan": "pro",
}


def test_reasons_say_the_value_and_that_of_the_runner_up() -> None:
    recency, plan, often = reasons_for(VALUES, INFOS, [3.0, 0.5, 0.4, 1.0], ALONE, NEXT)
    assert recency.sentence == (
        "they last ordered 3 days ago; people in the runner-up segment typically 41 days"
    )
    assert (recency.value_text, recency.runner_up_text) == ("3", "41")
    assert plan.sentence == "their plan is pro; of the runner-up it is mostly free"
    assert often.sentence == (
        "they have placed 9 orders in all; people in the runner-up segment typically 2 orders"
    )


def test_what_is_the_same_in_both_is_no_reason() -> None:
    told = reasons_for(VALUES, INFOS, [0.1, 0.1, 9.0, 0.1], ALONE, NEXT)
    assert "monetary" not in {one.feature for one in told}


def test_features_that_tell_the_same_are_one_reason_of_their_weights_together() -> None:
    first, second = reasons_for(VALUES, INFOS, [2.0, 3.0, 0.0, 1.0], ((0, 1), (2,), (3,)), NEXT)
    assert (first.feature, first.weight) == ("frequency", 5.0)
    assert second.feature == "plan"


def test_what_speaks_for_the_runner_up_stands_last() -> None:
    told = reasons_for(VALUES, INFOS, [3.0, -2.0, 0.0, -0.01], ALONE, NEXT)
    assert [(one.feature, one.weight) for one in told] == [
        ("recency_days", 3.0),
        ("frequency", -2.0),
    ]


def test_unknown_values_are_said_to_be_unknown() -> None:
    values = {**VALUES, "recency_days": None, "plan": None}
    told = {one.feature: one for one in reasons_for(values, INFOS, [3.0, 1.0, 0, 2.0], ALONE, NEXT)}
    assert told["recency_days"].sentence.startswith("their days since the last order is unknown")
    assert told["plan"].value_text == "unknown"


def test_the_model_itself_says_what_its_odds_hang_on() -> None:
    """Of a model whose log-odds are a weighted sum, the weights times the differences come out."""
    row = pa.table({"recency_days": [3.0], "frequency": [9.0], "monetary": [30.0], "plan": ["pro"]})

    def shares(table: pa.Table) -> np.ndarray:
        odds = table["frequency"].to_numpy() - 0.1 * table["recency_days"].to_numpy()
        chance = 1 / (1 + np.exp(-odds))
        return np.column_stack((chance, 1 - chance))

    found = model_weights(row, ALONE, INFOS, NEXT, shares, 0)
    np.testing.assert_allclose(found, [3.8, 7.0, 0.0, 0.0], atol=1e-6)
