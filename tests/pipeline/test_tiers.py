from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.features import FeatureInfo
from customer_atlas.pipeline.tiers import SCORES, TIERS, tier_rules, tiers_of
from customer_atlas.segments import holds

__all__: list[str] = []


def _tier(total: float) -> int:
    return next(at for at, least in enumerate((13, 10, 7, 3)) if total >= least)


def test_every_sum_of_scores_has_the_tier_that_its_name_says() -> None:
    scores = list(product(range(1, 6), repeat=3))
    columns = np.array(scores, float).T
    found = tiers_of(pa.table(dict(zip(SCORES, columns, strict=True))))
    assert found.dtype == np.int32
    assert found.tolist() == [_tier(sum(one)) for one in scores]
    for total, tier in zip(map(sum, scores), found.tolist(), strict=True):
        low, high = TIERS[tier].split("RFM sum ")[1].strip(")").split(" to ")
        assert int(low) <= total <= int(high)


def test_customers_without_orders_are_the_last_tier() -> None:
    table = pa.table({name: pa.array([None, 5.0, None], pa.float64()) for name in SCORES})
    assert tiers_of(table).tolist() == [4, 0, 4]
    assert TIERS[4] == "Without orders"


def test_without_money_the_other_scores_count_half_as_much_again() -> None:
    scores = list(product(range(1, 6), repeat=2))
    columns = np.array(scores, float).T
    table = pa.table(dict(zip(SCORES[:2], columns, strict=True)))
    assert tiers_of(table).tolist() == [_tier(1.5 * sum(one)) for one in scores]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.float32(), pa.float64()])
def test_scores_of_any_type_are_read(kind: pa.DataType) -> None:
    table = pa.table({name: pa.array([1, 3, 5, None], kind) for name in SCORES})
    assert tiers_of(table).tolist() == [3, 2, 0, 4]


def test_nobody_has_no_tier() -> None:
    assert tiers_of(pa.table({name: pa.array([], pa.float64()) for name in SCORES})).tolist() == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_rule_of_a_tier_holds_of_exactly_its_customers(count: int) -> None:
    names = SCORES[:count]
    grid = list(product((None, 1.0, 2.0, 3.0, 4.0, 5.0), repeat=count))
    table = pa.table({name: [row[i] for row in grid] for i, name in enumerate(names)})
    infos = {name: FeatureInfo(name, "rfm", "score", name) for name in names}
    tiers = tiers_of(table)

    for number, (condition, _) in enumerate(tier_rules(names)):
        assert (holds(condition, table, infos) == (tiers == number)).all()


def test_the_rules_of_tiers_read_as_the_tiers_are_named() -> None:
    assert [said.split("add up to ")[-1] for _, said in tier_rules(SCORES)] == [
        "13 or more",
        "10 to 12",
        "7 to 9",
        "6 or less",
        "no order gives a score",
    ]
