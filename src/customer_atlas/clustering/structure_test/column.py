"""One column as the null test sees it: atoms found, ties spread, skew taken out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.structure_test.marginal import Marginal, with_atoms

__all__ = ["Column", "normal_scores", "read_column", "spread_ties", "yeo_johnson"]

Flags = NDArray[np.bool_]

_FEW = 12  # a column of so few values has kinds or small counts: each value is an atom
_ATOM = 0.05  # elsewhere an atom is a value that so many share,
_SPIKE = 3.0  # and so many times more than share either neighbour
_POWERS = np.linspace(-2.0, 3.0, 21)


@dataclass(frozen=True)
class Column:
    """A column made ready.

    `values` (n, w) are what distances are taken of: w is 1, but for a category of several
    flags. `scores` (n,) are normal scores with ties broken at random. `levels` (a, w) are what
    the atoms look like, and `body` (m,) the values, sorted, that are no atom.
    """

    values: Array
    scores: Array
    marginal: Marginal
    levels: Array
    body: Array

    @property
    def is_plain(self) -> bool:
        """Whether the column has no atom."""
        return len(self.levels) == 0

    @property
    def is_few_valued(self) -> bool:
        """Whether every value is an atom."""
        return len(self.body) == 0

    def quantile(self, u: Array) -> Array:
        """Return values (n, w) at the probabilities `u` (n,)."""
        if self.values.shape[1] == 1:
            return self.marginal.quantile(u)[:, None]
        return self.levels[np.rint(self.marginal.quantile(u)).astype(np.int64)]

    def times(self, scale: float) -> Column:
        """Return the column with all values so many times as large."""
        marginal = replace(self.marginal, knots=self.marginal.knots * scale)
        return Column(
            self.values * scale, self.scores, marginal, self.levels * scale, self.body * scale
        )

    def respread(self, u: Array, draw: np.random.Generator) -> Array:
        """Return the probabilities `u` (n,), drawn anew within each atom, as ties are broken."""
        out = u.copy()
        for begin, end in self.marginal.atoms:
            inside = (u >= begin) & (u < end)
            out[inside] = draw.uniform(begin, end, int(inside.sum()))
        return out


def read_column(x: Array, draw: np.random.Generator) -> Column | None:
    """Make the values `x` (n,) ready, or return None where all are the same.

    Atoms are the values of a column with few, and spikes such as the zeros of an amount that
    most never spent. Other ties are spread over half the gap to their neighbours: a count is
    a rounded number, and its values are no modes. Then the power transform takes out the skew,
    and the values get mean 0 and variance 1, or, where there are two, a distance of 2.
    """
    values, places, counts = np.unique(x, return_inverse=True, return_counts=True)
    if len(values) == 1:
        return None
    atoms = _atoms(values, counts)
    spread = spread_ties(values, places, (counts > 1) & ~atoms, draw)
    both = np.r_[spread, values[atoms]]
    bent = _symmetric(spread, both) if len(values) > 2 else both
    scale = bent[: len(x)].std() if len(values) > 2 else np.ptp(bent) / 2
    bent = (bent - bent[: len(x)].mean()) / scale
    moved, levels = bent[: len(x)], bent[len(x) :]
    body = np.sort(moved[~atoms[places]])
    marginal = with_atoms(body, levels, counts[atoms] / len(x))
    return Column(moved[:, None], normal_scores(spread, draw), marginal, levels[:, None], body)


def normal_scores(x: Array, draw: np.random.Generator) -> Array:
    """Return normal quantiles (n,) of the ranks of `x` (n,), ties broken at random."""
    from scipy.special import ndtri

    scores = np.empty(len(x))
    scores[np.lexsort((draw.random(len(x)), x))] = ndtri((np.arange(len(x)) + 0.5) / len(x))
    return scores


def spread_ties(
    values: Array, places: NDArray[np.intp], tied: Flags, draw: np.random.Generator
) -> Array:
    """Return the column `values[places]` (n,), the tied values spread evenly up to half the gap.

    `values` are sorted and different, `tied` says which of them to spread. The first and last
    are spread to both sides as far as to the one.

    >>> draw = np.random.default_rng(0)
    >>> x = spread_ties(np.array([0.0, 1.0]), np.array([0, 0, 1]), np.array([True, False]), draw)
    >>> bool((abs(x[:2]) < 0.5).all() and x[0] != x[1]), float(x[2])
    (True, 1.0)
    """
    gaps = np.diff(values)
    before, after = np.r_[gaps[0], gaps][places], np.r_[gaps, gaps[-1]][places]
    step = draw.uniform(-0.5, 0.5, len(places))
    step *= np.where(step < 0, before, after)
    return np.asarray(values[places] + np.where(tied[places], step, 0.0))


def yeo_johnson(x: Array, power: float) -> Array:
    """Return the power transform of Yeo and Johnson (2000).

    >>> yeo_johnson(np.array([-1.0, 0.0, 3.0]), 1.0).tolist()
    [-1.0, 0.0, 3.0]
    """
    size, powers = np.log1p(np.abs(x)), np.where(x < 0, 2 - power, power)
    safe = np.where(powers == 0, 1.0, powers)
    return np.asarray(np.sign(x) * np.where(powers == 0, size, np.expm1(safe * size) / safe))


def _atoms(values: Array, counts: NDArray[np.intp]) -> Flags:
    n = counts.sum()
    few = max(2, min(_FEW, n // 4))
    if len(values) <= few:
        return np.ones(len(values), np.bool_)
    beside = np.maximum(np.r_[0, counts[:-1]], np.r_[counts[1:], 0])
    spikes = (counts >= _ATOM * n) & (counts > _SPIKE * beside)
    return spikes if (~spikes).sum() > few else np.ones(len(values), np.bool_)


def _symmetric(x: Array, both: Array) -> Array:
    """`both`, by the power that makes `x` most normal in likelihood, in steps of a quarter."""
    center, scale = (0.0, x.mean()) if x.min() >= 0 else (x.mean(), x.std())
    unit = (x - center) / scale
    lengths = (np.sign(unit) * np.log1p(np.abs(unit))).sum()

    def likelihood(power: float) -> float:
        variance = max(float(yeo_johnson(unit, power).var()), 1e-300)
        return float(-0.5 * len(x) * np.log(variance) + (power - 1) * lengths)

    return yeo_johnson((both - center) / scale, max(_POWERS.tolist(), key=likelihood))
