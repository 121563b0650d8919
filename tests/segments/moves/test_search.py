"""The cheapest acts are found, and only what the model is sure of counts."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.config import Role
from customer_atlas.features import Doing
from customer_atlas.segments import (
    Segment,
    SegmentMoves,
    Tried,
    cheapest_moves,
    doings,
    segment_moves,
)


def segment(cluster: int) -> Segment:
    return Segment(
        f"s{cluster}", f"Segment {cluster}", cluster, 10, 0.5, None, 1.0, {}, {}, (), (), (), ""
    )


SEGMENTS = [segment(0), segment(1), segment(2)]
ORDERS = doings([Role.TRANSACTIONS], sizes_vary=True)


def tried(orders_before: list[int], probability: float = 0.9) -> Tried:
    """Customers of a rule: in cluster 1 from four orders on, in 2 from ten, each kept if sure."""
    total = np.add.outer(orders_before, [one.orders for one in ORDERS]).ravel()
    table = pa.table(
        {
            "cluster": np.digitize(total, [4, 10]).astype(np.int32),
            "probability": np.full(len(total), probability),
            "distance": np.ones(len(total)),
            "kind": pa.repeat("learned", len(total)),
        }
    )
    return Tried.of(ORDERS, table)


def test_what_is_tried_begins_with_nothing_and_rises_in_cost() -> None:
    every = doings([Role.TRANSACTIONS, Role.EVENTS, Role.MESSAGES], sizes_vary=True)
    assert every[0] == Doing()
    costs = [(one.acts, one.orders * one.size) for one in every]
    assert costs == sorted(costs)
    assert len(every) == len(set(every))
    assert max(one.acts for one in every) == 12
    assert {one.size for one in doings([Role.TRANSACTIONS], sizes_vary=False)} == {1.0}


def test_the_cheapest_move_that_was_planted_is_found() -> None:
    to_one, to_two = cheapest_moves(tried([1]), 0, 0, SEGMENTS, 20.0, 30)
    assert (to_one.segment, to_one.doing, to_one.cost) == ("s1", Doing(orders=3), 3)
    assert to_one.spend == 60.0
    assert to_one.sentence == "3 more orders of about 20 each within 30 days"
    assert (to_two.segment, to_two.doing) == ("s2", Doing(orders=12))


def test_who_would_leave_is_told_first_what_keeps_them() -> None:
    leaving = tried([3])
    stays, *others = cheapest_moves(leaving, 0, 1, SEGMENTS, None, 30)
    assert (stays.segment, stays.stays, stays.doing, stays.spend) == ("s1", True, Doing(1), None)
    assert [one.stays for one in others] == [False]


def test_where_a_customer_comes_by_doing_nothing_there_is_no_move() -> None:
    assert [one.segment for one in cheapest_moves(tried([5]), 0, 0, SEGMENTS, None, 30)] == ["s2"]


def test_what_the_model_is_unsure_of_counts_for_nothing() -> None:
    assert cheapest_moves(tried([1], probability=0.49), 0, 0, SEGMENTS, None, 30) == ()
    found = segment_moves(tried([1, 2], probability=0.49), SEGMENTS[0], SEGMENTS, 30)
    assert {one.any for one in found.targets} == {0.0}
    assert found.sentences[1].endswith("nothing that was tried brings any of them there.")


def test_outliers_land_nowhere() -> None:
    table = pa.table(
        {
            "cluster": np.ones(len(ORDERS), np.int32),
            "probability": np.ones(len(ORDERS)),
            "distance": np.ones(len(ORDERS)),
            "kind": pa.repeat("outlier", len(ORDERS)),
        }
    )
    assert cheapest_moves(Tried.of(ORDERS, table), 0, 0, SEGMENTS, None, 30) == ()


def test_shares_of_a_segment_are_those_of_its_customers() -> None:
    found = segment_moves(tried([1, 1, 2, 3, 5]), SEGMENTS[0], SEGMENTS, 30)
    own, *others = found.targets
    one = next(other for other in others if other.segment == "s1")
    assert own.segment == "s0"
    assert own.by_itself == pytest.approx(0.8)
    assert one.by_itself == pytest.approx(0.2)
    assert [rung.share for rung in one.rungs[:3]] == pytest.approx([0.4, 0.6, 1.0])
    assert one.best.doing == Doing(orders=3)
    assert one.any == 1.0
    assert found.say(one) == "20% without acting; 100% (57% to 100%) after 3 more orders like" \
        " their usual one."  # fmt: skip


def test_what_was_kept_of_a_segment_is_read_back() -> None:
    found = segment_moves(tried([1, 2]), SEGMENTS[0], SEGMENTS, 30)
    assert SegmentMoves.from_dict(json.loads(json.dumps(found.to_dict()))) == found
