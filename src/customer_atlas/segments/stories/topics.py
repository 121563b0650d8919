"""What the words of a sentence speak of: the fact that a figure or a comparison belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from customer_atlas.segments.stories.clauses import PEOPLE
from customer_atlas.segments.stories.facts import EVERYONE, Fact, StoryFacts
from customer_atlas.segments.stories.lexicon import concept, optional
from customer_atlas.segments.stories.quantities import NUMBER, Quantity, read_quantity
from customer_atlas.segments.stories.reading import Mark, read_marks

__all__ = ["Topic", "best", "names_of", "spoken", "topics_of"]

_ANY = "98765"  # stands for the figure where the words of a clause are read
_OWN = {
    "size": ({PEOPLE}, {PEOPLE}),
    "share": ({PEOPLE}, {PEOPLE}),
    "segments": ({"segments"}, {"segments"}),
    "inside": ({"inside"}, {"inside"}),
    "revenue": ({"revenue"}, {"revenue"}),
    "head": ({"perhead"}, {"perhead", "revenue", "spend"}),
}


@dataclass(frozen=True)
class Topic:
    """A fact with the words that it takes to speak of it (`core`) and those it may be said with.

    `constants` are the figures within its clause, such as the 30 days of a window. `kind` is what
    figures of it are written as, and `scale` turns its value into what they are read as.
    """

    fact: Fact
    core: frozenset[str]
    owned: frozenset[str]
    constants: tuple[Quantity, ...]
    kind: str
    scale: float
    negations: int

    def value(self, holder: str) -> float | None:
        """Return the figure of a holder as figures are read: shares from 0 to 1, times in days."""
        found = self.fact.values.get(holder)
        return None if found is None else found * self.scale

    def told(self, words: Iterable[str], figures: Sequence[Quantity]) -> bool:
        """Return whether a clause with these words and figures speaks of it."""
        said = set(words)
        said |= {"gap"} if "often" in said else set()
        said |= {"last"} if "recently" in said and "first" not in said else set()
        return self.core <= said and all(
            any(one.kind == each.kind and one.holds((each.low + each.high) / 2) for one in figures)
            for each in self.constants
        )

    @property
    def weight(self) -> float:
        """How much it takes to speak of it: of two, the one that takes more is meant."""
        return len(self.core - {PEOPLE}) + len(self.constants) + 0.5 * (PEOPLE in self.core)


def topics_of(facts: StoryFacts) -> list[Topic]:
    """Return the topic of each fact."""
    names = names_of(facts)
    return [_topic(fact, facts, names) for fact in facts.facts]


def names_of(facts: StoryFacts) -> list[str]:
    """Return every name that a sentence may hold: of segments, of categories and of columns."""
    found = [facts.name, facts.against, *facts.others, *facts.inside]
    for fact in facts.facts:
        found += [fact.level, *_quoted(fact.clause)]
    return [name for name in dict.fromkeys(found) if name and name != EVERYONE]


def spoken(marks: Iterable[Mark]) -> set[str]:
    """Return the concepts that marks speak of."""
    found: set[str] = set()
    for mark in marks:
        if mark.kind == "concept":
            found.add(mark.text)
        elif mark.kind == "name":
            found.add(_named(mark.text))
        elif mark.kind in ("customers", "everyone"):
            found.add(PEOPLE)
    return found


def best(topics: Iterable[Topic]) -> list[Topic]:
    """Return the topics that it takes most to speak of."""
    found = list(topics)
    most = max((one.weight for one in found), default=0.0)
    return [one for one in found if one.weight == most]


def _named(name: str) -> str:
    return f"“{name}”"


def _quoted(clause: str) -> list[str]:
    return [part.split("”")[0] for part in clause.split("“")[1:]]


def _topic(fact: Fact, facts: StoryFacts, names: Sequence[str]) -> Topic:
    kind, scale = _kind(fact)
    if fact.id == "part":
        core = frozenset({_named(facts.against)})
        return Topic(fact, core, core | {PEOPLE}, (), kind, scale, 0)
    if fact.id in _OWN:
        few, all_ = _OWN[fact.id]
        if " back " in fact.clause:
            few, all_ = few | {"back"}, all_ | {"back"}
        own = set(all_) | (
            {_named(name) for name in facts.inside} if fact.id == "inside" else set()
        )
        return Topic(fact, frozenset(few), frozenset(own), (), kind, scale, 0)
    marks = read_marks(fact.clause.replace("{}", _ANY), names)
    marks = [one for one in marks if _ANY not in one.text]
    words = spoken(marks) - {PEOPLE}
    core = frozenset(word for word in words if not optional(word)) or frozenset(words - {"total"})
    if core & {"last", "first", "gap", "vary"} and "order" in words:
        core = core | {"order"}
    owned = set(words) | {concept(word.lower()) for word in fact.label.replace("_", " ").split()}
    owned |= {"ago", "total", "mostly"} | (
        {"often", "recently"} if owned & {"order", "last"} else set()
    )
    owned |= {PEOPLE} if fact.measure == "share" else set()
    constants = tuple(mark.quantity for mark in marks if mark.quantity)
    negations = sum(mark.kind == "not" for mark in marks)
    return Topic(fact, core, frozenset(owned), constants, kind, scale, negations)


def _kind(fact: Fact) -> tuple[str, float]:
    """Return what figures of a fact are written as, and what one of its unit is in days."""
    if fact.unit in ("share", "ratio"):
        return {"share": "share", "ratio": "times"}[fact.unit], 1.0
    after = fact.clause.partition("{}")[2].split()
    if after[:1] == ["times"]:
        return "times", 1.0
    found = NUMBER.fullmatch(f"1 {after[0]}") if after else None
    if found and found["time"]:
        return "time", (read_quantity(found).low + read_quantity(found).high) / 2
    return "plain", 1.0
