"""How far each group stands from everybody else, feature by feature."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from customer_atlas.config import PEOPLE_PACKS
from customer_atlas.features import FeatureInfo
from customer_atlas.segments.histogram import Histogram
from customer_atlas.segments.moments import Moments
from customer_atlas.segments.profile import NumberProfile, Profile
from customer_atlas.segments.segment import Statistic

__all__ = ["Contrast", "Group", "cohen_d", "cohen_h", "group_contrasts"]

LIMIT = 10.0
# Below this share of known values a typical value would speak for people it does not know.
_ENOUGH_KNOWN = 0.5
_SKEWED = 1.0


@dataclass(frozen=True)
class Contrast:
    """One group against everybody else on one feature.

    `effect` compares with all other customers; `value` and `overall` are what the group and all
    customers are like. `kind` says what they are of: a number, the share of the category `level`,
    or the share of whom nothing is known. `plain` is whether the raw means, too, differ in the
    direction of the effect. `single` is the group's share of values of at most 1.
    """

    info: FeatureInfo
    kind: Literal["number", "category", "missing"]
    effect: float
    value: float
    overall: float
    statistic: Statistic
    level: str = ""
    plain: bool = True
    single: float = 0.0

    @property
    def sign(self) -> int:
        """Return 1 where the group has more than the others, -1 where less."""
        return 1 if self.effect > 0 else -1


@dataclass(frozen=True)
class Group:
    """A cluster in figures: its size, its money, its middle and its contrasts.

    `head_ratio` is revenue per head against that of all customers; None without revenue.
    """

    cluster: int
    size: int
    share: float
    probability: float
    revenue: float | None
    revenue_share: float | None
    head_ratio: float | None
    typical: tuple[str, ...]
    centroid: Mapping[str, float | str]
    overall: Mapping[str, float | str]
    contrasts: tuple[Contrast, ...] = field(repr=False)


def group_contrasts(
    profile: Profile, infos: Sequence[FeatureInfo], revenue: str = "monetary"
) -> list[Group]:
    """Return the groups of a profile, the largest revenue (else size) first.

    `revenue` names the feature whose sum is revenue. Ties are broken by size, then by cluster.
    """
    numbers = [_Numbers(info, profile) for info in infos if info.kind == "number"]
    levels = [_Levels(info, profile) for info in infos if info.kind == "category"]
    money = _revenue(profile, revenue)
    features: list[_Numbers | _Levels] = [*numbers, *levels]
    middles = {one.info.name: one.overall for one in features}
    overall = {name: middle for name, middle in middles.items() if middle is not None}
    groups = [
        _group(profile, at, features, overall, money)
        for at, cluster in enumerate(profile.clusters.tolist())
        if cluster >= 0
    ]
    return sorted(groups, key=lambda g: (-(g.revenue or 0.0), -g.size, g.cluster))


def cohen_d(group: Moments, others: Moments) -> NDArray[np.float64]:
    """Return the standardised mean difference of each group against the others.

    The deviation is pooled over both (Cohen, Statistical Power Analysis for the Behavioral
    Sciences, 1988, section 2.2) and the result held within 10. It is 0 where either has no
    values, and 10 or -10 where the means differ and nothing varies.

    >>> import numpy as np
    >>> both = Moments.of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1]), 2)
    >>> cohen_d(both, both.others()).round(3).tolist()
    [-2.828, 2.828]
    """
    freedom = np.maximum(group.count + others.count - 2, 1)
    deviation = np.sqrt((group.squares + others.squares) / freedom)
    difference = group.mean - others.mean
    # What is left of a constant after rounding is not a difference.
    noise = 1e-12 * np.maximum(np.abs(group.mean), np.abs(others.mean))
    difference = np.where(np.abs(difference) <= noise, 0.0, difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(difference == 0, 0.0, difference / deviation)
    effect = np.where((group.count > 0) & (others.count > 0), effect, 0.0)
    return np.clip(effect, -LIMIT, LIMIT)


def cohen_h(share: float, other: float) -> float:
    """Return the effect size of two shares: the difference of their arcsine transforms.

    It is on the scale of Cohen's d and finite at 0 and 1 (Cohen 1988, section 6.2).

    >>> round(cohen_h(0.5, 0.25), 4)
    0.5236
    """
    angles = [2 * math.asin(math.sqrt(min(max(one, 0.0), 1.0))) for one in (share, other)]
    return angles[0] - angles[1]


class _Numbers:
    """The contrasts of a numeric feature."""

    def __init__(self, info: FeatureInfo, profile: Profile) -> None:
        self.info = info
        self._sizes = profile.sizes
        self._profile: NumberProfile = profile.numbers[info.name]
        self._all = self._profile.plain.everyone()
        histogram = self._profile.histogram
        self._skewed = info.unit not in ("share", "score") and _is_skewed(histogram)
        scale = self._profile.logged if self._skewed else self._profile.plain
        self._effects = cohen_d(scale, scale.others())
        # The mean of a yes-or-no column is the share of those who say yes.
        own = info.pack in PEOPLE_PACKS
        binary = own and bool(np.isin(histogram.bins()[0], (0.0, 1.0)).all())
        self._mean: Statistic = "share" if binary else "mean"
        # The median of a feature that most people have none of is 0 for nearly every group.
        self._median = not binary and self._skewed and bool(self._all.count[0])
        self._median = self._median and histogram.median() != 0

    @property
    def overall(self) -> float | None:
        """What all customers are like; None where nothing is known."""
        if not self._all.count[0]:
            return None
        return self._profile.histogram.median() if self._median else float(self._all.mean[0])

    def value(self, at: int) -> float | None:
        """What a group is like; None where nothing is known."""
        if not self._profile.plain.count[at]:
            return None
        if self._median:
            return self._profile.histogram.median(at)
        return float(self._profile.plain.mean[at])

    def contrasts(self, at: int) -> list[Contrast]:
        """Return what sets a group apart: its values, and how many of them are unknown."""
        found = [self._missing(at)]
        known = self._profile.plain.count[at] / max(self._sizes[at], 1)
        effect = float(self._effects[at])
        value, overall = self.value(at), self.overall
        if value is None or overall is None or known < _ENOUGH_KNOWN or effect == 0:
            return found
        means = float(self._profile.plain.mean[at]), float(self._all.mean[0])
        plain = (means[0] - means[1]) * effect > 0
        statistic: Statistic = "median" if self._median else self._mean
        if (value - overall) * effect <= 0:
            # The medians do not show what the effect says; the means may.
            if not plain:
                return found
            value, overall, statistic = *means, self._mean
        single = self._profile.histogram.share_at_most(at, 1.0)
        number = Contrast(self.info, "number", effect, value, overall, statistic, "", plain, single)
        return [number, *found]

    def _missing(self, at: int) -> Contrast:
        unknown = self._sizes - self._profile.plain.count
        return _share_contrast(self.info, "missing", "", at, unknown, self._sizes)


class _Levels:
    """The contrasts of a category."""

    def __init__(self, info: FeatureInfo, profile: Profile) -> None:
        self.info = info
        self._sizes = profile.sizes
        self._counts = _level_counts(profile.categories[info.name], profile.clusters)
        self._unknown = self._counts.pop(None, np.zeros(len(profile.clusters)))

    @property
    def overall(self) -> str | None:
        """The most frequent category of all customers; None where nothing is known."""
        return self._top({level: counts.sum() for level, counts in self._counts.items()})

    def value(self, at: int) -> str | None:
        """The most frequent category of a group; None where nothing is known."""
        return self._top({level: counts[at] for level, counts in self._counts.items()})

    def contrasts(self, at: int) -> list[Contrast]:
        """Return the contrast of every category, and of the unknown."""
        found = [_share_contrast(self.info, "missing", "", at, self._unknown, self._sizes)]
        known = self._sizes - self._unknown
        if known[at] < max(_ENOUGH_KNOWN * self._sizes[at], 1):
            return found
        return found + [
            _share_contrast(self.info, "category", level or "", at, counts, known)
            for level, counts in self._counts.items()
        ]

    def _top(self, counts: Mapping[str | None, float]) -> str | None:
        ranked = sorted((-n, level or "") for level, n in counts.items() if n > 0)
        return ranked[0][1] if ranked else None


def _is_skewed(histogram: Histogram) -> bool:
    raw, logged = abs(histogram.skewness()), abs(histogram.skewness(logged=True))
    return raw > _SKEWED and logged < raw


def _level_counts(
    table: pa.Table, clusters: NDArray[np.int64]
) -> dict[str | None, NDArray[np.float64]]:
    """Return for each category, in alphabetical order, its count in each cluster."""
    counts: dict[str | None, NDArray[np.float64]] = {}
    rows = zip(*(table[name].to_pylist() for name in ("value", "cluster", "n")), strict=True)
    for value, cluster, n in sorted(rows, key=lambda row: (row[0] or "", row[1])):
        at = np.searchsorted(clusters, cluster)
        counts.setdefault(value, np.zeros(len(clusters)))[at] += n
    return counts


def _share_contrast(
    info: FeatureInfo,
    kind: Literal["category", "missing"],
    level: str,
    at: int,
    counts: NDArray[np.float64],
    of: NDArray[np.float64] | NDArray[np.int64],
) -> Contrast:
    mine = float(counts[at] / max(of[at], 1))
    rest = float((counts.sum() - counts[at]) / max(of.sum() - of[at], 1))
    everyone = float(counts.sum() / max(of.sum(), 1))
    effect = cohen_h(mine, rest) if of.sum() > of[at] else 0.0
    return Contrast(info, kind, effect, mine, everyone, "share", level)


def _revenue(profile: Profile, name: str) -> NDArray[np.float64] | None:
    if name not in profile.numbers:
        return None
    plain = profile.numbers[name].plain
    revenue: NDArray[np.float64] = plain.count * plain.mean
    return revenue


def _group(
    profile: Profile,
    at: int,
    features: Sequence[_Numbers | _Levels],
    overall: Mapping[str, float | str],
    money: NDArray[np.float64] | None,
) -> Group:
    size, everyone = int(profile.sizes[at]), int(profile.sizes.sum())
    revenue = None if money is None else float(money[at])
    total = 0.0 if money is None else float(money.sum())
    # A share of a total that is not positive would mislead whoever reads it.
    revenue_share = revenue / total if revenue is not None and total > 0 else None
    values = {one.info.name: one.value(at) for one in features}
    contrasts = [c for one in features for c in one.contrasts(at) if abs(c.effect) > 1e-9]
    return Group(
        cluster=int(profile.clusters[at]),
        size=size,
        share=size / everyone,
        probability=float(profile.probability[at]) / size,
        revenue=revenue,
        revenue_share=revenue_share,
        head_ratio=None if revenue_share is None else revenue_share * everyone / size,
        typical=profile.nearest.ids(int(profile.clusters[at])),
        centroid={name: value for name, value in values.items() if value is not None},
        overall=overall,
        contrasts=tuple(contrasts),
    )
