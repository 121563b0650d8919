"""Whether what a sentence says follows from facts, word by word."""

from __future__ import annotations

from dataclasses import dataclass

from customer_atlas.segments.stories.claims import Claims
from customer_atlas.segments.stories.clauses import clauses_of
from customer_atlas.segments.stories.facts import HERE, StoryFacts
from customer_atlas.segments.stories.reading import read_marks
from customer_atlas.segments.stories.topics import names_of, topics_of

__all__ = ["Checker", "Verdict"]


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
        segments = {facts.name, facts.against, *facts.others}
        self._levels = frozenset(name for name in self._names if name not in segments)

    def check(self, sentence: str, subject: str = HERE) -> Verdict:
        """Check one sentence; `subject` is whom "they" means in it."""
        marks = read_marks(sentence, self._names)
        wrong = [mark.text for mark in marks if mark.kind == "unknown"]
        claims = Claims(self._facts, self._topics, subject)
        if wrong:
            claims.glance(marks)
        else:
            clauses = clauses_of(marks, self._levels)
            if not any(clause.claims for clause in clauses):
                wrong.append("nothing that a fact could hold")
            for clause in clauses:
                wrong += claims.check(clause)
        return Verdict(
            sentence,
            tuple(dict.fromkeys(claims.bound)),
            tuple(dict.fromkeys((*claims.bound, *claims.touched))),
            tuple(dict.fromkeys(wrong)),
            claims.subject,
        )
