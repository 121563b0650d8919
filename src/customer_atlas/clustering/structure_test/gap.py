"""Is there an empty gap between large parts of the customers, whatever their shape?"""

from __future__ import annotations

import numpy as np

from customer_atlas.clustering.density import gaps_of
from customer_atlas.clustering.lloyd import Array, stay_on_one_thread
from customer_atlas.clustering.structure_test.column import read_column
from customer_atlas.clustering.structure_test.reference import Copula
from customer_atlas.clustering.structure_test.result import GapPart
from customer_atlas.side_by_side import side_by_side

__all__ = ["GAP_COLUMNS", "empty_gap"]

GAP_COLUMNS = (2, 4)  # on one column the dip sees more, and in many everybody is far from everybody

_ROWS = 1_000
_SHARE = 0.05
# The least width that tells, by rows. The widest of one group in two to four columns was 0.71 of
# fewer than 100 customers (3,200 tables), 0.59 of fewer than 250 (2,600), and 0.46 of more (2,600).
_WIDE = {0: 1.2, 100: 0.8, 250: 0.6}


def empty_gap(
    X: Array, draw: np.random.Generator, references: int, seed: tuple[int, ...]
) -> GapPart | None:
    """Look for the widest gap between parts of a twentieth of the rows (n, d), and rank it.

    It is that of single linkage (`gaps_of`), on up to 1,000 rows and the columns that hold no
    atoms. A gap that is less than 1.8 times as wide as the steps beside it (2.2 of fewer than 250
    rows, 3.3 of fewer than 100) counts nothing; another is ranked among those of tables that have
    the same columns, the same dependence between them, and one group.
    """
    if not GAP_COLUMNS[0] <= X.shape[1] <= GAP_COLUMNS[1]:
        return None
    rows = X[:_ROWS]
    read = [read_column(rows[:, j], draw) for j in range(X.shape[1])]
    columns = [column for column in read if column is not None and column.is_plain]
    if len(columns) < GAP_COLUMNS[0]:
        return None
    own = _widest(np.concatenate([column.values for column in columns], axis=1))
    if own < _WIDE[max(least for least in _WIDE if least <= len(rows))]:
        return GapPart(1.0, own, 0, len(rows))
    copula = Copula(columns, draw)

    def reference(number: int) -> float:
        return _widest(copula.table(len(rows), np.random.default_rng((*seed, number))))

    others = list(side_by_side(reference, range(references), begin=stay_on_one_thread))
    as_wide = 1 + sum(other >= own for other in others)
    return GapPart(as_wide / (1 + references), own, references, len(rows))


def _widest(X: Array) -> float:
    return gaps_of(X, _SHARE, np.inf).widest
