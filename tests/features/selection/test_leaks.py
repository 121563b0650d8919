from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from customer_atlas.features.selection.leaks import knows_the_label, knows_the_later
from tests.features.selection.columns import customers_of
from tests.features.selection.planted import table

N = 600
RNG = np.random.default_rng(8)
CHURNED = RNG.random(N) < 0.2
SCORE = RNG.normal(size=N)
TIER = RNG.choice(["bronze", "gold", "silver"], N)


def told(label: Any, **columns: Any) -> dict[str, str]:
    customers = customers_of(**columns)
    labels = table([f"customer {place}" for place in range(len(label))], {"label": label})
    return dict(knows_the_label(list(customers.columns.values()), customers, labels))


@given(distance=st.floats(0, 8), seed=st.integers(0, 1000), sign=st.sampled_from([-1, 1]))
def test_a_number_leaks_when_scikit_learns_area_is_099_either_way(
    distance: float, seed: int, sign: int
) -> None:
    values = sign * (CHURNED * distance + np.random.default_rng(seed).normal(size=N))
    area = roc_auc_score(CHURNED, values)
    assert bool(told(CHURNED, feature=values)) == (max(area, 1 - area) >= 0.99)


@pytest.mark.parametrize("unknown", [CHURNED, ~CHURNED])
def test_to_be_unknown_may_be_the_leak(unknown: np.ndarray[Any, Any]) -> None:
    assert told(CHURNED, days_since_leaving=np.where(unknown, np.nan, SCORE))


def test_to_be_unknown_may_mean_the_same_as_to_have_much() -> None:
    much = np.where(SCORE > 0, np.nan, 9 + SCORE)
    assert told(CHURNED, fee=np.where(CHURNED, much, SCORE))
    assert told(CHURNED, fee=np.where(CHURNED, -much, SCORE))


def test_a_category_leaks_by_what_its_levels_mean_for_others() -> None:
    status = np.where(CHURNED, "closed", np.where(SCORE > 0, "open", "new"))
    assert set(told(CHURNED, status=status, tier=TIER)) == {"status"}


def test_a_category_that_everybody_has_alone_does_not_leak() -> None:
    assert not told(CHURNED, phone=[f"{place:05}" for place in range(N)])


def test_a_label_of_numbers_is_told_by_rank() -> None:
    label = SCORE * 100
    found = told(label, cubed=SCORE**3, near=SCORE + RNG.normal(0, 0.5, N), away=-SCORE)
    assert set(found) == {"cubed", "away"}
    assert found["away"] == (
        "It tells the label 'label' almost alone: their rank correlation is 1.0000 over 600 "
        "customers."
    )


def test_a_label_of_three_values_leaks_only_where_all_are_told() -> None:
    points = np.select([TIER == "bronze", TIER == "silver"], [1.0, 2.0], 3.0)
    code = [name[0] for name in TIER]
    only_gold = (TIER == "gold").astype(float)
    found = told(TIER, points=points + RNG.uniform(0, 0.5, N), code=code, only_gold=only_gold)
    assert set(found) == {"points", "code"}
    assert "it tells its 3 values from one another, over 600 customers" in found["code"]


def test_fewer_than_twenty_of_a_kind_prove_nothing() -> None:
    rare = np.arange(N) < 19
    assert not told(rare, same=rare.astype(float))
    assert told(np.arange(N) < 20, same=(np.arange(N) < 20).astype(float))


def test_customers_without_a_label_do_not_count() -> None:
    label = [bool(churned) if place < 300 else None for place, churned in enumerate(CHURNED)]
    feature = np.where(np.arange(N) < 300, CHURNED, SCORE).astype(float)
    assert "'True' from" in told(label, feature=feature)["feature"]


@given(seed=st.integers(0, 100_000))
def test_honest_features_are_not_said_to_leak(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {"x": rng.normal(size=N), "level": rng.choice(["a", "b", "c"], N)}
    columns["bought"] = CHURNED + rng.normal(0, 0.7, N)
    for label in (CHURNED, SCORE, TIER):
        assert not told(label, **columns)


def test_what_equals_the_future_leaks_and_what_is_near_it_does_not() -> None:
    spend = np.where(CHURNED, np.exp(SCORE), 0.0)
    customers = customers_of(same=spend, near=spend * 1.001, none=np.zeros(N), name=TIER)
    place = [int(one.split()[1]) for one in customers.ids.to_pylist()]
    outcomes = [("active", CHURNED[place].astype(float)), ("spend", spend[place])]
    found = dict(knows_the_later(customers.columns.values(), outcomes))
    assert set(found) == {"same"}
    assert "'spend'" in found["same"]
    assert "for all 600 customers" in found["same"]


def test_a_future_in_which_hardly_anything_happens_proves_nothing() -> None:
    hardly = np.zeros(N)
    customers = customers_of(feature=hardly)
    assert not list(knows_the_later(customers.columns.values(), [("active", hardly)]))
