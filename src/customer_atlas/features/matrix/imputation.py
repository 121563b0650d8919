"""Unknown numbers predicted from the known ones: chained linear regressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.features.matrix.arrays import Arrays
from customer_atlas.features.matrix.columns import Known
from customer_atlas.features.matrix.statistics import Array

__all__ = ["Imputer"]

_ROUNDS = 5
_RIDGE = 1e-3  # a customer's weight of the penalty: keeps the columns' echoes from exploding


@dataclass(frozen=True, eq=False)
class Imputer(Arrays):
    """Regressions (rounds r, targets t) of columns of the design matrix on the others.

    Each round predicts the unknown values of one `targets` column after the other from all other
    columns as they then are; `coefficients` (r, t, d) are 0 for columns that take no part.
    What is predicted stays between `low` and `high` (t,), the range of the known values.

    Van Buuren and Groothuis-Oudshoorn, 2011, mice: Multivariate imputation by chained equations;
    here each regression is a ridge, and its prediction is taken without noise, so that a
    customer's place does not depend on chance.
    """

    targets: NDArray[np.int64]
    coefficients: Array
    intercepts: Array
    low: Array
    high: Array

    @classmethod
    def learn(
        cls, matrix: Array, unknown: Known, targets: Sequence[int], partners: Sequence[int],
        weights: Array,
    ) -> Imputer:  # fmt: skip
        """Learn from a filled matrix (n, d), and where (n, t) its targets were unknown.

        The columns `partners` take part as predictors; each row counts as its weight (n,).
        """
        matrix = matrix.copy()
        coefficients = np.zeros((_ROUNDS, len(targets), matrix.shape[1]))
        intercepts = np.zeros((_ROUNDS, len(targets)))
        known = [matrix[~unknown[:, i], j] for i, j in enumerate(targets)]
        made = cls(
            np.array(targets, np.int64), coefficients, intercepts,
            np.array([values.min() for values in known]),
            np.array([values.max() for values in known]),
        )  # fmt: skip
        for number in range(_ROUNDS):
            for i, target in enumerate(targets):
                others = [j for j in partners if j != target]
                rows = ~unknown[:, i]
                line, level = _ridge(matrix[rows][:, others], matrix[rows, target], weights[rows])
                coefficients[number, i, others] = line
                intercepts[number, i] = level
                made._predict(matrix, unknown, number, i)
        return made

    def fill(self, matrix: Array, unknown: Known) -> None:
        """Predict the unknown (n, t) values of a matrix (n, d) in place, each row alone."""
        some = np.flatnonzero(unknown.any(axis=1))
        part, where = matrix[some], unknown[some]
        for number in range(len(self.coefficients)):
            for i in range(len(self.targets)):
                self._predict(part, where, number, i)
        matrix[some] = part

    def scaled(self, factors: Array) -> Imputer:
        """Return the imputer of the matrix whose columns are multiplied by factors (d,)."""
        own = factors[self.targets]
        return replace(
            self,
            coefficients=self.coefficients * own[:, None] / factors,
            intercepts=self.intercepts * own,
            low=self.low * own,
            high=self.high * own,
        )

    def _predict(self, matrix: Array, unknown: Known, number: int, i: int) -> None:
        rows = np.flatnonzero(unknown[:, i])
        # A sum along each row and no matrix product: the same bits whoever else is in the table.
        found = (matrix[rows] * self.coefficients[number, i]).sum(axis=1)
        found += self.intercepts[number, i]
        matrix[rows, self.targets[i]] = np.clip(found, self.low[i], self.high[i])


def _ridge(matrix: Array, aim: Array, weights: Array) -> tuple[Array, float]:
    """Return the coefficients (d,) and the intercept of a weighted ridge regression."""
    share = weights / weights.sum()
    middle, level = share @ matrix, float(share @ aim)
    centred = matrix - middle
    gram = centred.T @ (centred * share[:, None])
    gram[np.diag_indices_from(gram)] += _RIDGE
    line = np.linalg.solve(gram, centred.T @ (share * (aim - level)))
    return line, level - float(middle @ line)
