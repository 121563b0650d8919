"""A paragraph about a segment, made of its facts: the same facts make the same text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from customer_atlas.segments.numbers import say_number, say_share
from customer_atlas.segments.stories.facts import EVERYONE, Fact, StoryFacts
from customer_atlas.segments.words import one_or_many

__all__ = ["Sentence", "listed", "tell"]

_PLACES = ("", "second-", "third-", "fourth-", "fifth-")
_ALIKE = 0.05
_COUNTED = ("orders", "items", "count", "events", "sessions")
_NOTHING = 0.005
_TIMES = 1.5  # "1.5 times as much" reads better than "50% more" from here on


@dataclass(frozen=True)
class Sentence:
    """A sentence and the ids of the facts that it is made of."""

    text: str
    facts: tuple[str, ...]


def tell(facts: StoryFacts) -> list[Sentence]:
    """Return two to five sentences: how many they are, what they bring, what sets them apart."""
    return [*_size(facts), *_revenue(facts), *_features(facts), *_inside(facts)]


def listed(parts: Sequence[str]) -> str:
    """Return parts as an enumeration.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _size(facts: StoryFacts) -> Iterator[Sentence]:
    size, share, count = facts.get("size"), facts.get("share"), facts.get("segments")
    if not size or not share or not count:
        return
    everyone, people = size.texts[EVERYONE], facts.people
    if part := facts.get("part"):
        whole = facts.against
        noun = _people(facts, size.values[whole])
        yield Sentence(
            f"“{facts.name}” is part of “{whole}”: {size.text} of its {size.texts[whole]} {noun} "
            f"({part.text}), and {share.text} of all {people}.",
            ("size", "part", "share"),
        )
    elif count.value == 1:
        yield Sentence(f"All {size.text} {people} are in one segment.", ("size", "segments"))
    else:
        yield Sentence(
            f"“{facts.name}” is {_place(size, facts)} {count.text} segments, with {size.text} of "
            f"{everyone} {people} ({share.text}).",
            ("size", "segments", "share"),
        )


def _people(facts: StoryFacts, count: float) -> str:
    return facts.people.removesuffix("s") if count == 1 else facts.people


def _place(size: Fact, facts: StoryFacts) -> str:
    """Return where a segment stands among the others by size."""
    ranks = size.rank(facts.others)
    if ranks is None or len(facts.others) < 2:
        return "one of"
    above, below = ranks
    if above <= below:
        return f"the {_PLACES[above - 1]}largest of" if above <= len(_PLACES) else "one of"
    return f"the {_PLACES[below - 1]}smallest of" if below <= len(_PLACES) else "one of"


def _revenue(facts: StoryFacts) -> Iterator[Sentence]:
    revenue, head = facts.get("revenue"), facts.get("head")
    if not revenue:
        return
    bring = one_or_many(revenue.clause.format(revenue.text))
    if not head or head.value < _NOTHING:
        yield Sentence(f"They {bring}.", ("revenue",))
        return
    ends = None if facts.get("part") else head.rank(facts.others)
    most = ends is not None and 1 in ends and len(facts.others) > 1
    most &= abs(head.value - 1) >= _ALIKE
    how = "more" if head.value > 1 else "less"
    also = f", {how} than any other segment" if most else ""
    yield Sentence(f"They {bring}, {_by_head(head.value)}{also}.", ("revenue", "head"))


def _by_head(ratio: float) -> str:
    """Return revenue per customer against the average.

    >>> _by_head(2.13), _by_head(1.2)
    ('2.1 times as much per customer as the average', '20% more per customer than the average')
    >>> _by_head(0.4), _by_head(1.02)
    ('60% less per customer than the average', 'about as much per customer as the average')
    """
    if abs(ratio - 1) < _ALIKE:
        return "about as much per customer as the average"
    if ratio >= _TIMES:
        return f"{say_number(ratio)} times as much per customer as the average"
    if ratio > 1:
        return f"{say_share(ratio - 1)} more per customer than the average"
    return f"{say_share(1 - ratio)} less per customer than the average"


def _features(facts: StoryFacts) -> Iterator[Sentence]:
    """Yield a sentence for medians, one for means, one for shares: each is said in its own way."""
    if not facts.features and len(facts.others):
        return
    whom = "everyone" if facts.against == EVERYONE else f"all of “{facts.against}”"
    extreme = next((fact for fact in facts.features if _end(fact, facts)), None)
    for how, measure in (
        ("Typically they ", "median"),
        ("On average they ", "mean"),
        ("", "share"),
    ):
        found = [fact for fact in facts.features if fact.measure == measure]
        if not found:
            continue
        parts = [
            _against(fact, facts, whom if at == 0 else "", ends=fact is extreme)
            for at, fact in enumerate(found)
        ]
        text = how + (", and ".join((", ".join(parts[:-1]), parts[-1])) if parts[1:] else parts[0])
        yield Sentence(f"{text[0].upper()}{text[1:]}.", tuple(fact.id for fact in found))


def _against(fact: Fact, facts: StoryFacts, whom: str, *, ends: bool) -> str:
    """Return a feature beside what it is for everyone, who are named the first time.

    With `ends` it is said to be the most or the least of all segments, which it is.
    """
    here = one_or_many(fact.clause.replace("{}", fact.text, 1))
    if ends:
        here += f" ({_superlative(fact, _end(fact, facts))})"
    there = fact.texts.get(facts.against)
    if there is None:
        return here
    return f"{here}, against {there}" + (f" for {whom}" if whom else "")


def _superlative(fact: Fact, end: str) -> str:
    """Return in words that a figure is the highest or the lowest of all segments."""
    high = end == "highest"
    if fact.clause.endswith(" ago"):
        return f"{'longer ago' if high else 'more recently'} than any other segment"
    if fact.unit == "days":
        return f"the {'longest' if high else 'shortest'} of all segments"
    if fact.unit == "money":
        return f"the {'most' if high else 'least'} of all segments"
    if fact.unit in _COUNTED:
        return f"the {'most' if high else 'fewest'} of all segments"
    return f"the {end} of all segments"


def _end(fact: Fact | None, facts: StoryFacts) -> str:
    """Return "highest" or "lowest" where a figure is that of all segments; else nothing."""
    ranks = fact.rank(facts.others) if fact and facts.against == EVERYONE else None
    if ranks is None or 1 not in ranks or len(facts.others) < 2:
        return ""
    return "highest" if ranks[0] == 1 else "lowest"


def _inside(facts: StoryFacts) -> Iterator[Sentence]:
    if inside := facts.get("inside"):
        noun = "sub-segment" if inside.value == 1 else "sub-segments"
        verb = "is" if inside.value == 1 else "are"
        names = listed([f"“{name}”" for name in facts.inside])
        yield Sentence(f"Inside it {verb} {inside.text} {noun}: {names}.", ("inside",))
