"""What to do with a segment, and what not to: what its own figures support, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from customer_atlas.segments.habits import Habit, Habits, Lean
from customer_atlas.segments.numbers import say_number, say_pair, say_share
from customer_atlas.segments.segment import Segment
from customer_atlas.segments.standing import Standing

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
_MOST = 5


@dataclass(frozen=True)
class Advice:
    """Sentences, the most usual first: what to `do`, and what not to (`dont`)."""

    do: tuple[str, ...]
    dont: tuple[str, ...]


def advice_of(segment: Segment, standing: Standing, habits: Habits) -> Advice:
    """Return what to do and not to do with a segment.

    The first of each is what is usual with its RFM class; all others name the figures that they
    rest on: what sets the segment apart, and where its habits surely differ.
    """
    do = [_usual(standing.rfm_class, standing.tactic), *_worth(segment)]
    dont = [_usual(standing.rfm_class, standing.caution), *_not_worth(segment)]
    do += [*_rhythm(segment), *_when(segment, habits), *_what(segment, habits, more=True)]
    dont += [*_what(segment, habits, more=False), *_idle(segment, habits)]
    do += _traits(segment, _DO)
    dont += _traits(segment, _DONT)
    return Advice(tuple(filter(None, do))[:_MOST], tuple(filter(None, dont))[:_MOST])


def _usual(name: str | None, what: str | None) -> str:
    return f"{what[:1].upper()}{what[1:]} (usual with “{name}”)." if name and what else ""


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
    day = _most(habits.of("weekday"), segment)
    if day:
        of = _of(habits.of("weekday"))
        yield f"Have a reason ready for {day.key}: {_against(day)} of their {of} fall on it."
    part = _most(habits.of("part of the day"), segment)
    if part:
        of = _of(habits.of("part of the day"))
        at = "at night" if part.key == "night" else f"in the {part.key}"
        yield f"Write so that they read it {at}: {_against(part)} of their {of} fall there."


def _what(segment: Segment, habits: Habits, *, more: bool) -> Iterator[str]:
    for what in ("category", "product", "type", "channel"):
        habit = habits.of(what)
        lean = _most(habit, segment) if more else _least(habit, segment)
        if habit is None or lean is None:
            continue
        by = f"{_against(lean)} of their {_of(habit)}"
        if what == "channel":
            yield f"Meet them on “{lean.key}”: {by}." if more else f"Count on “{lean.key}”: {by}."
        elif what == "type":
            yield f"Make “{lean.key}” easy for them: {by}." if more else ""
        else:
            yield f"{'Lead with' if more else 'Open with'} “{lean.key}”: {by}."


def _idle(segment: Segment, habits: Habits) -> Iterator[str]:
    day = _least(habits.of("weekday"), segment)
    if day:
        yield f"Count on {day.key}: {_against(day)} of their {_of(habits.of('weekday'))}."


def _of(habit: Habit | None) -> str:
    return "" if habit is None else habit.measure


def _against(lean: Lean) -> str:
    here, everyone = say_pair(lean.share, lean.everyone, "share")
    return f"{here} against {everyone}"


def _most(habit: Habit | None, segment: Segment) -> Lean | None:
    found = habit.leans(segment.id) if habit else []
    return found[0] if found and found[0].share > found[0].everyone else None


def _least(habit: Habit | None, segment: Segment) -> Lean | None:
    found = habit.leans(segment.id) if habit else []
    return found[-1] if found and found[-1].share < found[-1].everyone else None
