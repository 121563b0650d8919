"""Words and numbers as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.words import one_or_many, subject, tells, words_for

UNITS = ("days", "orders", "money", "items", "share", "count", "score", "number")


@given(st.floats(-1e15, 1e15), st.sampled_from(UNITS))
def test_a_number_in_words_is_close_to_the_number(value, unit):
    text = say_number(value, unit)
    scale = 1.0
    if text in ("under 0.1%", "over -0.1%"):
        assert 0 < abs(value) < 0.0005
        return
    for word, size in ((" billion", 1e9), (" million", 1e6), ("%", 0.01)):
        if text.endswith(word):
            text, scale = text.removesuffix(word), size
    assert float(text.replace(",", "")) * scale == pytest.approx(value, rel=0.051, abs=0.0051)
    assert text.strip("-0.") or not text.startswith("-")


@given(st.floats(0.001, 1e9), st.floats(1.001, 3), st.sampled_from(UNITS))
def test_two_values_that_differ_are_told_apart(value, times, unit):
    if unit == "share":
        value = min(value, 1e3)
    first, second = say_pair(value, value * times, unit)
    assert first != second


@pytest.mark.parametrize(
    ("value", "text"), [(0.999, "99.9%"), (1.0, "100%"), (0.0, "0%"), (-0.0001, "over -0.1%")]
)
def test_shares_are_whole_only_where_they_are(value, text):
    assert say_share(value) == text


@pytest.mark.parametrize(
    ("label", "name", "expected"),
    [
        ("share of spend on DRUG GM", "share_DRUG GM", "drug gm"),
        ("share of purchases on FrozenFood", "share_FrozenFood", "frozen food"),
        ("share of events that are 'cart'", "share_type_cart", "cart"),
        ("anything else", "share_deli", "deli"),
    ],
)
def test_the_subject_of_a_share_is_read_from_its_label(label, name, expected):
    assert subject(FeatureInfo(name, "categories", "share", label)) == expected


def test_categories_that_say_nothing_name_nobody():
    assert not tells("Other")
    assert words_for(FeatureInfo("share_misc", "c", "share", "share of spend on misc")).high == ""
    assert words_for(FeatureInfo("share_deli", "c", "share", "share of spend on deli")).high == (
        "deli lovers"
    )


def test_one_and_none_are_said_as_people_do():
    assert one_or_many("have bought on 1 days") == "have bought on 1 day"
    assert one_or_many("have bought on 1.1 days") == "have bought on 1.1 days"
    assert one_or_many("have bought on 11 days") == "have bought on 11 days"
    assert one_or_many("spent 0 in the last 30 days") == "spent nothing in the last 30 days"
    assert one_or_many("placed 0 orders in all") == "placed no orders in all"
    assert one_or_many("placed 10 orders in all") == "placed 10 orders in all"


@pytest.mark.parametrize("name", ["category_breadth", "category_entropy", "top_category_share"])
def test_without_categories_breadth_is_said_of_products(name):
    of = {g: words_for(FeatureInfo(name, "c", "score", f"{g} bought")) for g in
          ("categories", "products")}  # fmt: skip
    assert "categor" in of["categories"].clause
    assert "product" in of["products"].clause
    assert "categor" not in of["products"].clause


@pytest.mark.parametrize(
    ("name", "unit", "words"),
    [
        ("trust", "score", ("score {} on trust", "high-trust", "low-trust")),
        ("age_years", "number", ("are {} years old", "older", "younger")),
        ("distance_km", "number", ("live {} km away", "far-off", "nearby")),
    ],
)
def test_what_is_computed_of_people_is_said_of_people(name, unit, words):
    found = words_for(FeatureInfo(name, "demographic", unit, name))
    assert (found.clause, found.high, found.low) == words
