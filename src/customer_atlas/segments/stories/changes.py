"""A paragraph about what became of segments from one generation to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from customer_atlas.segments.numbers import say_share
from customer_atlas.segments.stories.facts import clip
from customer_atlas.segments.stories.template import Sentence, listed

__all__ = ["Change", "Member", "tell_change"]

Kind = Literal["survived", "split", "merged", "born", "died"]
_STEADY = 0.02  # a segment that grew or shrank by less than this stayed as large


@dataclass(frozen=True)
class Member:
    """A segment on one side of a change: its id, its name and how many customers it has."""

    id: str
    name: str
    size: int


@dataclass(frozen=True)
class Change:
    """What became of segments: who was there earlier, who is there later, and whom they share.

    `shared` counts the customers who are in an earlier and in a later segment, by the pair of
    their ids. Of a survivor there is one on each side, of a split one earlier, of a merger one
    later; who is born has none earlier and who died none later, where `elsewhere` names the
    segments that `shared` counts besides.
    """

    kind: Kind
    earlier: tuple[Member, ...]
    later: tuple[Member, ...]
    shared: Mapping[tuple[str, str], int]
    elsewhere: tuple[Member, ...] = ()

    def count(self, before: Member, after: Member) -> int:
        """Return how many customers were in the one and are in the other."""
        return self.shared.get((before.id, after.id), 0)


def tell_change(change: Change) -> list[Sentence]:
    """Return one to three sentences on a change, each made of counts.

    >>> regulars, big, small = Member("a", "Regulars", 240), Member("b", "Big", 120), Member(
    ...     "c", "Small", 110)
    >>> change = Change("split", (regulars,), (big, small), {("a", "b"): 110, ("a", "c"): 100})
    >>> print(" ".join(one.text for one in tell_change(change)))
    “Regulars” split into “Big” and “Small”. Of its 240 customers, 110 (46%) are now in “Big” and
    100 (42%) in “Small”. The other 30 are elsewhere.
    """
    told = {
        "survived": _survived,
        "split": _split,
        "merged": _merged,
        "born": _born,
        "died": _died,
    }[change.kind](change)
    ids = tuple(one.id for one in (*change.earlier, *change.later))
    return [Sentence(text, ids) for text in told]


def _survived(change: Change) -> list[str]:
    (before,), (after,) = change.earlier, change.later
    kept = change.count(before, after)
    renamed = f", until now “{clip(before.name)}”," if before.name != after.name else ""
    came = after.size - kept
    found = [
        f"“{clip(after.name)}”{renamed} goes on with {_people(after.size)}, "
        f"{_growth(before, after)}."
    ]
    if before.size:
        found.append(
            f"{_of(kept, before.size)} of its earlier {_people(before.size)} stayed"
            + (f", and {came:,} came." if came else "; nobody came.")
        )
    return found


def _growth(before: Member, after: Member) -> str:
    difference = after.size - before.size
    if difference == 0:
        return "as many as before"
    how = "more" if difference > 0 else "fewer"
    if before.size and abs(difference) / before.size < _STEADY:
        return f"nearly as many as before ({abs(difference):,} {how})"
    share = f" ({say_share(abs(difference) / before.size)})" if before.size else ""
    return f"{abs(difference):,}{share} {how} than before"


def _split(change: Change) -> list[str]:
    (before,) = change.earlier
    parts = sorted(change.later, key=lambda one: (-change.count(before, one), one.id))
    counts = [change.count(before, one) for one in parts]
    said = [
        f"{_of(n, before.size)} {'are now ' if at == 0 else ''}in “{clip(one.name)}”"
        for at, (one, n) in enumerate(zip(parts, counts, strict=True))
    ]
    names = listed([f"“{clip(one.name)}”" for one in parts])
    found = [
        f"“{clip(before.name)}” split into {names}.",
        f"Of its {_people(before.size)}, {listed(said)}.",
    ]
    return found + _others(before.size - sum(counts), "elsewhere")


def _merged(change: Change) -> list[str]:
    (after,) = change.later
    parts = sorted(change.earlier, key=lambda one: (-change.count(one, after), one.id))
    counts = [change.count(one, after) for one in parts]
    said = [
        f"{_of(n, after.size)} {'were ' if at == 0 else ''}in “{clip(one.name)}”"
        for at, (one, n) in enumerate(zip(parts, counts, strict=True))
    ]
    names = listed([f"“{clip(one.name)}”" for one in parts])
    found = [
        f"{names} came together as “{clip(after.name)}”.",
        f"Of its {_people(after.size)}, {listed(said)}.",
    ]
    return found + _others(after.size - sum(counts), "from elsewhere")


def _born(change: Change) -> list[str]:
    (after,) = change.later
    parts = _known(change.elsewhere, [change.count(one, after) for one in change.elsewhere])
    found = [f"“{clip(after.name)}” is new, with {_people(after.size)}."]
    if not parts:
        return [*found, "Nobody in it was in a segment before."]
    said = [f"{_of(n, after.size)} were in “{clip(one.name)}”" for one, n in parts]
    found.append(f"Of these, {listed(said)}.")
    return found + _others(after.size - sum(n for _, n in parts), "from elsewhere")


def _died(change: Change) -> list[str]:
    (before,) = change.earlier
    parts = _known(change.elsewhere, [change.count(before, one) for one in change.elsewhere])
    found = [f"“{clip(before.name)}” is no more; it had {_people(before.size)}."]
    if not parts:
        return [*found, "None of them is in a segment now."]
    said = [f"{_of(n, before.size)} are now in “{clip(one.name)}”" for one, n in parts]
    found.append(f"Of these, {listed(said)}.")
    return found + _others(before.size - sum(n for _, n in parts), "elsewhere")


def _known(members: Sequence[Member], counts: Sequence[int]) -> list[tuple[Member, int]]:
    """Return those who share customers, the most first."""
    both = [(one, n) for one, n in zip(members, counts, strict=True) if n]
    return sorted(both, key=lambda one: (-one[1], one[0].id))


def _others(count: int, where: str) -> list[str]:
    if count <= 0:
        return []
    return [f"The other {count:,} {'is' if count == 1 else 'are'} {where}."]


def _of(count: int, whole: int) -> str:
    return f"{count:,} ({say_share(count / whole)})" if whole else f"{count:,}"


def _people(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
