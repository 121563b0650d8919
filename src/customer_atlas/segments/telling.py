"""The few features that say most about a group, and how to say them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from customer_atlas.features import FeatureInfo
from customer_atlas.segments.effects import Contrast
from customer_atlas.segments.numbers import say_pair
from customer_atlas.segments.segment import Telling
from customer_atlas.segments.words import axis_of, one_or_many, readable, words_for

__all__ = ["most_telling", "strongest", "told"]

_SMALL = 0.2  # what Cohen calls a small effect


def most_telling(
    contrasts: Iterable[Contrast], count: int = 5, named: Collection[str] = ()
) -> tuple[Telling, ...]:
    """Return the contrasts with the largest effects, the strongest first.

    The features that the group is `named` for are among them: a name is backed by evidence. At
    first only one of each axis is taken: recency, orders and spend of the last month say the
    same thing three times. Where that gives too few, the strongest of the rest fill up.
    """
    ranked = sorted(_one_per_feature(contrasts), key=_rank)
    chosen = [one for one in ranked if one.info.name in named]
    for one in ranked:
        if abs(one.effect) >= _SMALL and _axis(one) not in {_axis(other) for other in chosen}:
            chosen.append(one)
    rest = [one for one in ranked if one not in chosen]
    best = sorted([*chosen[:count], *rest[: max(0, count - len(chosen))]], key=_rank)
    return tuple(told(one) for one in best)


def _axis(contrast: Contrast) -> str:
    # What is unknown is mostly unknown together, like all that a form asks for.
    if contrast.kind == "missing" and not words_for(contrast.info).unknown:
        return "unknown"
    return axis_of(contrast.info, contrast.level)


def _rank(contrast: Contrast) -> tuple[float, str, str, str]:
    return -abs(contrast.effect), contrast.info.name, contrast.kind, contrast.level


def _one_per_feature(contrasts: Iterable[Contrast]) -> Iterable[Contrast]:
    """Return the strongest contrast of each feature that is worth saying."""
    return strongest(filter(_worth_saying, contrasts)).values()


def strongest(contrasts: Iterable[Contrast]) -> dict[str, Contrast]:
    """Return the strongest contrast of each feature; of equals, what the group has more of."""
    best: dict[str, Contrast] = {}
    for one in contrasts:
        held = best.get(one.info.name)
        if held is None or _preference(one) > _preference(held):
            best[one.info.name] = one
    return best


def _worth_saying(contrast: Contrast) -> bool:
    """Return False for what the group lacks and few have, and for unknowns that mean nothing."""
    if not words_for(contrast.info).axis:
        return False
    if contrast.kind == "number":
        return True
    if contrast.kind == "category":
        return contrast.effect > 0 or contrast.overall >= 0.3
    return contrast.effect > 0 and bool(words_for(contrast.info).unknown or contrast.effect > 0.8)


def _preference(contrast: Contrast) -> tuple[float, bool]:
    return round(abs(contrast.effect), 9), contrast.effect > 0


def told(contrast: Contrast) -> Telling:
    """Return a contrast in words and real units."""
    info = contrast.info
    unit = "share" if contrast.statistic == "share" else info.unit
    here, everyone = _texts(contrast, unit)
    return Telling(
        feature=info.name,
        label=_label(contrast),
        effect=contrast.effect,
        segment_value=contrast.value,
        overall_value=contrast.overall,
        direction="higher" if contrast.effect > 0 else "lower",
        statistic=contrast.statistic,
        unit=unit,
        segment_text=here,
        overall_text=everyone,
        phrase=f"{one_or_many(_clause(contrast, here))} against {everyone}",
    )


def _texts(contrast: Contrast, unit: str) -> tuple[str, str]:
    if _is_year(contrast):
        return f"{contrast.value:.0f}", f"{contrast.overall:.0f}"
    return say_pair(contrast.value, contrast.overall, unit)


def _is_year(contrast: Contrast) -> bool:
    """Return whether the values are calendar years, which people write without a comma."""
    years = all(1800 <= value <= 2200 for value in (contrast.value, contrast.overall))
    return years and "year" in contrast.info.label.casefold()


def _label(contrast: Contrast) -> str:
    info = contrast.info
    if contrast.kind == "category":
        return f"{info.label}: {contrast.level}"
    if contrast.kind == "missing":
        return words_for(info).unknown or f"{info.label}: unknown"
    return info.label


def _clause(contrast: Contrast, value: str) -> str:
    words = words_for(contrast.info)
    if contrast.kind == "category":
        return f"{value} {words.clause} {contrast.level}"
    if contrast.kind == "missing":
        return f"{value} {words.unknown or _unknown(contrast.info)}"
    if contrast.statistic == "share":
        return f"{readable(contrast.info.label)} holds for {value}"
    return words.clause.format(value)


def _unknown(info: FeatureInfo) -> str:
    return f"have no known {readable(info.label)}"
