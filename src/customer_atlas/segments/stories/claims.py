"""The claims of a sentence, each tied to a fact and recomputed."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.segments.stories.clauses import OTHERS, PEOPLE, Clause
from customer_atlas.segments.stories.facts import EVERYONE, HERE, StoryFacts
from customer_atlas.segments.stories.quantities import Quantity
from customer_atlas.segments.stories.reading import Mark, read_marks
from customer_atlas.segments.stories.topics import Topic, best, spoken

__all__ = ["Claims"]

_SUMS = ("size", "share", "revenue", "part")
_OF_ALL = {"share", "revenue", "segments"}  # of these "all customers" say what they are a part of
_LOOSE = {"often", "recently", "ago", "segments"}
_EVEN = 0.05
_MUCH = 1.25  # "much more" is more than this many times, "slightly more" no more


class _FalseClaim(Exception):  # noqa: N818 - it is a finding, and no error
    """A claim does not follow from the facts; says what was found."""


class _Unknown(Exception):  # noqa: N818
    """The figure that a claim takes is not known."""


class Claims:
    """What the clauses of one sentence claim, one after the other.

    `subject` is whom "they" means. After the clauses it is whom the sentence is about, `bound` are
    the facts that its claims rest on, and `touched` those that wrong claims speak of.
    """

    def __init__(self, facts: StoryFacts, topics: Sequence[Topic], subject: str) -> None:
        self._facts, self._topics = facts, topics
        self._they = self._main = self._holder = subject
        self._about: list[Topic] = []  # what the clause before spoke of
        self._mean = False
        self._beside: list[Mark] = []  # whom the comparison before was with
        self._begun = False
        self.subject = HERE
        self.bound: list[str] = []
        self.touched: list[str] = []

    def glance(self, marks: Sequence[Mark]) -> None:
        """Note which facts a sentence that cannot be read speaks of."""
        words = spoken(marks)
        self.touched += [one.fact.id for one in self._topics if one.core <= words]

    def check(self, clause: Clause) -> list[str]:
        """Check a clause; returns what is wrong."""
        self._clause = clause
        self._words = self._concepts(clause)
        self._used: list[Topic] = []
        for mark in clause.marks:
            if mark.kind in ("mean", "median"):
                self._mean = mark.kind == "mean"
        try:
            self._take_holder()
            failed = [mark for at, mark in clause.claims if not self._is_true(at, mark)]
            if any(not self._is_constant(mark) for mark in failed):
                raise _FalseClaim(self._why)
            if not self._used:
                raise _FalseClaim(f"nothing known of: {clause.text}")
            self._account_for_every_word()
        except _FalseClaim as found:
            self.touched += [one.fact.id for one in self._told()]
            return [str(found)]
        self.bound += [topic.fact.id for topic in self._used]
        self._about = self._used[-1:]
        return []

    def _concepts(self, clause: Clause) -> set[str]:
        names = clause.levels | {self._facts.against}
        words = spoken(one for one in clause.marks if one.kind != "name" or one.text in names)
        if any(one.quantity and clause.noun(one) == "segments" for one in clause.marks):
            words.add("segments")
        if any(one.kind == "everyone" for one in clause.objects):
            words.add(PEOPLE)
        return words

    # Of whom

    def _who(self, mark: Mark) -> str:
        if mark.kind == "everyone":
            return self._facts.against if self._is_of_features() else EVERYONE
        if mark.kind == "here":
            return HERE if "segment" in mark.text or "these" in mark.text else self._they
        return HERE if mark.text == self._facts.name else mark.text

    def _is_of_features(self) -> bool:
        return any(one.fact.id.startswith("feature:") for one in self._told() or self._about)

    def _take_holder(self) -> None:
        """Find whose figures the clause tells."""
        named = {self._who(mark) for mark in self._clause.subjects(self._facts.against)}
        self._summed = sorted(named) if self._clause.has("sum") else []
        if self._clause.has("sum"):
            if len(named) < 2:
                raise _FalseClaim("a sum of what is not named")
            return
        about = {one.fact.id for one in best(self._told())}
        if len(named) > 1 and about <= _OF_ALL | {"size"}:
            named.discard(EVERYONE)  # a share of all is not what all have
        elif named == {EVERYONE} and about <= _OF_ALL:
            named = set()
        if len(named) > 1:
            raise _FalseClaim(f"whose figure it is cannot be told: {self._clause.text}")
        if named:
            self._name(named.pop())
        elif self._clause.compared:
            self._holder = self._facts.against if self._is_of_features() else EVERYONE
        else:
            self._holder = self._main

    def _name(self, holder: str) -> None:
        self._holder = holder
        if not self._clause.compared:
            self._main = holder
            if not self._begun:
                self.subject, self._begun = holder, True
        if holder not in (HERE, EVERYONE) and self._they == HERE:
            self._they = holder

    def _other(self, at: int, topic: Topic) -> str:
        """Return whom a comparison at a place is with; everyone where nobody is named."""
        found = (self._clause.holders_after(at) or self._beside)[:1]
        self._beside = found
        self._average = any("average" in one.text for one in found)
        self._rest = any(word in one.text for one in found for word in OTHERS)
        if found and found[0].kind in ("name", "here"):
            return self._who(found[0])
        against = self._facts.against
        return against if against in topic.fact.values else EVERYONE

    # Of what

    def _told(self) -> list[Topic]:
        return [one for one in self._topics if one.told(self._words, self._clause.figures)]

    def _meant(self, at: int, mark: Mark) -> list[Topic]:
        """Return the topics that a claim may be of, the most specific ones."""
        words = self._words - {PEOPLE}
        told, carried = self._told(), self._carried()
        if mark.quantity:
            told = [one for one in told if self._fits(at, mark.quantity, one)]
            carried = [one for one in carried if self._fits(at, mark.quantity, one, bare=True)]
            loose = all(one.core == {PEOPLE} for one in told) and self._goes_on(words)
            if carried and (not words or loose):
                return [*carried, *told]
        else:
            told = [one for one in told if one.fact.id != "segments"]
            few = [one for one in told if one.core != {PEOPLE}]
            told = few or ([] if carried and not self._clause.has("customers") else told)
        if told:
            return best([one for one in told if words <= one.owned] or told)
        if words - _LOOSE and not self._goes_on(words):
            return []
        if not carried and not mark.quantity:
            return [one for one in self._topics if one.fact.id == "size"]
        return carried

    def _carried(self) -> list[Topic]:
        """Return what the clause before spoke of; a size is followed by its share."""
        sized = any(one.fact.id == "size" for one in self._about)
        return self._about + [one for one in self._topics if sized and one.fact.id == "share"]

    def _goes_on(self, words: set[str]) -> bool:
        """Return whether words are all of what the clause before spoke of."""
        owned = {word for one in self._about for word in one.owned}
        return bool(self._about) and words <= owned | {PEOPLE}

    def _fits(self, at: int, quantity: Quantity, topic: Topic, *, bare: bool = False) -> bool:
        """Return whether a figure is written as one of a topic would be."""
        if self._clause.form(at) != "plain":
            return topic.fact.id != "segments"
        noun = self._clause.noun(self._clause.marks[at])
        if noun and noun not in topic.owned:
            return False
        if quantity.kind == topic.kind or (quantity.high == 0 and topic.kind != "times"):
            return True
        return bare and not noun and quantity.kind == "plain" and topic.kind in ("time", "times")

    # Whether it is so

    def _is_true(self, at: int, mark: Mark) -> bool:
        """Return whether a claim holds of one of the topics that it may be of."""
        meant = self._meant(at, mark)
        self._why = f"{'not so' if meant else 'no fact of'}: {self._clause.text}"
        for topic in meant:
            self._average = self._rest = False
            try:
                found = self._holds(at, mark, topic)
            except _Unknown:
                self._why = f"a figure that is not known: {self._clause.text}"
                continue
            if found != self._is_negated(topic):
                self._check_statistic(topic)
                self._used.append(topic)
                return True
        self.touched += [topic.fact.id for topic in meant]
        return False

    def _is_negated(self, topic: Topic) -> bool:
        own = topic.negations if topic.core <= self._words else 0
        return (sum(one.kind == "not" for one in self._clause.marks) - own) % 2 == 1

    def _check_statistic(self, topic: Topic) -> None:
        measure, clause = topic.fact.measure, self._clause
        average = self._average or any(
            one.kind == "everyone" and "average" in one.text for one in clause.marks
        )
        if measure == "median" and (self._mean or average):
            raise _FalseClaim(f"a median is no average: {clause.text}")
        if measure == "mean" and any("the median" in one.text for one in clause.marks):
            raise _FalseClaim(f"an average is no median: {clause.text}")
        if measure in ("mean", "median") and clause.has("whole"):
            raise _FalseClaim(f"said of every one of them: {clause.text}")

    def _value(self, topic: Topic, holder: str) -> float:
        found = topic.value(holder)
        if found is None:
            raise _Unknown
        return found

    def _holds(self, at: int, mark: Mark, topic: Topic) -> bool:
        if PEOPLE not in topic.core and self._clause.counts_people(at):
            raise _Unknown
        if mark.quantity:
            return self._figure_holds(at, mark, mark.quantity, topic)
        compares = mark.kind in ("more", "less", "same")
        if mark.kind in ("most", "least") or (compares and self._clause.has("every other")):
            return self._place_holds(at, mark, topic)
        if mark.kind == "majority":
            return topic.kind == "share" and self._value(topic, self._holder) > 0.5
        if mark.kind == "only":
            return self._facts.others == ()
        other = self._other(at, topic)
        here, there = self._value(topic, self._holder), self._value(topic, other)
        if other == self._holder:
            raise _Unknown
        if mark.kind == "same":
            return not self._rest and abs(here - there) <= _EVEN * max(abs(here), abs(there))
        upward = self._is_upward(at, mark, topic)
        return (here > there if upward else here < there) and _by_so_much(mark, here, there)

    def _figure_holds(self, at: int, mark: Mark, quantity: Quantity, topic: Topic) -> bool:
        form = self._clause.form(at)
        if form == "unclear":
            raise _Unknown
        if form != "plain":
            return self._relation_holds(at, quantity, topic)
        if topic.fact.id == "size" and self._clause.is_of_whole(at):
            wholes = {EVERYONE, self._facts.against}
            return any(quantity.holds(self._value(topic, one)) for one in wholes)
        if self._summed:
            if topic.fact.id not in _SUMS:
                raise _Unknown
            return quantity.holds(sum(self._value(topic, one) for one in self._summed))
        if any(one.kind == "everyone" and _is_rest(one) for one in self._clause.marks):
            raise _Unknown
        beside = self._clause.is_beside(at)
        holder = self._other(at, topic) if beside else self._holder
        value = self._value(topic, holder)
        if quantity.few and topic.fact.values.get(self._facts.against, value + 1) <= value:
            return False
        return quantity.holds(value) or _as_said(mark, topic, holder)

    def _relation_holds(self, at: int, quantity: Quantity, topic: Topic) -> bool:
        """Return whether a ratio, a percentage or a difference of two figures is so."""
        clause, form = self._clause, self._clause.form(at)
        if topic.fact.id in _SUMS and not (clause.holders_after(at) or self._beside):
            raise _Unknown
        other = self._other(at, topic)
        here, there = self._value(topic, self._holder), self._value(topic, other)
        if self._rest or other == self._holder:
            raise _Unknown
        if form == "difference":
            more = self._is_upward(at, clause.compared_after(at), topic)
            return quantity.holds(here - there if more else there - here)
        if there == 0 or here == 0:
            raise _Unknown
        if form == "percent":
            more = clause.compared_after(at).kind == "more"
            return quantity.holds(here / there - 1 if more else 1 - here / there)
        often = "often" in self._words or any("often" in one.text for one in clause.marks)
        return quantity.holds(there / here if often and "gap" in topic.core else here / there)

    def _place_holds(self, at: int, mark: Mark, topic: Topic) -> bool:
        """Return whether the holder is at a place among all segments."""
        others = [one for one in (HERE, *self._facts.others) if one != self._holder]
        values = [self._value(topic, one) for one in others]
        here = self._value(topic, self._holder)
        if not others or here in values:
            return False
        upward = self._is_upward(at, mark, topic)
        ahead = sum(one > here if upward else one < here for one in values)
        return ahead == (mark.place or 1) - 1

    def _is_upward(self, at: int, mark: Mark, topic: Topic) -> bool:
        """Return whether a comparison says that the figure is high.

        Who orders more often waits fewer days, and who ordered more recently did so fewer days ago.
        """
        up = mark.kind in ("more", "most", "same")
        near = self._clause.near(at)
        often = "often" in near and "gap" in topic.core
        return up != (topic.kind == "time" and (often or "recently" in near))

    # What is left

    def _is_constant(self, mark: Mark) -> bool:
        """Return whether a figure is part of how a fact is said, such as a window."""
        return mark.quantity is not None and any(
            mark.quantity.kind == one.kind and mark.quantity.holds(one.middle)
            for topic in self._used
            for one in topic.constants
        )

    def _account_for_every_word(self) -> None:
        owned = {word for topic in (*self._used, *self._about) for word in topic.owned}
        left = self._words - owned - {PEOPLE, f"“{self._facts.against}”"}
        if any(topic.fact.id == "size" for topic in self._used):
            left.discard("segments")
        if left:
            raise _FalseClaim(f"words that no fact has: {', '.join(sorted(left))}")
        for mark in self._clause.marks:
            if mark.kind == "every other":
                self._check_count(mark)

    def _check_count(self, mark: Mark) -> None:
        """Hold the number in "of all 6 segments"."""
        count = len(self._facts.others) + 1
        inner = [one.quantity for one in read_marks(mark.text.partition(" ")[2], ())]
        if any(one and not one.holds(count) for one in inner):
            raise _FalseClaim(f"not so: {mark.text}")
        if any(inner):
            self.bound.append("segments")


def _as_said(mark: Mark, topic: Topic, holder: str) -> bool:
    """Return whether a figure stands as the fact says it, whose rounding is its own."""
    text = topic.fact.texts.get(holder, "")
    unit = mark.text.removeprefix(text)
    same = bool(text) and unit != mark.text and not unit.strip("daystime -")
    plain = mark.quantity is not None and mark.quantity.kind in (topic.kind, "plain")
    return same and topic.scale == 1.0 and plain


def _by_so_much(mark: Mark, here: float, there: float) -> bool:
    """Return whether two figures are as far apart as "slightly" or "much" say."""
    near = min(abs(here), abs(there)) * _MUCH >= max(abs(here), abs(there))
    if mark.text.startswith(("slightly", "a ")):
        return near
    return not (mark.text.startswith(("much", "far", "considerably")) and near)


def _is_rest(mark: Mark) -> bool:
    return any(word in mark.text for word in OTHERS)
