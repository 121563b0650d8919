"""What was done to each group: means per customer, across segments and within them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from customer_atlas.segments.fairness.groups import Groups
from customer_atlas.segments.fairness.independence import adjusted_fdr
from customer_atlas.segments.fairness.intervals import normal_quantile
from customer_atlas.segments.fairness.report import FEW, AttributeAudit, Estimate, Mean, Treatment

__all__ = ["Measure", "adjusted_treatments", "treated", "welch"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Measure:
    """Something done to customers: its value for each (n,), NaN where it does not apply."""

    name: str
    label: str
    unit: str
    values: Array


def treated(groups: Groups, places: Codes, measures: Sequence[Measure]) -> tuple[Treatment, ...]:
    """Return what was done to the groups of 30 customers and more; p is not adjusted yet.

    Within segments means are standardised: each group's mean of a segment counts as much as
    everybody's share of that segment, over the segments in which all groups have five customers.
    So what is left is not due to groups being in other segments.
    """
    found = (_treatment(groups, places, one) for one in measures)
    return tuple(one for one in found if one)


def _treatment(groups: Groups, places: Codes, measure: Measure) -> Treatment | None:
    known = (groups.codes >= 0) & ~np.isnan(measure.values) & (places >= 0)
    codes, values, where = groups.codes[known], measure.values[known], places[known]
    counts = np.bincount(codes, minlength=len(groups.labels))
    judged = np.flatnonzero(counts >= FEW)
    # What is left of a constant after rounding is not a difference.
    if len(judged) < 2 or np.ptp(values) <= 1e-9 * np.abs(values).max():
        return None
    rows = np.isin(codes, judged)
    codes, values, where = np.searchsorted(judged, codes[rows]), values[rows], where[rows]
    within = _within(codes, values, where, len(judged))
    means = tuple(
        Mean(
            groups.labels[at],
            int(counts[at]),
            _normal(values[codes == place]),
            within[place] if within else None,
        )
        for place, at in enumerate(judged)
    )
    rest = values - _segment_means(values, where)
    p, within_p = welch(values, codes), welch(rest, codes) if within else 1.0
    return Treatment(measure.name, measure.label, measure.unit, means, p, within_p)


def _segment_means(values: Array, where: Codes) -> Array:
    sums = np.bincount(where, values)
    means: Array = sums / np.maximum(np.bincount(where), 1)
    return means[where]


def _normal(values: Array) -> Estimate:
    mean, reach = float(values.mean()), normal_quantile(0.95) * _error(values)
    return Estimate(mean, mean - reach, mean + reach)


def _error(values: Array) -> float:
    return float(values.std(ddof=1)) / sqrt(len(values))


def _within(codes: Codes, values: Array, where: Codes, groups: int) -> list[Estimate]:
    """Return each group's mean with everybody's segments; nothing where no segment has all."""
    counts = np.zeros((groups, int(where.max()) + 1), dtype=np.int64)
    np.add.at(counts, (codes, where), 1)
    usable = np.flatnonzero((counts >= 5).all(axis=0))
    if not len(usable):
        return []
    shares = counts[:, usable].sum(axis=0) / counts[:, usable].sum()
    found = []
    for group in range(groups):
        cells = [values[(codes == group) & (where == at)] for at in usable]
        mean = float(sum(s * one.mean() for s, one in zip(shares, cells, strict=True)))
        squares = sum((s * _error(one)) ** 2 for s, one in zip(shares, cells, strict=True))
        reach = normal_quantile(0.95) * sqrt(squares)
        found.append(Estimate(mean, mean - reach, mean + reach))
    return found


def welch(values: Array, codes: Codes) -> float:
    """Return the chance of means (of groups `codes`) as different if they are all the same.

    B. L. Welch, "On the comparison of several mean values: an alternative approach", 1951: groups
    may vary differently.

    >>> import numpy as np
    >>> values = np.array([1.0, 2, 3, 4, 5, 11, 12, 13, 14, 16])
    >>> round(welch(values, np.repeat([0, 1], 5)), 6)
    2.1e-05
    """
    from scipy.stats import f

    cells = [values[codes == at] for at in np.unique(codes)]
    means = np.array([one.mean() for one in cells])
    counts = np.array([len(one) for one in cells])
    spread = np.array([one.var(ddof=1) for one in cells])
    if (spread <= 0).all():
        return 1.0 if np.ptp(means) == 0 else 0.0
    # A group that does not vary at all would weigh endlessly much.
    spread = np.maximum(spread, 1e-9 * spread.max())
    weights = counts / spread
    total, groups = weights.sum(), len(cells)
    middle = (weights * means).sum() / total
    between = (weights * (means - middle) ** 2).sum() / (groups - 1)
    loose = ((1 - weights / total) ** 2 / (counts - 1)).sum()
    ratio = between / (1 + 2 * (groups - 2) / (groups**2 - 1) * loose)
    return float(f.sf(ratio, groups - 1, (groups**2 - 1) / (3 * loose)))


def adjusted_treatments(attributes: Sequence[AttributeAudit]) -> tuple[AttributeAudit, ...]:
    """Return the attributes with p-values that count how many treatments were looked at."""
    flat = [(i, j) for i, one in enumerate(attributes) for j in range(len(one.treatments))]
    each = [attributes[i].treatments[j] for i, j in flat]
    ps = adjusted_fdr([one.p for one in each] + [one.within_p for one in each])
    anew = {
        at: replace(one, p=p, within_p=within)
        for at, one, p, within in zip(flat, each, ps[: len(each)], ps[len(each) :], strict=True)
    }
    return tuple(
        replace(one, treatments=tuple(anew[i, j] for j in range(len(one.treatments))))
        for i, one in enumerate(attributes)
    )
