"""Figures as people write them: what a text's number may truly stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["HEDGES", "NUMBER", "Quantity", "read_quantity"]

Kind = Literal["plain", "share", "times", "time"]

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
    *("seventeen", "eighteen", "nineteen"),
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: n for n, word in enumerate(_ONES)}
_WORDS |= {word: 10 * (n + 2) for n, word in enumerate(_TENS)}
_SCALES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "fortnight": 14.0}
_DAYS |= {"month": 30.4375, "year": 365.25}

_word = "|".join(sorted((*_WORDS, *_SCALES), key=len, reverse=True))
_spelt = (
    rf"(?:an? (?=dozen|hundred|thousand|million))?\b(?:{_word})\b(?:(?:-| and | )(?:{_word})\b)*"
)
_digits = r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d])(?: (?:thousand|million|billion)\b)?"
_plain = rf"(?:{_digits}|{_spelt})"
_few = "an?|one|two|three|four|five|six|seven|eight|nine"
_time = r"(?:minutes?|hours?|days?|weeks?|fortnights?|months?|years?)\b"
_sign = r"\s?%| percent\b| per cent\b"
NUMBER = re.compile(
    rf"(?P<ratio>{_plain}(?: in | out of ){_plain}(?!\s?%| percent| days| categor))"
    r"|(?P<fold>\b(?:twice|thrice|double|triple)\b)"
    rf"|(?P<part>(?:\b(?:{_few})[ -])?\b(?:{'|'.join(_PARTS)})s?\b"
    r"(?P<ofpercent> (?:an?|one|of one) (?:percent|per cent)\b)?)"
    rf"|(?P<low>{_plain})(?P<lowsign>{_sign})?\s?(?:-|–|to)\s?(?P<high>{_plain})"
    rf"(?:(?P<highsign>{_sign})|[ -](?P<hightime>{_time}))?"
    rf"|(?P<plain>{_plain})"
    rf"(?:(?P<sign>{_sign})|(?P<times> times\b|-?fold\b|\s?[x×](?![a-z]))|[ -](?P<time>{_time}))?"
)
"""A figure in a line of lower case, with the unit that follows it."""

HEDGES = {
    "about": "near", "around": "near", "roughly": "near", "approximately": "near", "some": "near",
    "close to": "near", "nearly": "below", "almost": "below", "just under": "below",
    "a little under": "below", "slightly under": "below", "just below": "below",
    "not quite": "below", "slightly less than": "below", "a little less than": "below",
    "just over": "just above", "a little over": "just above", "slightly over": "just above",
    "slightly more than": "just above", "a little more than": "just above", "over": "above",
    "more than": "above", "above": "above", "at least": "from", "no fewer than": "from",
    "no less than": "from", "under": "under", "less than": "under", "fewer than": "under",
    "below": "under", "at most": "up to", "up to": "up to", "no more than": "up to",
    "almost exactly": "", "a bit over": "just above", "a bit under": "below",
    "exactly": "", "precisely": "", "only": "few", "just": "few", "between": "range",
    "as many as": "", "a full": "", "fully": "",
}  # fmt: skip
"""What the words before a figure make of it."""

_ROUNDED = 0.15  # a rounded figure is no farther away than this
_NEAR = 0.05
_REACH = 1.25  # "over 100" is true of 125, and no longer of 126
_SHORT = 1.1


@dataclass(frozen=True)
class Quantity:
    """A written figure as the interval of what it may truly stand for, ends included.

    Shares are from 0 to 1, times in days. `written` is the figure as it stands in the text, and
    `few` is whether the text calls it little ("only").
    """

    low: float
    high: float
    kind: Kind
    written: str
    few: bool = False

    def holds(self, value: float) -> bool:
        """Return whether a true value may be written so."""
        slack = 1e-9 * max(abs(value), 1.0)
        return self.low - slack <= value <= self.high + slack

    @property
    def middle(self) -> float:
        """The figure itself."""
        return (self.low + self.high) / 2


def read_quantity(found: re.Match[str], hedge: str = "") -> Quantity:
    """Return what a match of `NUMBER` says, with the hedge before it.

    >>> read_quantity(NUMBER.match("two weeks"), "about").holds(14)
    True
    >>> [read_quantity(NUMBER.match("17%")).holds(v) for v in (0.174, 0.176)]
    [True, False]
    >>> read_quantity(NUMBER.match("one in five")).holds(0.2)
    True
    """
    how, text = HEDGES.get(hedge, ""), found[0]
    if found["ratio"]:
        few, many = re.split(r" in | out of ", text)
        return _hedged(_number(few) / max(_number(many), 1e-9), None, "share", how, text)
    if found["fold"]:
        value = 3.0 if found["fold"] in ("thrice", "triple") else 2.0
        return _hedged(value, None, "times", how, text)
    if found["part"]:
        said = text.removesuffix(found["ofpercent"] or "")
        value = _fraction(said) * (0.01 if found["ofpercent"] else 1.0)
        return _hedged(value, None, "share", how, text)
    if found["low"]:
        return _range(found)
    unit, kind = _unit(found)
    value = _number(found["plain"])
    return _hedged(value * unit, _half(found["plain"]) * unit, kind, how, text)


def _unit(found: re.Match[str]) -> tuple[float, Kind]:
    if found["sign"]:
        return 0.01, "share"
    if found["times"]:
        return 1.0, "times"
    if found["time"]:
        return _DAYS[found["time"].removesuffix("s")], "time"
    return 1.0, "plain"


def _range(found: re.Match[str]) -> Quantity:
    low, high = _number(found["low"]), _number(found["high"])
    unit, kind = 1.0, "plain"
    if found["highsign"] or found["lowsign"]:
        unit, kind = 0.01, "share"
    elif found["hightime"]:
        unit, kind = _DAYS[found["hightime"].removesuffix("s")], "time"
    if not low < high <= 1.5 * low:  # who says 1 to 100 says nothing
        low, high = 1.0, 0.0
    return Quantity(low * unit, high * unit, kind, found[0])  # type: ignore[arg-type]


def _hedged(value: float, half: float | None, kind: Kind, how: str, text: str) -> Quantity:
    """Return the interval of a figure; `half` is half a unit of its last written place."""
    size = abs(value)
    exact = _NEAR * size if half is None else min(half, _ROUNDED * size)
    near = 2 * _NEAR * size if half is None else max(_NEAR * size, exact)
    low, high = {
        "": (-exact, exact),
        "few": (-exact, exact),
        "near": (-near, near),
        "below": (-size * (1 - 1 / _SHORT), -1e-6 * size),
        "just above": (1e-6 * size, size * (_SHORT - 1)),
        "above": (1e-6 * size, size * (_REACH - 1)),
        "from": (0.0, size * (_REACH - 1)),
        "under": (-size * (1 - 1 / _REACH), -1e-6 * size),
        "up to": (-size * (1 - 1 / _REACH), 0.0),
        "range": (1.0, -1.0),
    }[how]
    return Quantity(value + low, value + high, kind, text, how == "few")


def _number(text: str) -> float:
    """Return a number in digits or words.

    >>> _number("2,469"), _number("1.23 million"), _number("two hundred and five")
    (2469.0, 1230000.0, 205.0)
    """
    sign = -1 if text[0] in "-−" else 1
    total = current = 0.0
    for word in re.findall(r"[\d,.]+|[a-z]+", text):
        if word in _SCALES:
            current = (current or 1.0) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
        elif word in _WORDS:
            current += _WORDS[word]
        elif word[0].isdigit():
            current += float(word.replace(",", ""))
    return sign * (total + current)


def _half(text: str) -> float:
    """Return half a unit of the last place of a number.

    >>> _half("17.4"), _half("1.23 million"), _half("twelve")
    (0.05, 5000.0, 0.5)
    """
    number = re.match(r"[-−]?[\d,]+(?:\.(\d+))?", text)
    if number is None:
        return 0.5
    scale = next((size for word, size in _SCALES.items() if word in text), 1.0)
    return 0.5 * scale / 10.0 ** len(number[1] or "")


def _fraction(text: str) -> float:
    """Return what a fraction is.

    >>> round(_fraction("two-thirds"), 3), _fraction("half"), _fraction("a quarter")
    (0.667, 0.5, 0.25)
    """
    words = re.findall(r"[a-z]+", text)
    part = words[-1] if words[-1] in _PARTS else words[-1].removesuffix("s")
    return float(_WORDS.get(words[0], 1)) / _PARTS[part]
