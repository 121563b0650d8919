"""One plain sentence about a group."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from customer_atlas.segments.effects import Group
from customer_atlas.segments.numbers import say_share
from customer_atlas.segments.segment import Telling

__all__ = ["plainest", "segment_sentence"]

_CLAUSES = 3
# True, but a reader has to think about what they mean; the table of features shows them.
_TECHNICAL = {"category_entropy", "gap_std_days", "trend_90d", "tenure_days"}


def segment_sentence(
    group: Group, chosen: Sequence[Telling], people: str = "customers", whole: str = ""
) -> str:
    """Return who they are, what they bring, and what is typical of them against everyone.

    Of a sub-segment `whole` is the name of the segment that it is part of, and "everyone" all in
    that one.

    `chosen` are the few features to speak of. Medians are said with "typically", means with
    "on average", shares by themselves.
    """
    head = _head(group, people, whole)
    if not chosen:
        return f"{head}; nothing sets them apart." if group.share < 1 else f"{head}."
    parts = [
        _part(f"{how} they ", [one for one in chosen if one.statistic == statistic])
        for how, statistic in (("typically", "median"), ("on average", "mean"))
    ]
    parts.append(_part("", [one for one in chosen if one.statistic == "share"]))
    body = "; ".join(part for part in parts if part)
    return f"{head}: {_for_everyone(body, chosen, 'all of it' if whole else 'everyone')}."


def plainest(telling: Sequence[Telling], named: Collection[str] = ()) -> list[Telling]:
    """Return up to three of the features: those of the name first, then the strongest.

    What takes some thought is left out, unless there are fewer than two others.
    """
    ordered = sorted(telling, key=lambda one: one.feature not in named)
    known = [one for one in ordered if not _unknown(one)]
    plain = [one for one in known if one.feature not in _TECHNICAL or one.feature in named]
    if len(plain) > 1:
        return plain[:_CLAUSES]
    technical = [one for one in known if one not in plain]
    return [*plain, *technical][:2] or ordered[:1]


def _unknown(telling: Telling) -> bool:
    return telling.label.endswith(": unknown")


def _head(group: Group, people: str, whole: str) -> str:
    if group.share == 1:
        return f"All {group.size:,} {people} are in one group"
    one = group.size == 1
    noun = people.removesuffix("s") if one else people
    of = f" of “{whole}”" if whole else ""
    who = f"{group.size:,} {noun} ({say_share(group.share)}{of})"
    if group.revenue_share is None:
        return who
    verbs = ("brings", "takes back") if one else ("bring", "take back")
    verb = verbs[0] if group.revenue_share >= 0 else verbs[1]
    revenue = "its revenue" if whole else "revenue"
    return f"{who} {verb} {say_share(abs(group.revenue_share))} of {revenue}"


def _part(start: str, tellings: Sequence[Telling]) -> str:
    phrases = [one.phrase for one in tellings]
    if not phrases:
        return ""
    *most, last = phrases
    return start + (f"{', '.join(most)} and {last}" if most else last)


def _for_everyone(body: str, chosen: Sequence[Telling], whom: str) -> str:
    """Say once, at the first comparison, with whom the group is compared."""
    at = min(body.index(one.phrase) + len(one.phrase) for one in chosen)
    return f"{body[:at]} for {whom}{body[at:]}"
