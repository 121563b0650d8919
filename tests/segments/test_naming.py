"""Names: true, unique, short, the same every time, and free of contradictions."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pyarrow as pa
import pytest
from sklearn.cluster import KMeans

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.claims import tier_of
from customer_atlas.segments.effects import group_contrasts
from customer_atlas.segments.naming import name_groups
from customer_atlas.segments.profile import profile_buckets
from tests.segments.shop import INFOS, shop

# Kind of customer in the shop, and words of which one at least must be in its name.
EXPECTED = {
    0: ("top",),
    1: ("bargain-hunting", "loyal", "regulars"),
    2: ("lapsed", "fading"),
    3: ("new", "growing", "Leeds"),
    4: ("one-time",),
    5: ("produce lovers",),
}


def _groups(features, members, infos=INFOS):
    return group_contrasts(profile_buckets([(features, members)], infos), infos)


def _clustered(seed, count):
    """Return the shop, cut into `count` groups by k-means on ranks, not along its kinds."""
    features, members = shop(seed)
    columns = [features[i.name].to_pandas().rank() for i in INFOS if i.kind == "number"]
    matrix = np.nan_to_num(np.column_stack(columns))
    labels = KMeans(count, n_init=1, random_state=seed).fit_predict(matrix)
    at = members.column_names.index("cluster")
    return features, members.set_column(at, "cluster", pa.array(labels, pa.int32()))


def _table(**columns):
    count = len(next(iter(columns.values())))
    ids = [f"c{n}" for n in range(count)]
    return pa.table({"customer_id": ids, **columns})


def _members(clusters):
    ids = [f"c{n}" for n in range(len(clusters))]
    ones = [1.0] * len(clusters)
    return pa.table(
        {"customer_id": ids, "cluster": clusters, "probability": ones, "distance": ones}
    )


def test_known_kinds_of_customer_get_the_words_of_their_kind(tables):
    names = name_groups(_groups(*tables))
    for kind, words in EXPECTED.items():
        assert any(word.lower() in names[kind].text.lower() for word in words), names[kind].text


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [2, 6, 12, 20])
def test_every_claim_in_a_name_is_true_of_the_group(seed, count):
    features, members = _clustered(seed, count)
    groups = _groups(features, members)
    frame = features.to_pandas().merge(members.to_pandas(), on="customer_id")
    tiers = {g.cluster: tier_of(g, groups) for g in groups}
    for cluster, name in name_groups(groups).items():
        mine = frame[frame["cluster"] == cluster]
        for claim in name.claims:
            _check_claim(claim, mine, frame, tiers[cluster])


def _check_claim(claim, mine, everyone, tier):
    if claim.slot == "tier" or "spenders" in claim.text:
        ratio = mine["monetary"].mean() / everyone["monetary"].mean()
        bounds = {"top": (1.5, 1e9), "valuable": (1.2, 2), "mid": (0.6, 1.2), "low": (-1e9, 0.6)}
        low, high = bounds[tier]
        assert low <= ratio <= high
        words = {"top": "top big", "valuable": "valuable high", "mid": "mid", "low": "low light"}
        assert any(word in claim.text for word in words[tier].split())
    elif claim.feature == "city":
        assert (mine["city"].dropna() == claim.text).mean() > 0.5
    else:
        difference = mine[claim.feature].mean() - everyone[claim.feature].mean()
        assert difference * claim.sign > 0, claim
    if claim.text == "lapsed":
        assert mine["recency_days"].median() >= 1.5 * everyone["recency_days"].mean() * 0.9 or (
            mine["recency_days"].median() >= 1.5 * everyone["recency_days"].median() * 0.99
        )
    if claim.text == "one-time":
        assert (mine["frequency"] <= 1).mean() >= 0.8
    if claim.text == "new":
        assert mine["age_days"].mean() < everyone["age_days"].mean()
    if claim.text == "loyal":
        assert mine["tenure_days"].mean() > everyone["tenure_days"].mean()
        assert mine["recency_days"].mean() < everyone["recency_days"].mean()


@pytest.mark.parametrize("count", [3, 8, 20])
def test_names_are_unique_and_of_two_to_four_words(count):
    features, members = _clustered(1, count)
    names = [name.text for name in name_groups(_groups(features, members)).values()]
    assert len(names) == len(set(names)) == count
    for name in names:
        assert 2 <= len(name.split()) <= 4, name
        assert name[0].isupper()
        assert not any(character.isdigit() for character in name), name


@pytest.mark.parametrize("count", [6, 20])
def test_no_name_contradicts_itself(count):
    forbidden = (
        ("lapsed", "frequent"), ("lapsed", "weekly"), ("new", "loyal"), ("new", "lapsed"),
        ("lapsed", "growing"), ("one-time", "regulars"), ("occasional", "regulars"),
        ("top", "light"), ("low-spend", "high"), ("low-spend", "big-basket"),
        ("irregular", "regulars"), ("premium", "bargain-hunting"),
    )  # fmt: skip
    for seed in range(3):
        for name in name_groups(_groups(*_clustered(seed, count))).values():
            words = set(name.text.lower().split())
            for pair in forbidden:
                assert not words >= set(pair), name.text
            axes = list(itertools.chain.from_iterable(claim.axes for claim in name.claims))
            assert len(axes) == len(set(axes)), name.text


def test_names_do_not_depend_on_the_order_of_rows_or_on_the_numbers_of_clusters():
    features, members = _clustered(2, 10)
    names = name_groups(_groups(features, members))
    order = pa.array(np.random.default_rng(5).permutation(len(features)))
    shifted = pa.array(np.asarray(members["cluster"]) + 7, pa.int32())
    again = members.set_column(1, "cluster", shifted)
    moved = name_groups(_groups(features.take(order), again.take(order)))
    assert {c + 7: name.text for c, name in names.items()} == {
        c: name.text for c, name in moved.items()
    }


def test_of_two_alike_groups_the_second_takes_another_contrast():
    features, members = shop()
    clusters = np.asarray(members["cluster"]).copy()
    lapsed = np.flatnonzero(clusters == 2)
    clusters[lapsed[::2]] = 9
    split = members.set_column(1, "cluster", pa.array(clusters, pa.int32()))
    names = name_groups(_groups(features, split))
    assert names[2].text != names[9].text
    assert {claim.text for claim in names[2].claims} != {claim.text for claim in names[9].claims}


def test_identical_groups_are_told_apart_by_a_mark_that_claims_nothing():
    infos = (FeatureInfo("frequency", "rfm", "orders", "orders"),)
    table = _table(frequency=[3.0, 5.0] * 25)
    groups = _groups(table, _members(list(np.repeat(np.arange(25), 2))), infos)
    names = [name.text for name in name_groups(groups).values()]
    assert len(set(names)) == 25
    assert "Average shoppers" in names
    assert "Amber average shoppers" in names


def test_one_group_is_everyone():
    infos = (FeatureInfo("frequency", "rfm", "orders", "orders"),)
    groups = _groups(_table(frequency=[3.0, 5.0]), _members([0, 0]), infos)
    assert name_groups(groups)[0].text == "All shoppers"


def test_a_group_of_one_has_a_name():
    infos = (FeatureInfo("recency_days", "rfm", "days", "days since the last order"),)
    groups = _groups(_table(recency_days=[1.0, 2.0, 3.0, 400.0]), _members([0, 0, 0, 1]), infos)
    assert name_groups(groups)[1].text == "Lapsed shoppers"


def test_a_name_that_people_know_a_group_by_stays_and_no_other_group_takes_it():
    groups = _groups(*shop())
    fresh = {cluster: name.text for cluster, name in name_groups(groups).items()}
    kept = name_groups(groups, keep={0: fresh[1], 4: "Christmas club"})
    assert kept[0].text == fresh[1]
    assert kept[4].text == "Christmas club"
    assert len({name.text for name in kept.values()}) == len(kept)


def test_attributes_alone_give_names():
    infos = (
        FeatureInfo("Income", "attributes", "number", "Income"),
        FeatureInfo("Education", "attributes", "category", "Education", kind="category"),
        FeatureInfo("SeniorCitizen", "attributes", "number", "SeniorCitizen"),
    )
    table = _table(
        Income=[10.0, 11.0, 12.0, 90.0, 91.0, 95.0, 50.0, 52.0],
        Education=["Basic", "Basic", "Basic", "PhD", "PhD", "Master", "Master", "Basic"],
        SeniorCitizen=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0],
    )
    names = name_groups(_groups(table, _members([0, 0, 0, 1, 1, 1, 2, 2]), infos))
    assert "Low-income" in names[0].text
    assert "income" in names[1].text.lower()
    assert "enior-citizen" in names[2].text
    assert all(name.text.endswith("customers") for name in names.values())


def test_events_alone_make_visitors():
    infos = (
        FeatureInfo("events_count", "engagement", "events", "events", high="busy", low="quiet"),
        FeatureInfo("share_type_cart", "engagement", "share", "share of events that are 'cart'"),
    )
    table = _table(events_count=[1.0, 2.0, 30.0, 40.0], share_type_cart=[0.5, 0.6, 0.1, 0.1])
    names = name_groups(_groups(table, _members([0, 0, 1, 1]), infos))
    assert names[0].text in ("Quiet cart-heavy visitors", "Cart-heavy visitors", "Quiet visitors")
    assert names[1].text == "Busy visitors"


def test_a_features_own_adjective_wins():
    infos = tuple(
        dataclasses.replace(i, high="long-gone") if i.name == "recency_days" else i for i in INFOS
    )
    features, members = shop()
    names = name_groups(_groups(features, members, infos))
    assert not any("apsed" in name.text for name in names.values())


RECENCY = (FeatureInfo("recency_days", "rfm", "days", "days since the last order"),)
ORDERS = (FeatureInfo("frequency", "rfm", "orders", "orders"),)


def _words(infos, here, others):
    """Return the words of the claims made of the first group."""
    table = _table(**{infos[0].name: np.array([*here, *others], dtype=float)})
    clusters = [0] * len(here) + [1] * len(others)
    return {
        claim.text for claim in name_groups(_groups(table, _members(clusters), infos))[0].claims
    }


def test_lapsed_takes_far_more_than_a_little_above_the_average():
    assert _words(RECENCY, [300, 310, 320, 330], [10, 12, 14, 9]) == {"lapsed"}
    assert _words(RECENCY, [110, 111, 112, 113], [100, 101, 102, 103]) == set()


def test_one_time_takes_four_in_five_with_a_single_order():
    assert _words(ORDERS, [1, 1, 1, 1, 2], [8, 9, 10, 11, 12]) == {"one-time"}
    assert _words(ORDERS, [1, 1, 2, 2, 3], [8, 9, 10, 11, 12]) == {"occasional"}


def test_lovers_give_half_as_much_again_to_what_they_love():
    infos = (FeatureInfo("share_deli", "categories", "share", "share of spend on deli"),)
    assert _words(infos, [0.30, 0.31, 0.32, 0.33], [0.10, 0.11, 0.12] * 4) == {"deli lovers"}
    assert _words(infos, [0.15, 0.15, 0.16, 0.16], [0.12, 0.12, 0.13, 0.13]) == set()
    assert _words(infos, [0.03, 0.03, 0.04, 0.04], [0.01, 0.01, 0.0, 0.0]) == set()


def test_nothing_is_claimed_where_the_mean_says_the_opposite_of_the_median():
    here, others = [10, 11, 12, 13] * 5, [1, 1, 2, 1] * 4 + [1000, 2000, 1, 1]
    assert np.mean(here) < np.mean([*here, *others])
    assert np.median(here) > np.median([*here, *others])
    assert _words(RECENCY, here, others) == set()
    assert _words(RECENCY, here, [1, 1, 2, 1] * 5) == {"lapsed"}
