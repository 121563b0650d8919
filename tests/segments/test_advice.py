"""Advice rests on figures that are there, and says nothing without them."""

from __future__ import annotations

import re
from dataclasses import replace

from customer_atlas.segments import Habit, Habits, Print, Segment, Telling, advice_of

PLAIN = Segment("s", "S", 0, 200, 0.2, None, 1.0, {}, {}, (), (), (), "")
NO_HABITS = Habits(0, 1000, ())
SAVES = Telling(
    "discount_share", "share of the price saved by discounts", 0.9, 0.3, 0.1, "higher", "mean",
    "share", "30%", "10%", "save 30% by discounts against 10%",
)  # fmt: skip


def printed(*shares: float) -> Print:
    return Print(200, 4000, shares, tuple(0.001 for _ in shares))


def leaning(what: str, *keys: str) -> Habits:
    """The group does more of the first key than everybody, and less of the last."""
    everyone, own = printed(0.4, 0.3, 0.3), printed(0.6, 0.3, 0.1)
    return Habits(1000, 1000, (Habit(what, "orders", keys, everyone, {"s": own}),))


def test_without_figures_nothing_is_said():
    found = advice_of(PLAIN, {}, NO_HABITS)
    assert found.do == found.dont == ()


def test_what_is_usual_is_said_of_those_who_are_in_the_class():
    found = advice_of(PLAIN, {"Lost": 0.4, "Champions": 0.35, "Loyal": 0.25}, NO_HABITS)
    assert len(found.do) == len(found.dont) == 2
    assert found.do[0].endswith("the 40% who are “Lost”.")
    assert found.do[1].endswith("the 35% who are “Champions”.")
    assert advice_of(PLAIN, {"Lost": 0.19}, NO_HABITS).do == ()


def test_who_brings_much_comes_first_and_who_brings_little_is_no_expense():
    rich = advice_of(replace(PLAIN, revenue_share=0.6), {}, NO_HABITS)
    assert rich.do == ("Look after them first: 20% of customers bring 60% of revenue.",)
    assert rich.dont == ()
    poor = advice_of(replace(PLAIN, revenue_share=0.05), {}, NO_HABITS)
    assert poor.do == ()
    assert "20% of customers bring 5% of revenue" in poor.dont[0]


def test_a_rhythm_needs_purchases():
    often = {"gap_mean_days": 8.7, "purchase_days": 39.0}
    assert advice_of(replace(PLAIN, centroid=often), {}, NO_HABITS).do == (
        "Be in touch every 9 days or so: their purchases typically lie that far apart.",
    )
    rare = often | {"purchase_days": 2.0}
    assert advice_of(replace(PLAIN, centroid=rare), {}, NO_HABITS).do == ()


def test_habits_say_what_to_do_more_and_less():
    for what, words in (
        ("weekday", ("Monday", "Tuesday", "Friday")),
        ("category", ("FUEL", "DELI", "MEAT")),
        ("channel", ("web", "shop", "phone")),
    ):
        found = advice_of(PLAIN, {}, leaning(what, *words))
        (do,), (dont,) = found.do, found.dont
        assert words[0] in do
        assert "60% of their orders, 40% of everyone’s" in do
        assert words[2] in dont
        assert "10% of their orders, 30% of everyone’s" in dont


def test_a_part_of_the_day_is_one_to_write_in():
    found = advice_of(PLAIN, {}, leaning("part of the day", "evening", "night", "morning"))
    assert found.do == (
        "Write so that they read it in the evening: 60% of their orders, 40% of everyone’s.",
    )


def test_what_sets_them_apart_is_quoted_in_its_own_direction():
    found = advice_of(replace(PLAIN, telling=(SAVES,)), {}, NO_HABITS)
    assert found.do == ("Reach them by offers: they save 30% by discounts against 10%.",)
    thrifty = replace(SAVES, direction="lower", phrase="save 2% by discounts against 10%")
    found = advice_of(replace(PLAIN, telling=(thrifty,)), {}, NO_HABITS)
    assert found.do == ()
    assert re.search("Give away margin.*save 2%", found.dont[0])
