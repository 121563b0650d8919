"""What to do with a segment, and what not to: what its own figures support, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from customer_atlas.segments.habits import Habit, Habits, Lean
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.segment import Segment
from customer_atlas.segments.standing import usual_with

__all__ = ["Advice", "advice_of"]

# By feature that sets the segment apart, and its direction: what that means for who writes.
_DO = {
    ("discount_share", "higher"): "Reach them by offers",
    ("open_rate", "higher"): "Write to them",
    ("click_rate", "higher"): "Link to what they can buy",
    ("order_items_mean", "higher"): "Offer packs and sets",
    ("order_items_mean", "lower"): "Show what goes with what they buy",
    ("unit_price_mean", "higher"): "Show the better things first",
    ("unit_price_mean", "lower"): "Show good value first",
    ("category_breadth", "higher"): "Show them what is new anywhere",
    ("category_breadth", "lower"): "Widen the basket step by step",
}
_DONT = {
    ("discount_share", "lower"): "Give away margin to people who buy all the same",
    ("open_rate", "lower"): "Rely on e-mail",
    ("return_share", "higher"): "Push volume",
    ("fatigue", "higher"): "Write more often",
}
_FEW = 3  # purchases that a typical customer needs for a rhythm to be one
_MOST = 6
_MANY = 0.2  # of the members, for what is usual with their class to be worth saying


@dataclass(frozen=True)
class Advice:
    """Sentences, the most usual first: what to `do`, and what not to (`dont`)."""

    do: tuple[str, ...]
    dont: tuple[str, ...]


def advice_of(segment: Segment, classes: Mapping[str, float], habits: Habits) -> Advice:
    """Return what to do and not to do with a segment.

    `classes` are the shares (0 to 1) of its members by RFM class: what is usual with the largest
    one or two is part of it. All else rests on what sets the segment apart, and on where its
    habits surely differ; each sentence names its figures.
    """
    do, dont = [*_worth(segment)], [*_not_worth(segment)]
    for name, share in sorted(classes.items(), key=lambda one: (-one[1], one[0]))[:2]:
        tactic, caution = usual_with(name)
        if share >= _MANY and tactic and caution:
            who = f"the {say_share(share)} who are “{name}”"
            do.append(f"{tactic[:1].upper()}{tactic[1:]}: {who}.")
            dont.append(f"{caution[:1].upper()}{caution[1:]}: {who}.")
    do += [*_rhythm(segment), *_when(segment, habits), *_what(segment, habits, more=True)]
    dont += [*_what(segment, habits, more=False), *_idle(segment, habits)]
    do += _traits(segment, _DO)
    dont += _traits(segment, _DONT)
    return Advice(tuple(do[:_MOST]), tuple(dont[:_MOST]))


def _traits(segment: Segment, advice: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Yield what follows from the features that set the segment apart."""
    for told in segment.telling:
        what = advice.get((told.feature, told.direction))
        if what and told.statistic != "share":
            yield f"{what}: they {told.phrase}."


def _worth(segment: Segment) -> Iterator[str]:
    if segment.revenue_share is not None and segment.revenue_share >= 1.5 * segment.share:
        yield f"Look after them first: {_bring(segment)}."


def _not_worth(segment: Segment) -> Iterator[str]:
    if segment.revenue_share is not None and segment.revenue_share <= segment.share / 2:
        yield f"Spend more on reaching them than they bring: {_bring(segment)}."


def _bring(segment: Segment) -> str:
    assert segment.revenue_share is not None
    share, brought = say_share(segment.share), say_share(segment.revenue_share)
    return f"{share} of customers bring {brought} of revenue"


def _rhythm(segment: Segment) -> Iterator[str]:
    gap, often = segment.centroid.get("gap_mean_days"), segment.centroid.get("purchase_days", 0)
    if isinstance(gap, float) and isinstance(often, float) and often >= _FEW:
        yield (
            f"Be in touch every {_days(gap)} or so: their purchases typically lie that far apart."
        )


def _days(value: float) -> str:
    """Return a stretch as whole days, or weeks where there are many.

    >>> _days(1.2), _days(8.7), _days(25.3)
    ('day', '9 days', '25 days')
    """
    whole = max(1, round(value))
    return "day" if whole == 1 else f"{say_number(float(whole), 'days', 4)} days"


def _when(segment: Segment, habits: Habits) -> Iterator[str]:
    days, parts = habits.of("weekday"), habits.of("part of the day")
    if day := _most(days, segment):
        yield f"Have a reason ready for {day.key}: {_against(day, days)}."
    if part := _most(parts, segment):
        at = "at night" if part.key == "night" else f"in the {part.key}"
        yield f"Write so that they read it {at}: {_against(part, parts)}."


_LEADS = {
    "category": ("Lead with", "Lead with"),
    "product": ("Lead with", "Lead with"),
    "channel": ("Meet them on", "Wait for them on"),
    "type": ("Make the most of", "Count on"),
}


def _what(segment: Segment, habits: Habits, *, more: bool) -> Iterator[str]:
    for what, (lead, avoid) in _LEADS.items():
        habit = habits.of(what)
        lean = _most(habit, segment) if more else _least(habit, segment)
        if lean:
            yield f"{lead if more else avoid} “{lean.key}”: {_against(lean, habit)}."


def _idle(segment: Segment, habits: Habits) -> Iterator[str]:
    days = habits.of("weekday")
    if day := _least(days, segment):
        yield f"Count on {day.key}: {_against(day, days)}."


def _against(lean: Lean, habit: Habit | None) -> str:
    here, everyone = say_pair(lean.share, lean.everyone, "share")
    of = "purchases" if habit is None or habit.measure == "lines" else habit.measure
    return f"{here} of their {of}, {everyone} of everyone’s"


def _most(habit: Habit | None, segment: Segment) -> Lean | None:
    found = habit.leans(segment.id) if habit else []
    return found[0] if found and found[0].share > found[0].everyone else None


def _least(habit: Habit | None, segment: Segment) -> Lean | None:
    found = habit.leans(segment.id) if habit else []
    return found[-1] if found and found[-1].share < found[-1].everyone else None
