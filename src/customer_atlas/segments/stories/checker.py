"""Whether what a sentence says follows from facts, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from customer_atlas.segments.stories.facts import EVERYONE, HERE, StoryFacts
from customer_atlas.segments.stories.quantities import Quantity
from customer_atlas.segments.stories.reading import Mark, read_marks
from customer_atlas.segments.stories.topics import (
    PEOPLE,
    Topic,
    best,
    names_of,
    spoken,
    topics_of,
)

__all__ = ["Checker", "Verdict"]

_CLAIMS = ("quantity", "more", "less", "same", "most", "least", "majority", "only")
_HOLDERS = ("here", "everyone", "name")
_SUMS = ("size", "share", "revenue", "part")
_EVEN = 0.05
_MUCH = 1.25  # "much more" is more than this many times, "slightly more" no more
_OTHERS = ("rest", "other", "else")  # everyone but the segment: of them no figure is known


@dataclass(frozen=True)
class Verdict:
    """What came of checking a sentence: the ids of the facts it rests on, and what is wrong.

    `touched` are the facts that it speaks of, rightly or not; `subject` is whom "they" means in
    what follows.
    """

    sentence: str
    facts: tuple[str, ...]
    touched: tuple[str, ...]
    wrong: tuple[str, ...]
    subject: str = HERE

    @property
    def true(self) -> bool:
        """Whether everything in the sentence follows from facts."""
        return not self.wrong


@dataclass
class _Unit:
    """A clause that claims something, with what leads to it; `compared` follows "against"."""

    marks: list[Mark] = field(default_factory=list)
    compared: bool = False
    objects: list[Mark] = field(default_factory=list)

    @property
    def claims(self) -> bool:
        return any(mark.kind in _CLAIMS for mark in self.marks)


class _Wrong(Exception):
    """A claim does not follow from the facts; says what was found."""


class Checker:
    """Checks sentences about one segment against its facts.

    The world is closed: every word of a sentence has to carry it without saying anything, to be
    part of a claim that was recomputed, or to be a word of the fact that the claim rests on.
    What is left over is a claim that no fact makes.
    """

    def __init__(self, facts: StoryFacts) -> None:
        self._facts = facts
        self._topics = topics_of(facts)
        self._names = names_of(facts)
        self._levels = {one.level for one in facts.facts} | {
            name for name in self._names if name not in {facts.name, facts.against, *facts.others}
        }

    def check(self, sentence: str, subject: str = HERE) -> Verdict:
        """Check one sentence; `subject` is whom "they" means in it."""
        marks = read_marks(sentence, self._names)
        wrong = [mark.text for mark in marks if mark.kind == "unknown"]
        said = _Said(self._facts, self._topics, self._levels, subject)
        if not wrong:
            units = _units(marks)
            if not any(unit.claims for unit in units):
                wrong.append("nothing that a fact could hold")
            for unit in units:
                wrong += said.unit(unit)
        else:
            said.glance(marks)
        facts = tuple(dict.fromkeys(said.bound))
        touched = tuple(dict.fromkeys((*said.bound, *said.touched)))
        return Verdict(sentence, facts, touched, tuple(dict.fromkeys(wrong)), said.first)


def _units(marks: Sequence[Mark]) -> list[_Unit]:
    """Return the clauses of a sentence; what claims nothing goes with the clause after it."""
    clauses = [_Unit()]
    summed = any(mark.kind == "sum" for mark in marks)
    around = [None, *marks, None]
    for before, (mark, after) in zip(around, pairwise(around[1:]), strict=False):
        if mark is None:
            continue
        joint = (
            summed
            and mark.kind == "break"
            and (mark.text in ("and", ","))
            and before is not None
            and after is not None
            and before.kind in _HOLDERS
            and after.kind in _HOLDERS
        )
        if mark.kind in ("break", "against") and not joint:
            clauses.append(_Unit(compared=mark.kind == "against"))
        elif mark.kind != "break":
            clauses[-1].marks.append(mark)
    return _merged([clause for clause in clauses if clause.marks])


def _merged(clauses: Sequence[_Unit]) -> list[_Unit]:
    units: list[_Unit] = []
    waiting = _Unit()
    for clause in clauses:
        if clause.claims:
            clause.marks = [*waiting.marks, *clause.marks]
            clause.objects += waiting.objects
            waiting = _Unit()
            units.append(clause)
            continue
        if clause.compared:  # "compared with everyone": whom a claim is measured by
            into = units[-1] if units else waiting
            into.objects += [mark for mark in clause.marks if mark.kind in _HOLDERS]
            into.marks += [mark for mark in clause.marks if mark.kind not in _HOLDERS]
        else:
            waiting.marks += clause.marks
    if units:
        units[-1].marks += waiting.marks
        units[-1].objects += waiting.objects
        return units
    return [waiting] if waiting.marks else []


class _Said:
    """What the clauses of one sentence say, one after the other."""

    def __init__(
        self, facts: StoryFacts, topics: Sequence[Topic], levels: set[str], subject: str
    ) -> None:
        self._facts, self._topics, self._levels = facts, topics, levels
        self._they = subject
        self._holder = self._main = subject
        self._inherited: list[Topic] = []
        self._mean = False
        self._compared_to: list[Mark] = []
        self.first = HERE
        self._begun = False
        self.bound: list[str] = []
        self.touched: list[str] = []

    def glance(self, marks: Sequence[Mark]) -> None:
        """Note which facts a sentence that cannot be read speaks of."""
        words = spoken(marks)
        self.touched += [one.fact.id for one in self._topics if one.core <= words]

    def unit(self, unit: _Unit) -> list[str]:
        """Check a clause; returns what is wrong."""
        self._unit, self._marks = unit, unit.marks
        self._words = self._concepts()
        self._figures = [mark.quantity for mark in unit.marks if mark.quantity]
        self._used: list[Topic] = []
        self._statistic()
        try:
            self._take_holder()
            later = [mark for at, mark in self._claims() if not self._true(at, mark)]
            if any(not self._constant(mark) for mark in later):
                raise _Wrong(self._why)
            if not self._used:
                raise _Wrong(f"nothing known of: {_text(unit.marks)}")
            self._every_word_is_accounted_for()
        except _Wrong as found:
            self.touched += [one.fact.id for one in self._told()]
            return [str(found)]
        self.bound += [topic.fact.id for topic in self._used]
        self._inherited = self._used[-1:]
        return []

    def _concepts(self) -> set[str]:
        counted = any(mark.quantity and self._noun(mark) == "segments" for mark in self._marks)
        return (
            ({"segments"} if counted else set())
            | spoken(
                mark
                for mark in self._marks
                if mark.kind != "name"
                or mark.text in self._levels
                or mark.text == self._facts.against
            )
            | ({PEOPLE} if any(mark.kind == "everyone" for mark in self._unit.objects) else set())
        )

    def _statistic(self) -> None:
        for mark in self._marks:
            if mark.kind in ("mean", "median"):
                self._mean = mark.kind == "mean"

    # Who

    def _who(self, mark: Mark) -> str:
        if mark.kind == "everyone":
            return self._facts.against if self._of_features() else EVERYONE
        if mark.kind == "here":
            return HERE if "segment" in mark.text or "these" in mark.text else self._they
        return HERE if mark.text == self._facts.name else mark.text

    def _of_features(self) -> bool:
        return any(one.fact.id.startswith("feature:") for one in self._told() or self._inherited)

    def _subjects(self) -> list[Mark]:
        found = []
        for at, mark in enumerate(self._marks):
            if mark.kind not in _HOLDERS or mark.text in self._levels or self._is_object(at):
                continue
            if mark.kind == "name" and self._is_part(mark):
                continue
            found.append(mark)
        return found

    def _is_part(self, mark: Mark) -> bool:
        """Return whether the name of the whole segment says what a share is of."""
        return mark.text == self._facts.against and any(
            one and one.kind == "share" for one in self._figures
        )

    def _is_object(self, at: int) -> bool:
        """Return whether a holder stands after "than", "as" or "times the"."""
        before = [mark for mark in self._marks[:at] if mark.kind != "plain"]
        if not before:
            return False
        last = before[-1]
        return (
            last.kind in ("than", "same", "more", "less")
            or (
                last.quantity is not None
                and (last.quantity.kind == "times" or self._by_ratio(last))
            )
            or self._after_than(at)
        )

    def _after_than(self, at: int) -> bool:
        kinds = [mark.kind for mark in self._marks[:at]]
        if "than" in kinds:
            return True
        return any(m.quantity and m.quantity.kind == "times" for m in self._marks[:at])

    def _by_ratio(self, mark: Mark) -> bool:
        """Return whether a fraction is of what another has, such as half the average."""
        at = self._marks.index(mark)
        after = [one for one in self._marks[at + 1 :] if one.kind != "plain"]
        return (
            mark.quantity is not None
            and mark.quantity.kind == "share"
            and "%" not in mark.text
            and bool(after)
            and after[0].kind in ("same", "everyone", "name")
            and not (after[0].kind == "name" and after[0].text in self._levels)
            and "share" not in {one.fact.id for one in self._told() if one.weight <= 0.5}
        )

    def _take_holder(self) -> None:
        subjects = self._subjects()
        named = {self._who(mark) for mark in subjects}
        about = {one.fact.id for one in best(self._told())}
        if len(named) > 1 and about <= {"size", "share", "revenue", "segments"}:
            named.discard(EVERYONE)  # a share of all is not what all have
        elif named == {EVERYONE} and about <= {"share", "revenue", "segments"}:
            named = set()
        summed = any(mark.kind == "sum" for mark in self._marks)
        self._summed = sorted(named) if summed else []
        if summed:
            if len(named) < 2:
                raise _Wrong("a sum of what is not named")
            return
        if len(named) > 1:
            raise _Wrong(f"whose figure it is cannot be told: {_text(self._marks)}")
        if named:
            self._holder = named.pop()
            if not self._unit.compared:
                self._main = self._holder
                if not self._begun:
                    self.first, self._begun = self._holder, True
            if self._holder not in (HERE, EVERYONE) and self._they == HERE:
                self._they = self._holder
        elif self._unit.compared:
            self._holder = self._facts.against if self._of_features() else EVERYONE
        else:
            self._holder = self._main

    def _object(self, at: int) -> str:
        """Return whom a comparison at a place is with; everyone where nobody is named."""
        later = [
            mark
            for mark in self._marks[at:]
            if mark.kind in _HOLDERS and mark.text not in self._levels and mark.kind != "here"
        ]
        found = (later or self._unit.objects or self._compared_to)[:1]
        if not found:
            return ""
        self._compared_to = found
        self._strict(found[0])
        return found[0].text if found[0].kind == "name" else "the compared"

    def _strict(self, mark: Mark) -> None:
        self._average = "average" in mark.text
        self._rest = any(word in mark.text for word in _OTHERS)

    # What

    def _told(self) -> list[Topic]:
        figures = [one for one in self._figures if one]
        return [one for one in self._topics if one.told(self._words, figures)]

    def _meant(self, mark: Mark) -> list[Topic]:
        """Return the topics that a claim may be of, the most specific ones."""
        words = self._words - {PEOPLE}
        told, carried = self._told(), self._carried()
        if mark.quantity:
            told = [one for one in told if self._fits(mark, one)]
            carried = [one for one in carried if self._fits(mark, one, bare=True)]
            if not words and carried:
                return [*carried, *told]
        else:
            told = [one for one in told if one.fact.id != "segments"]
            few = [one for one in told if one.core != {PEOPLE}]
            people = any(one.kind == "customers" for one in self._marks)
            told = few or ([] if carried and not people else told)
        if told:
            return best([one for one in told if words <= one.owned] or told)
        if words - {"often", "recently", "ago", "segments"} and not self._bare(words):
            return []
        if not carried and mark.kind in ("most", "least", "more", "less"):
            return [one for one in self._topics if one.fact.id == "size"]
        return carried

    def _carried(self) -> list[Topic]:
        """Return what the clause before spoke of; a size is followed by its share."""
        shares = [one for one in self._topics if one.fact.id == "share"]
        return self._inherited + (
            shares if any(i.fact.id == "size" for i in self._inherited) else []
        )

    def _bare(self, words: set[str]) -> bool:
        """Return whether words are all of the topic that the clause before spoke of."""
        owned = {word for one in self._inherited for word in one.owned}
        return bool(self._inherited) and words <= owned | {PEOPLE}

    def _fits(self, mark: Mark, topic: Topic, *, bare: bool = False) -> bool:
        quantity = mark.quantity
        assert quantity is not None
        form = self._form(mark)
        if form != "plain":
            return topic.fact.id != "segments"
        noun = self._noun(mark)
        if noun and noun not in topic.owned:
            return False
        if quantity.kind == topic.kind or (quantity.high == 0 and topic.kind != "times"):
            return True
        return bare and quantity.kind == "plain" and topic.kind in ("time", "times", "plain")

    def _noun(self, mark: Mark) -> str:
        """Return the concept that stands right behind a figure."""
        at = self._marks.index(mark) + 1
        if at >= len(self._marks):
            return ""
        after = self._marks[at]
        if after.kind == "plain" and after.text.rstrip("s") in ("segment", "group"):
            return "segments"
        if after.kind == "customers":
            return PEOPLE
        return after.text if after.kind == "concept" and not _adverb(after.text) else ""

    # Claims

    def _claims(self) -> Iterator[tuple[int, Mark]]:
        for at, mark in enumerate(self._marks):
            if mark.kind in _CLAIMS and not self._is_of_figure(at):
                yield at, mark

    def _is_of_figure(self, at: int) -> bool:
        """Return whether a comparison belongs to the figure before it: 9% more, twice as many."""
        before = [mark for mark in self._marks[:at] if mark.kind != "plain"]
        return (
            self._marks[at].kind in ("more", "less", "same")
            and bool(before)
            and before[-1].quantity is not None
        )

    def _form(self, mark: Mark) -> str:
        """Return how a figure is meant: as it is, as a ratio, or as a difference."""
        at = self._marks.index(mark)
        after = next((one for one in self._marks[at + 1 :] if one.kind != "plain"), None)
        quantity = mark.quantity
        assert quantity is not None
        if after and after.kind in ("more", "less"):
            return {"share": "percent", "times": "wrong"}.get(quantity.kind, "difference")
        if self._by_ratio(mark) or (quantity.kind == "times" and self._measured(at)):
            return "ratio"
        return "plain"

    def _measured(self, at: int) -> bool:
        """Return whether what comes after a place says beside whom a figure is so many times."""
        return bool(self._unit.objects) or any(
            mark.kind in ("same", "everyone", "name") and mark.text not in self._levels
            for mark in self._marks[at + 1 :]
        )

    def _true(self, at: int, mark: Mark) -> bool:
        """Return whether a claim holds of one of the topics that it may be of."""
        self._average = self._rest = False
        self._why = f"not so: {_text(self._marks)}"
        meant = self._meant(mark)
        if not meant:
            self._why = f"no fact of: {_text(self._marks)}"
        for topic in meant:
            self._average = self._rest = False
            try:
                found = self._holds(at, mark, topic)
            except KeyError:
                self._why = f"a figure that is not known: {_text(self._marks)}"
                continue
            if found != self._negated(topic):
                self._check_statistic(topic)
                self._used.append(topic)
                return True
        self.touched += [topic.fact.id for topic in meant]
        return False

    def _negated(self, topic: Topic) -> bool:
        own = topic.negations if topic.core <= self._words else 0
        found = sum(mark.kind == "not" for mark in self._marks) - own
        return found % 2 == 1

    def _check_statistic(self, topic: Topic) -> None:
        measure = topic.fact.measure
        average = self._average or any(
            mark.kind == "everyone" and "average" in mark.text for mark in self._marks
        )
        if measure == "median" and (self._mean or average):
            raise _Wrong(f"a median is no average: {_text(self._marks)}")
        if measure == "mean" and any("the median" in mark.text for mark in self._marks):
            raise _Wrong(f"an average is no median: {_text(self._marks)}")
        if measure in ("mean", "median") and any(mark.kind == "whole" for mark in self._marks):
            raise _Wrong(f"said of every one of them: {_text(self._marks)}")

    def _value(self, topic: Topic, holder: str) -> float:
        found = topic.value(holder)
        if found is None:
            raise KeyError(holder)
        return found

    def _other(self, at: int, topic: Topic) -> str:
        named = self._object(at)
        if named == "the compared" or not named:
            against = self._facts.against
            return against if against in topic.fact.values else EVERYONE
        return HERE if named == self._facts.name else named

    def _holds(self, at: int, mark: Mark, topic: Topic) -> bool:
        if mark.quantity:
            return self._figure_holds(at, mark, mark.quantity, topic)
        if mark.kind in ("most", "least") or self._scope(at):
            return self._place_holds(at, mark, topic)
        if mark.kind == "majority":
            return topic.kind == "share" and self._value(topic, self._holder) > 0.5
        if mark.kind == "only":
            return topic.fact.id == "segments" and topic.fact.value == 1
        here, there = self._value(topic, self._holder), self._value(topic, self._other(at, topic))
        if self._other(at, topic) == self._holder:
            raise KeyError(self._holder)
        if mark.kind == "same":
            return not self._rest and abs(here - there) <= _EVEN * max(abs(here), abs(there))
        upward = self._upward(at, mark, topic)
        return (here > there if upward else here < there) and _by_so_much(mark, here, there)

    def _figure_holds(self, at: int, mark: Mark, quantity: Quantity, topic: Topic) -> bool:
        form = self._form(mark)
        if form == "wrong":
            raise KeyError(mark.text)
        if form == "plain":
            if self._counts_everyone(at, topic):
                wholes = {EVERYONE, self._facts.against}
                return any(quantity.holds(self._value(topic, one)) for one in wholes)
            if self._summed:
                if topic.fact.id not in _SUMS:
                    raise KeyError("sum")
                return quantity.holds(sum(self._value(topic, one) for one in self._summed))
            return self._plainly(mark, quantity, topic)
        if topic.fact.id in ("share", "part", "revenue") and not self._object(at):
            raise KeyError(EVERYONE)
        here, there = self._value(topic, self._holder), self._value(topic, self._other(at, topic))
        if self._rest:
            raise KeyError("others")
        if form == "difference":
            more = self._upward(at, self._compared_after(at), topic)
            return quantity.holds(here - there if more else there - here)
        if there == 0:
            raise KeyError("zero")
        if form == "percent":
            more = self._compared_after(at).kind == "more"
            return quantity.holds(here / there - 1 if more else 1 - here / there)
        often = "often" in self._words or any("often" in one.text for one in self._marks)
        return quantity.holds(there / here if often and "gap" in topic.core else here / there)

    def _plainly(self, mark: Mark, quantity: Quantity, topic: Topic) -> bool:
        value = self._value(topic, self._holder)
        if any(one.kind == "everyone" and _others(one) for one in self._marks):
            raise KeyError("others")
        if quantity.few and topic.fact.values.get(self._facts.against, value + 1) <= value:
            return False
        text = topic.fact.texts.get(self._holder, "")
        unit = mark.text.removeprefix(text)
        same = unit != mark.text and not unit.strip("daystime -") and topic.scale == 1.0
        return quantity.holds(value) or (same and quantity.kind in (topic.kind, "plain"))

    def _counts_everyone(self, at: int, topic: Topic) -> bool:
        """Return whether a figure is the whole that something is a part of: of 240 customers."""
        before = self._marks[at - 1].text if at else ""
        earlier = self._marks[at - 2].text if at > 1 else ""
        of = before == "of" or (before in ("the", "all", "its") and earlier in ("of", "out"))
        return topic.fact.id == "size" and of

    def _compared_after(self, at: int) -> Mark:
        return next(one for one in self._marks[at + 1 :] if one.kind in ("more", "less"))

    def _scope(self, at: int) -> bool:
        """Return whether a comparison is with every other segment."""
        return any(mark.kind == "every other" for mark in self._marks)

    def _place_holds(self, at: int, mark: Mark, topic: Topic) -> bool:
        others = [one for one in (HERE, *self._facts.others) if one != self._holder]
        values = [self._value(topic, one) for one in others]
        here = self._value(topic, self._holder)
        if len(others) == 0 or here in values:
            return False
        upward = self._upward(at, mark, topic)
        ahead = sum(one > here if upward else one < here for one in values)
        return ahead == (mark.place or 1) - 1

    def _upward(self, at: int, mark: Mark, topic: Topic) -> bool:
        """Return whether a comparison says that the figure is high.

        Who orders more often waits fewer days, and who ordered more recently did so fewer days ago.
        """
        up = mark.kind in ("more", "most", "same")
        near = " ".join(one.text for one in self._marks[at : at + 3])
        if topic.kind != "time":
            return up
        often = "often" in near and "gap" in topic.core
        return up != (often or "recently" in near)

    def _constant(self, mark: Mark) -> bool:
        """Return whether a figure is part of how a fact is said, such as a window."""
        quantity = mark.quantity
        return quantity is not None and any(
            quantity.kind == one.kind and quantity.holds((one.low + one.high) / 2)
            for topic in self._used
            for one in topic.constants
        )

    def _every_word_is_accounted_for(self) -> None:
        owned = {word for topic in (*self._used, *self._inherited) for word in topic.owned}
        if any(topic.fact.id == "size" for topic in self._used):
            owned |= {"segments"}
        left = self._words - owned - {PEOPLE}
        if self._facts.against != EVERYONE:
            left -= {f"“{self._facts.against}”"}
        if left:
            raise _Wrong(f"words that no fact has: {', '.join(sorted(left))}")
        self._check_scope()

    def _check_scope(self) -> None:
        """Hold the number in "of all 6 segments"."""
        count = next(one for one in self._topics if one.fact.id == "segments")
        for mark in self._marks:
            if mark.kind != "every other":
                continue
            inner = [one for one in read_marks(mark.text.split(" ", 1)[1], ()) if one.quantity]
            for one in inner:
                if one.quantity and not one.quantity.holds(count.fact.value):
                    raise _Wrong(f"not so: {mark.text}")


def _by_so_much(mark: Mark, here: float, there: float) -> bool:
    """Return whether two figures are as far apart as "slightly" or "much" say."""
    near = min(abs(here), abs(there)) * _MUCH >= max(abs(here), abs(there))
    if mark.text.startswith(("slightly", "a ")):
        return near
    return not (mark.text.startswith(("much", "far", "considerably")) and near)


def _others(mark: Mark) -> bool:
    return any(word in mark.text for word in _OTHERS)


def _adverb(word: str) -> bool:
    return word in ("ago", "total", "often")


def _text(marks: Sequence[Mark]) -> str:
    return " ".join(mark.text.strip() for mark in marks)[:120]
