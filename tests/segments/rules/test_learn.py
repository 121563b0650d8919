"""Rules that tell who is in a segment."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.config import Condition
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.rules import Place, SegmentRule, holds, learn_rules, measured
from customer_atlas.segments.rules.candidates import said_figures

RECENCY = FeatureInfo("recency_days", "rfm", "days", "days since the last order")
ORDERS = FeatureInfo("orders_90d", "windows", "orders", "orders in 90 days", zero=True)
COUNTRY = FeatureInfo("country", "geographic", "category", "country", kind="category")
INFOS = (RECENCY, ORDERS, COUNTRY)


def people(count: int = 3_000, seed: int = 0) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table(
        {
            "customer_id": [f"c{i}" for i in range(count)],
            "recency_days": draw.gamma(2.0, 30.0, count),
            "orders_90d": draw.poisson(4.0, count).astype(float),
            "country": draw.choice(["DE", "FR", "IT"], count),
        }
    )


def learned(table: pa.Table, inside: np.ndarray, **asked: np.ndarray) -> Condition | None:
    weights = asked.get("weights", np.ones(len(inside)))
    return learn_rules(table, inside.astype(np.int64), weights, INFOS).get(1)


def test_a_rule_that_people_could_have_written_is_found_again() -> None:
    table = people()
    truth = Condition.of(
        {"all": [{"feature": "orders_90d", "at_least": 5}, {"feature": "recency_days",
                                                            "at_most": 50}]}
    )  # fmt: skip
    inside = holds(truth, table, {info.name: info for info in INFOS})

    found = learned(table, inside)

    assert found is not None
    assert {one.feature: one.tests for one in found.parts} == {
        "orders_90d": {"at_least": 5.0},
        "recency_days": {"at_most": 50.0},
    }


def test_a_category_and_an_alternative_are_found() -> None:
    table = people()
    truth = Condition.of({"any": [{"feature": "country", "is": "FR"},
                                  {"feature": "recency_days", "at_least": 90}]})  # fmt: skip
    inside = holds(truth, table, {info.name: info for info in INFOS})

    assert learned(table, inside) == truth


def test_the_unknown_are_told_by_being_unknown() -> None:
    table = people()
    column = table["recency_days"].to_pylist()
    unknown = np.arange(len(column)) % 10 == 0
    values = [None if hidden else value for hidden, value in zip(unknown, column, strict=True)]
    table = table.set_column(1, "recency_days", pa.array(values, pa.float64()))

    assert learned(table, unknown) == Condition.of({"feature": "recency_days", "known": False})


def test_figures_have_more_digits_only_where_that_pays() -> None:
    table = people(6_000)
    recency = np.asarray(table["recency_days"])
    near, odd = learned(table, recency <= 51.3), learned(table, np.abs(recency - 60.35) < 2.6)
    assert near is not None
    assert odd is not None

    assert near.tests == {"at_most": 50.0}
    low, high = odd.tests["between"]
    assert (low, high) == (pytest.approx(57.75, abs=0.6), pytest.approx(62.95, abs=0.6))


def test_a_rule_does_not_depend_on_the_order_of_rows() -> None:
    table = people()
    inside = np.asarray(table["recency_days"]) + 9 * np.asarray(table["orders_90d"]) < 70
    order = np.random.default_rng(1).permutation(len(inside))

    assert learned(table, inside) == learned(table.take(order), inside[order])


def test_weights_count_as_customers() -> None:
    """A sample in which a segment is drawn more often gives the rule of everybody."""
    table = people(4_000)
    recency = np.asarray(table["recency_days"])
    inside = (recency <= 12) & (np.arange(len(recency)) % 3 > 0)
    drawn = inside | (np.arange(len(recency)) % 4 == 0)
    weights = np.where(inside, 1.0, 4.0)[drawn]

    whole = learned(table, inside)
    part = learned(table.filter(pa.array(drawn)), inside[drawn], weights=weights)

    assert whole is not None
    assert part is not None
    assert part.tests["at_most"] == pytest.approx(whole.tests["at_most"], rel=0.1)


def test_a_segment_of_one_customer_has_a_rule_with_its_figures() -> None:
    table = people(200)
    inside = np.arange(200) == 17

    rule = learned(table, inside)
    assert rule is not None
    (found,) = measured(
        {"g1-a": (Place(1, 1), rule)}, [(table, [pa.chunked_array([inside * 1])])], INFOS
    )

    assert found.size == 1
    assert found.inside == 1
    assert found.precision == 1 / found.matched


def test_a_segment_of_everybody_or_without_features_has_no_rule() -> None:
    table = people(50)
    everybody = np.ones(50, np.int64)
    halves = np.arange(50, dtype=np.int64) % 2

    assert learn_rules(table, everybody, np.ones(50), INFOS) == {}
    assert learn_rules(table, halves, np.ones(50), ()) == {}
    alike = pa.table({"orders_90d": np.zeros(50)})
    assert learn_rules(alike, halves, np.ones(50), (ORDERS,)) == {}


def test_precision_and_coverage_are_those_of_all_customers() -> None:
    tables = [people(500, seed) for seed in (1, 2)]
    rule = Condition.of({"feature": "orders_90d", "at_least": 5})
    clusters = [np.arange(500) % 3, np.arange(500) % 2]

    buckets = [(t, [pa.chunked_array([c])]) for t, c in zip(tables, clusters, strict=True)]
    (found,) = measured({"g1-a": (Place(1, 0), rule)}, buckets, INFOS)

    matched = np.concatenate([np.asarray(table["orders_90d"]) >= 5 for table in tables])
    inside = np.concatenate(clusters) == 0
    assert found.precision == (matched & inside).sum() / matched.sum()
    assert found.coverage == (matched & inside).sum() / inside.sum()
    assert SegmentRule.from_dict(found.to_dict()) == found


def test_a_rule_that_holds_of_nobody_says_so() -> None:
    rule = SegmentRule("g1-a", Condition.of({"feature": "x", "below": 0}), "x below 0", 0, 0, 9)

    assert rule.precision is None
    assert rule.sentence == "X below 0. No customer is like that now."


def test_figures_are_near_to_what_was_measured() -> None:
    draw = np.random.default_rng(0)
    for value in np.concatenate([draw.lognormal(0, 4, 200), -draw.lognormal(0, 4, 50)]):
        figures = said_figures([float(value)])
        assert min(abs(one - value) for one in figures) <= 0.006 * abs(value)
        assert all(abs(one - value) <= max(1.0, 0.5 * abs(value)) for one in figures)
    assert all(one.is_integer() for one in said_figures([3.7, 84.2, 1204.0], whole=True))
