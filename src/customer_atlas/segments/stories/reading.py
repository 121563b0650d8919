"""A text as sentences, and a sentence as marks: figures, names, comparisons, words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from customer_atlas.segments.stories.lexicon import (
    CAUSES,
    FEELINGS,
    FORECASTS,
    claims_nothing,
    concept,
)
from customer_atlas.segments.stories.marks import (
    COMPARED,
    HEDGED,
    KINDS,
    ORDINALS,
    PLACE,
    WHOLE,
    ZERO,
)
from customer_atlas.segments.stories.quantities import HEDGES, NUMBER, Quantity, read_quantity

__all__ = ["Mark", "read_marks", "split_sentences"]

Kind = Literal[
    "quantity", "name", "everyone", "here", "more", "less", "same", "most", "least", "majority",
    "only", "every other", "sum", "not", "concept", "customers", "break", "than", "against",
    "mean", "median", "whole", "plain", "unknown",
]  # fmt: skip

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_FIRST_NAME = 0xE000  # names stand as single letters of the private use area
# "one" counts only where something to count follows; "one of them" and "one category" do not.
_COUNTED_ONE = re.compile(
    r"one (?:day|week|month|year|hour|minute|order|purchase|customer|person|segment)\b"
    r"|one (?:hundred|thousand|million|dozen)|one[ -](?:half|third|quarter|[a-z]+th)\b"
    r"|one (?:in|out of) (?!categ|produ)"
)
_SIGNS = {"’": "'", "‘": "'", "„": '"', "‟": '"', "«": '"', "»": '"', "\u00a0": " "}
_SIGNS |= {"\u202f": " ", "‑": "-"}


@dataclass(frozen=True, eq=False)
class Mark:
    """A piece of a sentence: what kind it is, its text, and what it says."""

    kind: Kind
    text: str
    quantity: Quantity | None = None
    place: int = 0
    hedge: str = ""


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, without the signs of lists before them.

    >>> split_sentences("They pay 2.21 an item. All “A. B” customers do!  - And now?")
    ['They pay 2.21 an item.', 'All “A. B” customers do!', 'And now?']
    """
    found: list[str] = []
    for line in text.splitlines():
        line, start = _BULLET.sub("", line), 0
        for end in re.finditer(r"[.!?]+[”\"')]*(?=\s|$)", line):
            if line.count("“", start, end.end()) <= line.count("”", start, end.end()):
                found.append(line[start : end.end()])
                start = end.end()
        found.append(line[start:])
    return [clean for one in found if (clean := _BULLET.sub("", one).strip())]


def read_marks(sentence: str, names: Sequence[str]) -> list[Mark]:
    """Return the marks of a sentence; `names` may stand in it, in quotes where they could be words.

    Whatever is neither a word that is known nor a mark is `unknown`, with what is wrong about it.
    """
    line = _named(_straight(sentence), names).lower()
    marks: list[Mark] = []
    at = 0
    while at < len(line):
        if line[at].isspace() or line[at] in '.!?"':
            at += 1
            continue
        mark, at = _next(line, at, names)
        marks.append(mark)
    return marks


def _straight(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)


def _named(text: str, names: Sequence[str]) -> str:
    """Return the text with each name in it as one letter; a name in quotes may be any word."""
    text = "".join(sign for sign in text if not 0xE000 <= ord(sign) <= 0xF8FF)
    for place, name in sorted(enumerate(names), key=lambda one: -len(one[1])):
        letter, said = f" {chr(_FIRST_NAME + place)} ", re.escape(_straight(name))
        text = re.sub(rf"[“\"']{said}[,.]?[”\"']", letter, text, flags=re.IGNORECASE)
        if not _is_word(name):
            text = re.sub(rf"(?<![\w-]){said}(?![\w-])", letter, text, flags=re.IGNORECASE)
    return text


def _is_word(name: str) -> bool:
    """Return whether a name could be mistaken for a word or a figure of the sentence."""
    word = name.lower()
    if len(word.split()) > 1:
        return False
    known = any(pattern.match(word) for _, pattern in (*KINDS, *COMPARED))
    return claims_nothing(word) or len(word) < 4 or known or NUMBER.match(word) is not None


def _next(line: str, at: int, names: Sequence[str]) -> tuple[Mark, int]:
    """Return the mark that begins at a place of the line, and where it ends."""
    if 0 <= (number := ord(line[at]) - _FIRST_NAME) < len(names):
        return Mark("name", names[number]), at + 1
    if line[at] in "“”":
        return Mark("unknown", "a quoted name that no fact has"), at + 1
    if line[at].isalnum() and at and line[at - 1].isalnum():
        return Mark("unknown", f"what is written as {line[at - 1 : at + 8].split()[0]!r}"), at + 1
    return (
        _placed(line, at)
        or _fixed(line, at, KINDS[:2])
        or _figure(line, at)
        or _fixed(line, at, KINDS[2:])
        or _fixed(line, at, COMPARED)
        or _word(line, at)
    )


def _placed(line: str, at: int) -> tuple[Mark, int] | None:
    found = PLACE.match(line, at)
    if not found:
        return None
    n = found["n"]
    place = ORDINALS.index(n) + 2 if n in ORDINALS else int(n[:-2])
    most = any(kind == "most" and p.fullmatch(found["what"]) for kind, p in COMPARED)
    return Mark("most" if most else "least", found[0], place=place), found.end()


def _figure(line: str, at: int) -> tuple[Mark, int] | None:
    hedge = HEDGED.match(line, at)
    for start, said in ((hedge.end() if hedge else at, hedge["hedge"] if hedge else ""), (at, "")):
        if HEDGES.get(said) == "range":
            if found := _between(line, start, at):
                return found
            continue
        number = NUMBER.match(line, start)
        if number and not (number[0].startswith("one") and not _COUNTED_ONE.match(line, start)):
            quantity = read_quantity(number, said)
            return Mark("quantity", line[at : number.end()], quantity, hedge=said), number.end()
    if none := ZERO.match(line, at):
        return Mark("quantity", none[0], Quantity(0.0, 0.0, "plain", "0")), none.end()
    if whole := WHOLE.match(line, at):
        return Mark("quantity", whole[0], Quantity(0.9995, 1.0, "share", "100%")), whole.end()
    return None


def _between(line: str, start: int, at: int) -> tuple[Mark, int] | None:
    """Return a range that is written as between one figure and another."""
    first = NUMBER.match(line, start)
    joint = re.compile(r"\s+and\s+").match(line, first.end()) if first else None
    second = NUMBER.match(line, joint.end()) if joint else None
    if not first or not second or not first["plain"] or not second["plain"]:
        return None
    found = NUMBER.fullmatch(f"{first['plain']} to {second[0]}")
    if not found:
        return None
    end = second.end()
    return Mark("quantity", line[at:end], read_quantity(found), hedge="between"), end


def _fixed(
    line: str, at: int, kinds: Sequence[tuple[str, re.Pattern[str]]]
) -> tuple[Mark, int] | None:
    for kind, pattern in kinds:
        if found := pattern.match(line, at):
            if kind.startswith("concept:"):
                return Mark("concept", kind.partition(":")[2]), found.end()
            text = f"a cause: {found[0]}" if kind == "unknown" else found[0]
            return Mark(kind, text), found.end()  # type: ignore[arg-type]
    return None


def _word(line: str, at: int) -> tuple[Mark, int]:
    found = _WORD.match(line, at)
    if not found:
        return Mark("unknown", f"the sign {line[at]!r}"), at + 1
    word = found[0]
    for words, what in ((CAUSES, "a cause"), (FORECASTS, "a forecast"), (FEELINGS, "a feeling")):
        if word in words and concept(word) == word:
            return Mark("unknown", f"{what}: {word}"), found.end()
    if claims_nothing(word):
        return Mark("plain", word), found.end()
    if "-" in word:
        end = at + word.index("-")
        return Mark("concept", concept(line[at:end])), end + 1
    return Mark("concept", concept(word)), found.end()
