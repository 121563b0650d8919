"""A story of a segment: its sentences, who phrased them, and how much of it was checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from customer_atlas.segments.stories.checker import Checker, Verdict
from customer_atlas.segments.stories.facts import HERE, StoryFacts
from customer_atlas.segments.stories.reading import split_sentences
from customer_atlas.segments.stories.template import Sentence, tell

__all__ = ["Rejected", "Story", "digest_of", "phrased", "told_by_template"]

TEMPLATE = "template"
_LONGEST = 2_000  # letters of what a model says: a story is a paragraph


@dataclass(frozen=True)
class Rejected:
    """A sentence that was not taken, and what in it follows from no fact."""

    sentence: str
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """A paragraph about a segment.

    `by` is who phrased it: "template", or the name of a model. `verified` is the share (0 to 1) of
    the sentences that were checked and taken: of the model's own where one was asked, of all
    else. `rejected` are those that were replaced, and `note` says what happened to a model that
    was asked in vain. `digest` is of the facts.
    """

    segment_id: str
    sentences: tuple[str, ...]
    by: str
    verified: float
    digest: str
    rejected: tuple[Rejected, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """The paragraph."""
        return " ".join(self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return asdict(self) | {"text": self.text}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Story:
        """Return the record that `to_dict` wrote; raises KeyError where a field is absent."""
        return cls(
            stored["segment_id"],
            tuple(stored["sentences"]),
            stored["by"],
            stored["verified"],
            stored["digest"],
            tuple(Rejected(one["sentence"], tuple(one["wrong"])) for one in stored["rejected"]),
            stored["note"],
        )

    def noted(self, note: str) -> Story:
        """Return the story with a note of what happened."""
        return replace(self, note=note)


def digest_of(facts: StoryFacts) -> str:
    """Return what changes when a fact does."""
    text = json.dumps(facts.to_dict(), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def told_by_template(segment_id: str, facts: StoryFacts) -> Story:
    """Return the story that the template tells, its sentences checked as anybody's are."""
    sentences = tell(facts)
    verdicts = _checked(facts, [one.text for one in sentences])
    true = sum(one.true for one in verdicts)
    rejected = tuple(Rejected(one.sentence, one.wrong) for one in verdicts if not one.true)
    return Story(
        segment_id,
        tuple(one.text for one in sentences),
        TEMPLATE,
        true / len(verdicts) if verdicts else 1.0,
        digest_of(facts),
        rejected,
    )


def phrased(segment_id: str, facts: StoryFacts, text: str, model: str) -> Story:
    """Return the story that a model tells, with the template's sentence wherever it is wrong.

    What the model leaves out, the template adds: the facts of a story are the same whoever
    phrases it. Where no sentence holds, the story is the template's.
    """
    cut = len(text) > _LONGEST
    said = split_sentences(text[:_LONGEST])
    verdicts = _checked(facts, said[:-1] if cut else said)
    true = [one for one in verdicts if one.true]
    rejected = [Rejected(one.sentence, one.wrong) for one in verdicts if not one.true]
    if cut:
        rejected.append(Rejected(said[-1], (f"it goes on for more than {_LONGEST:,} letters",)))
    sentences = _woven(verdicts, tell(facts))
    return Story(
        segment_id,
        tuple(sentences),
        model if true else TEMPLATE,
        len(true) / max(len(true) + len(rejected), 1),
        digest_of(facts),
        tuple(rejected),
        "" if true else f"{model} said nothing that could be verified.",
    )


def _checked(facts: StoryFacts, sentences: Sequence[str]) -> list[Verdict]:
    checker, subject = Checker(facts), HERE
    found = []
    for sentence in sentences:
        verdict = checker.check(sentence, subject)
        subject = verdict.subject
        found.append(verdict)
    return found


def _woven(verdicts: Sequence[Verdict], template: Sequence[Sentence]) -> list[str]:
    """Return the sentences that hold, and the template's of all that they leave out."""
    told = {fact for one in verdicts if one.true for fact in one.facts}
    rest = [one for one in template if not told.issuperset(one.facts)]
    seen: set[str] = set()
    woven: list[str] = []
    for verdict in verdicts:
        if verdict.true:
            if verdict.sentence not in seen:
                woven.append(verdict.sentence)
            seen.add(verdict.sentence)
            continue
        instead = next((one for one in rest if set(one.facts) & set(verdict.touched)), None)
        if instead:
            rest.remove(instead)
            woven.append(instead.text)
    # The size comes first, for the others speak of "them".
    first = [one.text for one in rest if "size" in one.facts]
    return [*first, *woven, *(one.text for one in rest if "size" not in one.facts)]
