"""True sentences made false: each figure, comparison, name and unit changed, one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["mutations"]

_FLIPPED = {
    "more": "less", "less": "more", "fewer": "more", "largest": "smallest", "smallest": "largest",
    "highest": "lowest", "lowest": "highest", "longer": "shorter", "over": "under",
    "under": "over", "least": "most", "above": "below",
}  # fmt: skip
_SPELT = {
    "two": "five", "three": "seven", "four": "nine", "half": "three quarters", "third": "fifth",
    "quarter": "tenth", "twice": "five times", "ten": "three",
}  # fmt: skip
_UNITS = (("days", "weeks"), ("days", "orders"), ("orders", "days"), ("%", " times"),
          ("revenue", "customers"), ("orders", "categories"))  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?!\d)")
_NEGATED = re.compile(r"\b(?:not|never)\b")


def mutations(sentence: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what was changed, and the sentence that the change makes false."""
    yield from (("figure", one) for one in _numbers(sentence))
    for table, kind in ((_SPELT, "figure in words"), (_FLIPPED, "comparison")):
        for word, other in table.items():
            for found in re.finditer(rf"(?<!-)\b{word}\b", sentence):
                yield kind, sentence[: found.start()] + other + sentence[found.end() :]
    for name in names:
        if name in sentence:
            yield from (("name", sentence.replace(name, one)) for one in names if one != name)
    for unit, other in _UNITS:
        if unit in sentence:
            yield "unit", sentence.replace(unit, other, 1)
    for verb in (" bring ", " have ", " buy "):
        if verb in sentence:
            yield "negation", sentence.replace(verb, f" do not{verb}", 1)


def _numbers(sentence: str) -> Iterator[str]:
    for found in _NUMBER.finditer(sentence):
        value = float(found[0].replace(",", ""))
        smaller = value * 0.6 - 0.1 if value > 1 else value * 3 + 1
        for other in (value * 1.4 + 1, smaller, value * 10):
            said = f"{other:,.1f}" if "." in found[0] else f"{round(other):,}"
            if said != found[0]:
                yield sentence[: found.start()] + said + sentence[found.end() :]
