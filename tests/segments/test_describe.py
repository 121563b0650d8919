"""Segments from end to end: records, ids, the five most telling features and the sentence."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa
import pytest

from customer_atlas.features import FeatureInfo
from customer_atlas.segments import Segment, describe_segments, segment_ids
from tests.segments.shop import INFOS, in_buckets, shop


@pytest.fixture(scope="module")
def segments(tables, infos):
    return describe_segments(in_buckets(tables[0], tables[1], 4), infos, "g1")


@pytest.fixture(scope="module")
def frame(tables):
    features, members = tables
    return features.to_pandas().merge(members.to_pandas(), on="customer_id")


def test_a_record_survives_json(segments):
    for one in segments:
        assert Segment.from_dict(json.loads(json.dumps(one.to_dict(), allow_nan=False))) == one


def test_the_same_input_gives_the_same_record(tables, infos, segments):
    assert describe_segments(in_buckets(tables[0], tables[1], 4), infos, "g1") == segments


def test_shares_add_up(segments, tables):
    assert sum(one.size for one in segments) == len(tables[0])
    assert sum(one.share for one in segments) == pytest.approx(1)
    assert sum(one.revenue_share for one in segments) == pytest.approx(1)


def test_values_and_directions_are_those_of_the_data(segments, frame):
    for one in segments:
        mine = frame[frame["cluster"] == one.cluster]
        assert len(one.telling) == 5
        effects = [abs(t.effect) for t in one.telling]
        assert effects == sorted(effects, reverse=True)
        for telling in one.telling:
            assert telling.segment_value == pytest.approx(_oracle(telling, mine), rel=0.005)
            assert telling.overall_value == pytest.approx(_oracle(telling, frame), rel=0.005)
            higher = telling.segment_value > telling.overall_value
            assert (telling.direction == "higher") == higher == (telling.effect > 0)


def _oracle(telling, frame):
    column = frame[telling.feature]
    if telling.label.endswith(("unknown", "one day only")):
        return column.isna().mean()
    if telling.statistic == "share":
        return (column.dropna() == telling.label.split(": ")[1]).mean()
    return column.median() if telling.statistic == "median" else column.mean()


def test_every_number_of_a_sentence_is_in_the_facts(segments):
    for one in segments:
        facts = {
            f"{one.size:,}",
            *(t for x in one.telling for t in (x.segment_text, x.overall_text)),
        }
        facts = {fact.strip("-%") for fact in facts}
        facts |= {f"{s * 100:.{d}f}" for s in (one.share, one.revenue_share) for d in (0, 1)}
        facts |= {"1", "30", "90", "365"}
        numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", one.sentence)
        assert len(numbers) >= 6
        assert set(numbers) <= facts, one.sentence


def test_a_sentence_reads_well(segments):
    best = segments[0]
    assert re.fullmatch(
        r"120 customers \(8%\) bring \d+% of revenue: typically they .* for everyone.*\.",
        best.sentence,
    )
    assert best.sentence.count("for everyone") == 1
    assert best.reasons
    assert all(reason in best.sentence for reason in best.reasons[:3])


def test_what_a_name_claims_is_among_the_reasons(segments):
    lovers = next(one for one in segments if "produce lovers" in one.name)
    assert any("produce" in reason for reason in lovers.reasons)
    assert "share_produce" in {one.feature for one in lovers.telling}
    assert "produce" in lovers.sentence


def test_telling_features_speak_of_different_things(segments):
    for one in segments:
        often = [t.feature for t in one.telling if t.feature in ("frequency", "gap_mean_days")]
        assert len(often) <= 1 or min(abs(t.effect) for t in one.telling) < 0.2


def test_ids_come_from_prefix_and_cluster_or_from_the_caller(tables, infos, segments):
    assert {one.id for one in segments} == set(segment_ids("g1", range(6)).values())
    assert all(re.fullmatch(r"g1-[0-9a-f]{4}", one.id) for one in segments)
    given = describe_segments(in_buckets(tables[0], tables[1], 4), infos, "g1", ids={0: "vip"})
    assert next(one.id for one in given if one.cluster == 0) == "vip"


def test_ids_differ_however_many_there_are():
    ids = segment_ids("g7", range(2000))
    assert len(set(ids.values())) == 2000
    assert {len(one) for one in ids.values()} == {len("g7-") + 6}
    with pytest.raises(ValueError, match="must differ"):
        segment_ids("g7", [1, 1])


def test_without_money_the_largest_segment_is_first_and_no_share_is_said():
    infos = tuple(i for i in INFOS if i.name not in ("monetary", "order_value_mean"))
    found = describe_segments([shop()], infos, "g1")
    assert [one.size for one in found] == sorted((one.size for one in found), reverse=True)
    assert {one.revenue_share for one in found} == {None}
    assert not any("revenue" in one.sentence for one in found)
    assert not any("spend" in one.name for one in found)


def test_a_segment_of_one_that_takes_back_money_is_said_so():
    infos = (
        FeatureInfo("monetary", "rfm", "money", "net spend", zero=True),
        FeatureInfo("frequency", "rfm", "orders", "orders", zero=True),
    )
    features = pa.table(
        {
            "customer_id": ["a", "b", "c"],
            "monetary": [100.0, 120.0, -20.0],
            "frequency": [5.0, 7.0, 0.0],
        }
    )
    members = pa.table(
        {
            "customer_id": ["a", "b", "c"],
            "cluster": pa.array([0, 0, 1], pa.int32()),
            "probability": [1.0] * 3,
            "distance": [0.0] * 3,
        }
    )
    first, second = describe_segments([(features, members)], infos, "g1")
    assert second.sentence.startswith("1 customer (33%) takes back 10% of revenue: ")
    assert "no orders" in second.sentence
    assert first.size == 2
    assert second.revenue_share == pytest.approx(-0.1)


def test_everyone_in_one_segment_is_said_plainly():
    features, members = shop()
    alone = members.set_column(1, "cluster", pa.array(np.zeros(len(members)), pa.int32()))
    (only,) = describe_segments([(features, alone)], INFOS, "g1")
    assert only.sentence == "All 1,430 customers are in one group."
    assert only.name == "All shoppers"
    assert only.telling == ()
    assert only.revenue_share == 1.0


def test_a_category_that_is_mostly_unknown_says_so_and_not_what_it_is():
    infos = (FeatureInfo("plan", "attributes", "category", "plan", kind="category"),)
    plans = ["gold"] + [None] * 9 + ["gold", "free"] * 5
    ids = [f"c{n}" for n in range(20)]
    features = pa.table({"customer_id": ids, "plan": pa.array(plans, pa.string())})
    members = pa.table(
        {
            "customer_id": ids,
            "cluster": pa.array([0] * 10 + [1] * 10, pa.int32()),
            "probability": [1.0] * 20,
            "distance": [0.0] * 20,
        }
    )
    first = next(s for s in describe_segments([(features, members)], infos, "g") if s.cluster == 0)
    assert [t.label for t in first.telling] == ["plan: unknown"]
    assert first.telling[0].segment_value == 0.9
    assert "gold" not in first.name.lower()


@pytest.mark.parametrize(("known", "said"), [(4, False), (6, True)])
def test_a_number_speaks_for_a_group_only_where_half_of_it_is_known(known, said):
    infos = (FeatureInfo("gap_mean_days", "rhythm", "days", "days between purchases"),)
    draw = np.random.default_rng(3)
    gaps = [*(70 + draw.random(known)), *[None] * (10 - known), *(7 + draw.random(20))]
    ids = [f"c{n:02d}" for n in range(30)]
    features = pa.table({"customer_id": ids, "gap_mean_days": pa.array(gaps, pa.float64())})
    members = pa.table(
        {
            "customer_id": ids,
            "cluster": pa.array([0] * 10 + [1] * 20, pa.int32()),
            "probability": [1.0] * 30,
            "distance": [0.0] * 30,
        }
    )
    first = next(s for s in describe_segments([(features, members)], infos, "g") if s.cluster == 0)
    assert any(t.label == "days between purchases" for t in first.telling) == said
    assert ("buy every 70 days" in first.sentence or "buy every 71" in first.sentence) == said
    assert ("bought on one day only" in first.sentence) != said
