"""Groups that people would not treat differently are one; all others stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_atlas.clustering import Joined
from customer_atlas.features import FeatureInfo
from customer_atlas.segments import Alike

__all__: list[str] = []

INFOS = (
    FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),
    FeatureInfo("recency_days", "rfm", "days", "days since the last order"),
    FeatureInfo("plan", "attributes", "category", "plan", kind="category"),
    FeatureInfo("confidence", "lifecycle", "share", "weight of their own history"),
    FeatureInfo("monetary_score", "rfm", "score", "monetary score"),
)
SIZE = 900


def made(seed: int = 0, n: int = SIZE) -> tuple[dict[str, NDArray[Any]], NDArray[np.int32]]:
    """Columns that do not depend on the group, and three groups (n,)."""
    draw = np.random.default_rng(seed)
    columns = {
        "monetary": draw.lognormal(5, 1, n),
        "recency_days": draw.gamma(2, 20, n),
        "plan": draw.choice(["basic", "gold", "free"], n),
        "confidence": draw.random(n),
        "monetary_score": draw.integers(1, 6, n).astype(float),
    }
    return columns, (np.arange(n) % 3).astype(np.int32)


def join(columns: dict[str, NDArray[Any]], labels: NDArray[np.int32]) -> Joined:
    table = pa.table(columns)
    return Alike(table, INFOS, np.ones(len(labels)))(labels, np.arange(len(labels)))


@pytest.mark.parametrize("column", ["confidence", "monetary_score"])
def test_a_split_in_a_column_that_nobody_acts_on_is_merged(column: str) -> None:
    columns, labels = made()
    columns[column] = columns[column] + 50.0 * labels
    found = join(columns, labels)
    assert found.segments.tolist() == [0, 0, 0]
    assert len(found.reasons) == 2
    assert "nothing that people see surely tells them apart by more than 0.2" in found.reasons[0]


@pytest.mark.parametrize("n", [300, 900])
def test_a_split_in_a_number_that_people_act_on_stays(n: int) -> None:
    columns, labels = made(n=n)
    columns["monetary"] = columns["monetary"] * np.where(labels == 1, 4.0, 1.0)
    found = join(columns, labels)
    assert found.segments.tolist() == [0, 1, 0]
    assert len(found.reasons) == 1


def test_a_split_in_a_category_stays() -> None:
    columns, labels = made()
    columns["plan"] = np.where(labels == 2, "gold", columns["plan"])
    assert join(columns, labels).segments.tolist() == [0, 0, 1]


def test_what_is_known_of_customers_is_no_difference_between_them() -> None:
    columns, labels = made()
    columns["recency_days"] = np.where(
        (labels == 0) & (np.arange(SIZE) % 2 == 0), np.nan, columns["recency_days"]
    )
    assert join(columns, labels).segments.max() == 0


def test_a_missing_value_that_means_none_is_a_value() -> None:
    columns, labels = made()
    columns["monetary"] = np.where(labels == 0, np.nan, columns["monetary"])
    assert join(columns, labels).segments.tolist() == [0, 1, 1]


def test_the_most_alike_go_first_and_chains_do_not_run_on() -> None:
    columns, labels = made(n=30_000)
    # The first two differ by 0.15 and the last two by 0.18: all three together are 0.33 apart.
    columns["recency_days"] = np.random.default_rng(5).normal(size=30_000)
    columns["recency_days"] += np.array([0.0, 0.15, 0.33])[labels]
    assert join(columns, labels).segments.tolist() == [0, 0, 1]


def test_outliers_and_units_make_no_difference() -> None:
    columns, labels = made()
    columns["recency_days"] = columns["recency_days"] * 1e6
    columns["recency_days"][:2] = 1e15
    assert join(columns, labels).segments.max() == 0


@given(st.integers(0, 10_000))
def test_groups_drawn_from_one_are_one_and_the_order_of_rows_does_not_matter(seed: int) -> None:
    columns, labels = made(seed, n=240)
    order = np.random.default_rng(seed).permutation(240)
    columns["monetary"] = columns["monetary"] + 1e4 * (labels == 2)
    mixed = {name: values[order] for name, values in columns.items()}
    found, again = join(columns, labels), join(mixed, labels[order])
    assert found.segments.tolist() == again.segments.tolist() == [0, 0, 1]


def test_weights_count_as_customers() -> None:
    columns, labels = made(n=600)
    heavy = np.where(columns["plan"] == "gold", 30.0, 1.0)
    weights = np.where(labels == 0, heavy, 1.0)
    alike = Alike(pa.table(columns), INFOS, weights)(labels, np.arange(600))
    assert alike.segments.tolist() == [0, 1, 1]


def test_only_the_rows_asked_for_are_looked_at() -> None:
    columns, labels = made()
    columns["monetary"][450:] *= np.where(labels[450:] == 0, 9.0, 1.0)
    ask = Alike(pa.table(columns), INFOS, np.ones(SIZE))
    assert ask(labels[:450], np.arange(450)).segments.max() == 0
    assert ask(labels[450:], np.arange(450, SIZE)).segments.tolist() == [0, 1, 1]


@pytest.mark.parametrize("labels", [np.zeros(9, np.int32), np.full(9, -1, np.int32)])
def test_one_group_and_none_are_left_alone(labels: NDArray[np.int32]) -> None:
    columns, _ = made(n=9)
    assert join(columns, labels).reasons == ()


def test_without_a_feature_that_people_see_nothing_is_said() -> None:
    labels = (np.arange(90) % 2).astype(np.int32)
    table = pa.table({"confidence": np.random.default_rng(0).random(90)})
    assert Alike(table, INFOS, np.ones(90))(labels, np.arange(90)).segments.tolist() == [0, 1]
