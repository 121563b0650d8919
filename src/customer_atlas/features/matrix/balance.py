"""Balance among the columns: near-duplicates leave, no pack drowns the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from customer_atlas.config import PEOPLE_PACKS
from customer_atlas.features.matrix.columns import Column
from customer_atlas.features.matrix.design import Dropped
from customer_atlas.features.matrix.statistics import Array

__all__ = ["distinct", "pack_factors"]

_ALIKE = 0.98  # absolute weighted Pearson correlation of near-duplicates


def distinct(columns: Sequence[Column], covariance: Array) -> tuple[list[int], list[Dropped]]:
    """Return the positions of the columns to keep, and the near-duplicates with their reason.

    A column goes when its absolute correlation with an earlier kept column of another feature
    is above 0.98; the levels of one category belong together and are not compared.

    >>> import numpy as np
    >>> spend = Column("spend", "spend", "rfm", "number")
    >>> cents = Column("cents", "cents", "rfm", "number")
    >>> distinct([spend, cents], np.ones((2, 2)))[1][0].reason
    "nearly the same as 'spend' (correlation 1.000)"
    """
    deviation = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    correlation = covariance / np.outer(deviation, deviation)
    kept: list[int] = []
    dropped: list[Dropped] = []
    for j, column in enumerate(columns):
        rivals = [i for i in kept if columns[i].feature != column.feature]
        twin = max(rivals, key=lambda i: abs(correlation[i, j]), default=None)
        if twin is None or abs(correlation[twin, j]) <= _ALIKE:
            kept.append(j)
            continue
        likeness = f"correlation {correlation[twin, j]:.3f}"
        reason = f"nearly the same as '{columns[twin].name}' ({likeness})"
        dropped.append(Dropped(column.feature, reason, column.name))
    return kept, dropped


def pack_factors(columns: Sequence[Column], covariance: Array) -> Array:
    """Return the factor (d,) of each column that balances the packs.

    Every pack is scaled to the same total variance, that of one feature (block scaling;
    Westerhuis, Kourti and MacGregor, 1998, Analysis of multiblock and hierarchical PCA and PLS
    models). So a pack of ten columns, be they echoes of each other or as many shades of taste,
    does not drown a pack of two, and a further column in a pack takes from its own pack only.
    Dividing by the first principal deviation instead, as multiple factor analysis does, was
    tried: packs of many independent columns then outweigh all others, and k-means splits
    customers by them alone. A pack that is known for a part of the customers has that part of
    the weight. The flags of a pack weigh like one flag, since absence comes in one piece.

    What a customers table says of people are themes of one table, and some are a lone column:
    with the weight of a whole pack, a yes or no would split everyone. So the theme with the most
    features weighs like any pack, and each other less, by the root of how few it has.

    >>> import numpy as np
    >>> columns = [Column(name, name, "rfm", "number") for name in "abcd"]
    >>> pack_factors(columns, np.ones((4, 4))).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    factors = np.ones(len(columns))
    variance = np.diag(covariance)
    themes = _features(columns, PEOPLE_PACKS)
    for pack in sorted({column.pack for column in columns}):
        of = np.array([j for j, column in enumerate(columns) if column.pack == pack])
        flag = np.array([columns[j].form == "flag" for j in of])
        factors[of[flag]] = 1.0 / math.sqrt(max(1, int(flag.sum())))
        features = len({columns[j].feature for j in of[~flag]})
        known = min(1.0, float(variance[of[~flag]].sum()) / max(1, features))
        if pack in themes:
            known *= math.sqrt(features / max(themes.values()))
        total = float((variance[of] * factors[of] ** 2).sum())
        factors[of] *= math.sqrt(known / total) if total > known > 0 else 1.0
    return factors


def _features(columns: Sequence[Column], packs: Collection[str]) -> dict[str, int]:
    """Return how many features each of some packs has, where it has any."""
    found = {(one.pack, one.feature) for one in columns if one.pack in packs and one.form != "flag"}
    return Counter(pack for pack, _ in found)
