"""A paragraph about what became of segments from one generation to the next."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.segments.ledger.matching import Transition
from customer_atlas.segments.ledger.sentence import say_transition
from customer_atlas.segments.numbers import say_share
from customer_atlas.segments.segment import Segment

__all__ = ["tell_transition"]


def tell_transition(one: Transition, earlier: Sequence[Segment], later: Sequence[Segment]) -> str:
    """Return what became of segments: where their customers went, and how large they are now.

    The sizes and shares of revenue are those of each generation at its own time.
    """
    said = say_transition(one, [s.name for s in earlier], [s.name for s in later])
    before = [earlier[place] for place in one.earlier]
    after = [later[place] for place in one.later]
    told = [said]
    if len(before) == 1 and len(after) == 1:
        told.append(_grown(before[0], after[0]))
    elif before and after:
        then = f"{_whole(before)} before" if len(before) > 1 else f"{_holds(before[0])} before"
        told.append(f"That is {_whole(after)} now, against {then}.")
        told += [f"{s.name}: {_holds(s)}." for s in after if len(after) > 1]
    elif after:
        told.append(f"It has {_holds(after[0])}.")
    else:
        told.append(f"It had {_holds(before[0])}.")
    return " ".join(told)


def _grown(before: Segment, after: Segment) -> str:
    difference = after.size - before.size
    if difference == 0:
        return f"It has {_holds(after)}: as many as before."
    share = f" ({say_share(abs(difference) / before.size)})" if before.size else ""
    how = "more" if difference > 0 else "fewer"
    told = f"It has {_holds(after)}: {abs(difference):,}{share} {how} than before"
    if after.revenue_share is not None and before.revenue_share is not None:
        told += f", when it brought {say_share(before.revenue_share)} of revenue"
    return f"{told}."


def _holds(one: Segment) -> str:
    return _whole([one])


def _whole(segments: Sequence[Segment]) -> str:
    count = sum(one.size for one in segments)
    people = "1 customer" if count == 1 else f"{count:,} customers"
    told = f"{people} ({say_share(sum(one.share for one in segments))})"
    revenues = [one.revenue_share for one in segments if one.revenue_share is not None]
    if len(revenues) == len(segments):
        told += f" with {say_share(sum(revenues))} of revenue"
    return told
