"""Spikes: days with far more or fewer rows than such a day usually has, and days without any.

Each day's count is compared on the scale ``log(1 + count)`` with a running median over six weeks
and with the median deviation of its weekday, and the rest is judged by the modified z-score:
0.6745 times the rest over its median absolute deviation (Iglewicz and Hoaglin, "How to Detect and
Handle Outliers", 1993), taken above and below apart, since logarithms fall further than they rise.
Where few rows come, the spread is that of a count, which grows as the
root of what is expected, and it is never less than a Poisson count's. The limit rises with the
number of days so that a steady series is flagged about once in a hundred (Bonferroni's correction).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

__all__ = ["Gap", "Rhythm", "UnusualDay", "is_new_year", "rhythm_of"]

_LOOKED_BACK = 1096  # days: what was odd longer ago is no news
_HALF_WINDOW = 21  # days before and after whose median is the level of a day
_ENOUGH = 28  # open days below which nothing can be said to be usual
_WEEKDAY_SEEN = 4  # of its kind, before a weekday has a usual deviation of its own
_OPEN = 0.5  # of the days of a weekday that must have rows, for it to be an open one
_MATTERS = math.log(2)  # half or twice the usual
_FALSE_ALARM = 0.01
_TAILS = 1.2  # counts that vary more than Poisson's have longer tails than the normal law
_TAIL = 7  # open days whose common drop is a drop of the level


@dataclass(frozen=True)
class UnusualDay:
    """A day, what was counted, what such a day usually has, and the modified z-score."""

    day: date
    found: float
    usual: float
    z: float

    @property
    def factor(self) -> float:
        """How many times the usual was found."""
        return (1 + self.found) / (1 + self.usual)


@dataclass(frozen=True)
class Gap:
    """Open days without rows, one after the other: from `first` to `last`, both included."""

    first: date
    last: date
    open_days: int

    @property
    def at_new_year(self) -> bool:
        """Whether it lies within the days in which many businesses are closed."""
        return is_new_year(self.first) and is_new_year(self.last)


@dataclass(frozen=True)
class Rhythm:
    """What is usual in a series of days, and what is not.

    `usual_gap` is the usual time from an active day to the next, `longest_gap` the time that only
    1 in 100 exceeds, both in days. `fall` is the factor by which the last week lies below the
    level before it. `unfinished` is the last day where it lies far below what is usual.
    """

    days: int
    active: int
    usual_gap: float
    longest_gap: float
    unusual: tuple[UnusualDay, ...] = ()
    gaps: tuple[Gap, ...] = ()
    fall: float | None = None
    unfinished: UnusualDay | None = None


def is_new_year(day: date) -> bool:
    """Say whether a day lies in the weeks around Christmas and New Year, 20 December to 6 January.

    >>> is_new_year(date(2023, 12, 24)), is_new_year(date(2024, 1, 7))
    (True, False)
    """
    return (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 6)


def rhythm_of(days: Sequence[date], counts: Sequence[float]) -> Rhythm | None:
    """Return what is usual and what is not in a series of days, or None for fewer than two.

    Args:
        days: those that have rows, in order, each once.
        counts: rows, or money, of each.

    >>> steady = [date(2024, 1, 1) + timedelta(days=day) for day in range(90)]
    >>> counts = [100.0 + day % 7 for day in range(90)]
    >>> counts[50] = 900.0
    >>> [(one.day.isoformat(), one.found) for one in rhythm_of(steady, counts).unusual]
    [('2024-02-20', 900.0)]
    """
    if len(days) < 2:
        return None
    steps = np.diff([day.toordinal() for day in days])
    usual, longest = (float(np.quantile(steps, share)) for share in (0.5, 0.99))
    span = days[-1].toordinal() - days[0].toordinal() + 1
    plain = Rhythm(span, len(days), usual, longest)
    series = _Series.of(days, counts)
    if series is None:
        return plain
    *before, last = series.judged()
    if before and before[0].z < 0:
        del before[0]  # an export may begin in the middle of a day
    odd = [one for one in before if abs(one.z) > series.limit and _matters(one)]
    fallen = series.fall()
    if fallen is not None:
        # One finding tells of the level; its days need not be told one by one.
        odd = [one for one in odd if one.day < series.tail_begins]
    return Rhythm(
        span,
        len(days),
        usual,
        longest,
        tuple(sorted(odd, key=lambda one: -abs(one.z))),
        tuple(series.gaps()),
        fallen,
        last if last.z < -series.limit and _matters(last) else None,
    )


def _matters(one: UnusualDay) -> bool:
    return abs(math.log(one.factor)) > _MATTERS


@dataclass(frozen=True)
class _Series:
    """Every day from the first to the last on the scale of logarithms; `shut` ones are closed."""

    first: int
    logs: np.ndarray
    shut: np.ndarray
    expected: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, days: Sequence[date], counts: Sequence[float]) -> _Series | None:
        recent = days[-1] - timedelta(days=_LOOKED_BACK)
        counts = [count for day, count in zip(days, counts, strict=True) if day > recent]
        days = [day for day in days if day > recent]
        first = days[0].toordinal()
        every = np.zeros(days[-1].toordinal() - first + 1)
        every[[day.toordinal() - first for day in days]] = counts
        weekday = (np.arange(every.size) + days[0].weekday()) % 7
        present = np.zeros(every.size, dtype=bool)
        present[[day.toordinal() - first for day in days]] = True
        shares = [
            present[weekday == day].mean() if (weekday == day).any() else 0 for day in range(7)
        ]
        shut = np.array(shares)[weekday] < _OPEN
        # A source with rows on few days has no rhythm by day that could be broken.
        if (present & ~shut).sum() < _ENOUGH or shut.all():
            return None
        logs = np.log1p(every)
        expected = _expected(logs, weekday, present & ~shut)
        rest = logs - expected
        fallen = rest[present & ~shut] < 0
        root = np.sqrt(np.exp(expected))
        below, above = (
            _spread(np.abs(rest)[present & ~shut][side], root[present & ~shut][side], root)
            for side in (fallen, ~fallen)
        )
        spread = np.where(rest < 0, below, above)
        return cls(first, np.where(present, logs, np.nan), shut, expected, spread)

    @property
    def limit(self) -> float:
        """The score that a steady series exceeds about once in a hundred."""
        from scipy.special import ndtri

        return -_TAILS * float(ndtri(_FALSE_ALARM / 2 / self.logs.size))

    @property
    def tail_begins(self) -> date:
        """The first of the last open days."""
        return date.fromordinal(self.first + int(self._tail()[0]))

    def _tail(self) -> np.ndarray:
        tail: np.ndarray = np.flatnonzero(~np.isnan(self.logs) & ~self.shut)[-_TAIL - 1 : -1]
        return tail

    def judged(self) -> list[UnusualDay]:
        """Return every open day that has rows with its score."""
        return [
            UnusualDay(
                date.fromordinal(self.first + place),
                round(math.expm1(self.logs[place]), 6),
                round(math.expm1(self.expected[place]), 6),
                float((self.logs[place] - self.expected[place]) / self.spread[place]),
            )
            for place in np.flatnonzero(~np.isnan(self.logs) & ~self.shut).tolist()
        ]

    def fall(self) -> float | None:
        """Return the factor by which the last open days lie below their level, all alike."""
        tail = self._tail()
        level = np.median((self.logs - self.expected)[tail])
        # The median of n has about 1.25 times the spread of their mean.
        error = 1.25 * float(np.median(self.spread[tail])) / math.sqrt(tail.size)
        fell = tail.size == _TAIL and level < -_MATTERS and level < -self.limit * error
        return math.exp(-level) if fell else None

    def gaps(self) -> list[Gap]:
        """Return runs of open days without rows that are not likely to be chance."""
        missing = np.isnan(self.logs) & ~self.shut
        found = [
            (run[0], run[-1], sum(not self.shut[place] for place in run))
            for run in _runs(np.isnan(self.logs))
        ]
        total = int(missing.sum())
        open_days = int((~self.shut).sum())
        kept = []
        for start, end, count in found:
            if count < 2:
                continue
            # The share of other open days without rows, with half a day for the days to come.
            share = (total - count + 0.5) / (open_days - count + 1)
            lost = np.expm1(self.expected[start : end + 1]).clip(0).sum()
            if open_days * share**count < _FALSE_ALARM and lost > 10:
                first, last = (date.fromordinal(self.first + place) for place in (start, end))
                kept.append(Gap(first, last, count))
        return kept


def _spread(rest: np.ndarray, root: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Return the spread of every day, given the rests of one side and the roots of their counts.

    Where few rows come, the logarithm of their count is spread the more: by its root.
    """
    if not rest.size:
        return 1 / every
    counted = max(1.0, float(np.median(rest * root)) / 0.6745)
    spread: np.ndarray = np.maximum(np.median(rest) / 0.6745, counted / every)
    return spread


def _expected(logs: np.ndarray, weekday: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Return the running level plus the usual deviation of each weekday."""
    level = _levels(np.where(used, logs, np.nan))
    shift = np.zeros(7)
    for day in range(7):
        chosen = used & (weekday == day)
        if chosen.sum() >= _WEEKDAY_SEEN:
            shift[day] = np.median((logs - level)[chosen])
    expected: np.ndarray = level + shift[weekday]
    return expected


def _levels(logs: np.ndarray) -> np.ndarray:
    """Return the running median of what is known; that of all where a window knows nothing."""
    padded = np.pad(logs, _HALF_WINDOW, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _HALF_WINDOW + 1)
    empty = np.isnan(windows).all(axis=1, keepdims=True)
    levels: np.ndarray = np.nanmedian(np.where(empty, np.nanmedian(logs), windows), axis=1)
    return levels


def _runs(flags: np.ndarray) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in np.flatnonzero(flags).tolist():
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs
