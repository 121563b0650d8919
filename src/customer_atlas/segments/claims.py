"""What may be said of a group in a name, each claim with the figures that make it true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from customer_atlas.segments.effects import Contrast, Group
from customer_atlas.segments.words import axis_of, hyphened, readable, tells, words_for

__all__ = ["Claim", "Tier", "claims_of", "tier_of"]

Tier = Literal["top", "valuable", "mid", "low"]

_WEAKEST = 0.1  # weaker contrasts are noise
_CLEAR = 0.3
_RHYTHMS = (
    ("daily", 0.8, 1.3),
    ("twice-weekly", 3.0, 4.0),
    ("weekly", 6.0, 8.0),
    ("fortnightly", 12.0, 16.0),
    ("monthly", 25.0, 35.0),
    ("quarterly", 80.0, 100.0),
    ("yearly", 340.0, 390.0),
)
_SPEND = {
    "top": ("top", "big spenders"),
    "valuable": ("valuable", "high spenders"),
    "mid": ("mid-value", ""),
    "low": ("low-spend", "light spenders"),
}
_TIER_SIGN = {"top": 1, "valuable": 1, "mid": 0, "low": -1}


@dataclass(frozen=True)
class Claim:
    """A word or two that are true of a group.

    `axes` are the traits that it speaks of with the side it takes (1 much, -1 little): a name
    speaks of each trait once. `feature` and `sign` say what it rests on, `strength` is the size
    of the effect.
    """

    text: str
    slot: Literal["tier", "behaviour", "trait", "noun"]
    axes: Mapping[str, int]
    feature: str
    sign: int
    strength: float


def tier_of(group: Group, groups: Sequence[Group]) -> Tier | None:
    """Return the value tier by revenue per head against that of all.

    None without revenue, or without another group.
    Top is twice the average, or the best of all groups at one and a half times; valuable is
    a fifth above it, low is under three fifths.
    """
    ratio = group.head_ratio
    if ratio is None or len(groups) == 1:
        return None
    best = max(one.head_ratio or 0.0 for one in groups)
    if ratio >= 2 or (ratio == best and ratio >= 1.5):
        return "top"
    if ratio >= 1.2:
        return "valuable"
    return "mid" if ratio >= 0.6 else "low"


def claims_of(group: Group, tier: Tier | None) -> list[Claim]:
    """Return every claim that holds for a group, each with words, axes and strength."""
    numbers = {one.info.name: one for one in group.contrasts if one.kind == "number"}
    found = [
        *_tiers(tier),
        *_rhythm(numbers),
        *_loyalty(numbers),
        *_single(numbers),
        *(claim for one in numbers.values() for claim in _adjectives(one)),
        *(claim for one in group.contrasts for claim in _categories(one)),
    ]
    often = numbers.get("frequency")
    # One order makes no trend: it is all in the last 90 days, or all before.
    mute = {"trend_90d"} if often is not None and often.single > 0.5 else set()
    return [c for c in found if c.strength >= _WEAKEST and c.feature not in mute]


def _tiers(tier: Tier | None) -> list[Claim]:
    if tier is None:
        return []
    adjective, noun = _SPEND[tier]
    sign = _TIER_SIGN[tier]
    found = [Claim(adjective, "tier", {"value": sign}, "monetary", sign, 1.0)]
    if noun:
        found.append(Claim(noun, "noun", {"value": sign}, "monetary", sign, 1.0))
    return found


def _rhythm(numbers: Mapping[str, Contrast]) -> list[Claim]:
    """Return a word for a typical gap that has one: weekly, monthly."""
    gap = numbers.get("gap_mean_days")
    if gap is None:
        return []
    return [
        Claim(word, "behaviour", {"frequency": -gap.sign}, gap.info.name, gap.sign, _strength(gap))
        for word, low, high in _RHYTHMS
        if low <= gap.value <= high
    ]


def _loyalty(numbers: Mapping[str, Contrast]) -> list[Claim]:
    """Return regulars (who come often) and loyal ones (often, for long, and until now)."""
    often = numbers.get("frequency")
    if often is None or often.effect < _CLEAR or not often.plain:
        return []
    strength = _strength(often)
    axes = {"frequency": 1, "rhythm": -1}
    found = [Claim("regulars", "noun", axes, "frequency", 1, strength)]
    long, last = numbers.get("tenure_days"), numbers.get("recency_days")
    if long and long.effect >= _CLEAR and (last is None or last.effect < 0):
        axes = {"frequency": 1, "age": 1, "activity": 1}
        together = (strength + _strength(long)) / 2 + 0.2
        found.append(Claim("loyal", "behaviour", axes, "frequency", 1, together))
    return found


def _single(numbers: Mapping[str, Contrast]) -> list[Claim]:
    """Return one-time, where four in five placed one order at most."""
    often = numbers.get("frequency")
    if often is None or often.effect > -_CLEAR or often.single < 0.8:
        return []
    axes = {"frequency": -1, "rhythm": -1, "trend": -1}
    return [Claim("one-time", "behaviour", axes, "frequency", -1, _strength(often) + 0.3)]


def _adjectives(contrast: Contrast) -> list[Claim]:
    """Return the feature's own adjective for the side that the group is on."""
    words = words_for(contrast.info)
    if contrast.statistic == "share":
        words = replace(words, high=hyphened(readable(contrast.info.label)), low="")
    text = words.high if contrast.sign > 0 else words.low
    if not (text and words.slot and contrast.plain):
        return []
    if contrast.statistic == "share" and contrast.value <= 0.5:
        return []
    holds = _GUARDS.get(text.rsplit(" ", 1)[-1])
    if holds is not None and not holds(contrast):
        return []
    slot: Literal["behaviour", "trait", "noun"] = "noun" if " " in text else words.slot
    axes = {words.axis: contrast.sign}
    return [Claim(text, slot, axes, contrast.info.name, contrast.sign, _strength(contrast))]


def _categories(contrast: Contrast) -> list[Claim]:
    """Return the category that most of the group share and others do not."""
    if contrast.kind != "category" or contrast.effect < _CLEAR or contrast.value <= 0.5:
        return []
    if not (words_for(contrast.info).slot and tells(contrast.level)):
        return []
    axis, strength = axis_of(contrast.info, contrast.level), _strength(contrast)
    if contrast.info.name == "top_category":
        text = f"{hyphened(readable(contrast.level).casefold())}-first"
    else:
        text = _level(contrast)
    return [Claim(text, "trait", {axis: 1}, contrast.info.name, 1, strength)] if text else []


def _level(contrast: Contrast) -> str:
    """Return a category as an adjective; yes, no and numbers need their column's name."""
    label, level = hyphened(readable(contrast.info.label)), hyphened(contrast.level.strip())
    if level.casefold() in ("yes", "true", "y"):
        return label
    if level.casefold() in ("no", "false", "n"):
        return f"no-{label}"
    if not level[0].isalpha():
        return f"{level}-{label}"
    return level if level.isupper() or "-" not in level else level.lower()


def _strength(contrast: Contrast) -> float:
    return abs(contrast.effect)


def _far(times: float) -> Callable[[Contrast], bool]:
    return lambda contrast: contrast.effect >= 0.5 and contrast.value >= times * contrast.overall


def _ratio_under(times: float) -> Callable[[Contrast], bool]:
    return lambda contrast: 0 <= contrast.value <= times * contrast.overall


def _leans(times: float) -> Callable[[Contrast], bool]:
    """Return the condition that a share is large, by itself and against everyone's."""
    return lambda contrast: contrast.value >= max(0.05, times * contrast.overall)


# Words that claim more than "more than the others" hold only under these conditions, whichever
# feature declares them.
_GUARDS: Mapping[str, Callable[[Contrast], bool]] = {
    "lapsed": _far(1.5),
    "dormant": _far(1.5),
    "new": _ratio_under(0.7),
    "one-visit": lambda contrast: contrast.single >= 0.8,
    "one-time": lambda contrast: contrast.single >= 0.8,
    "lovers": _leans(1.5),
    "bargain-hunting": _leans(1.25),
    "often-returning": _leans(1.25),
    "full-price": _ratio_under(0.5),
    "growing": lambda contrast: contrast.value > 0,
    "fading": lambda contrast: contrast.value < 0,
}
