"""Whether two divisions of the same people have to do with each other, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Independence", "adjusted_fdr", "adjusted_holm", "cramers_v", "independence"]

_LEAST = 5.0  # the expected count from which the chi-square distribution is trusted
_TABLES = 9_999


@dataclass(frozen=True)
class Independence:
    """How likely a table as uneven as this is by chance, and the size of the effect.

    `p` is of this table alone and `adjusted` counts that many were looked at. `effect` is
    Cramér's V, 0 to 1. `drawn` says that p is by drawing tables, since some counts are small.
    """

    p: float
    adjusted: float
    effect: float
    drawn: bool


def independence(table: NDArray[np.int64], seed: int = 0) -> Independence:
    """Test whether rows and columns of counts (r, c) are independent, with Pearson's chi-square.

    Where fewer than 5 people are expected in some cell, 9,999 tables with the same margins are
    drawn (W. M. Patefield, "An efficient method of generating random R x C tables with given row
    and column totals", 1981), and p is the share of those as uneven, the own one among them.

    >>> import numpy as np
    >>> found = independence(np.array([[30, 20], [20, 30]]))
    >>> round(found.p, 4), round(found.effect, 4)
    (0.0455, 0.1738)
    """
    from scipy.stats import chi2, random_table

    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    rows, columns = table.shape
    if rows < 2 or columns < 2:
        return Independence(1.0, 1.0, 0.0, drawn=False)
    margins = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(*margins) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    drawn = bool(expected.min() < _LEAST)
    if drawn:
        draw = np.random.default_rng([seed % 2**63, 1])
        others = random_table(*margins, seed=draw).rvs(_TABLES)
        uneven = ((others - expected) ** 2 / expected).sum(axis=(1, 2))
        p = (1 + int((uneven >= statistic * (1 - 1e-12)).sum())) / (1 + _TABLES)
    else:
        p = float(chi2.sf(statistic, (rows - 1) * (columns - 1)))
    return Independence(p, p, cramers_v(statistic, int(table.sum()), rows, columns), drawn)


def cramers_v(statistic: float, people: int, rows: int, columns: int) -> float:
    """Return Cramér's V of a chi-square `statistic`, without what chance alone would make of it.

    The correction is that of W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T",
    2013.

    >>> cramers_v(0.5, 100, 2, 2)
    0.0
    """
    chance = (rows - 1) * (columns - 1) / (people - 1)
    left = max(0.0, statistic / people - chance)
    least = min(one - (one - 1) ** 2 / (people - 1) for one in (rows, columns))
    return min(1.0, sqrt(left / (least - 1))) if least > 1 else 0.0


def adjusted_fdr(ps: Sequence[float]) -> list[float]:
    """Return p-values by which the expected share of false findings is held.

    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", 1995.

    >>> adjusted_fdr([0.01, 0.04, 0.03])
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(ps)[::-1]
    count, adjusted, least = len(ps), [1.0] * len(ps), 1.0
    for place, at in enumerate(order.tolist()):
        least = min(least, ps[at] * count / (count - place))
        adjusted[at] = least
    return adjusted


def adjusted_holm(ps: Sequence[float]) -> list[float]:
    """Return p-values by which the chance of any false finding at all is held.

    S. Holm, "A simple sequentially rejective multiple test procedure", 1979.

    >>> adjusted_holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, most = [1.0] * len(ps), 0.0
    for place, at in enumerate(np.argsort(ps).tolist()):
        most = max(most, min(1.0, ps[at] * (len(ps) - place)))
        adjusted[at] = most
    return adjusted
