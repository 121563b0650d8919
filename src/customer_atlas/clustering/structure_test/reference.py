"""Tables like the one at hand that have one group: what they would show by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.structure_test.column import Column
from customer_atlas.clustering.structure_test.hull import convex_knots

__all__ = ["Copula", "Ellipse", "Reference"]

_MATCH_ROWS = 4_000
_MATCHES = 4
_NONE = 1e-9
_BAND = 2.0  # standard errors


class Reference(Protocol):
    """A family of tables with one group, fitted to the columns of the data."""

    def table(self, rows: int, draw: np.random.Generator) -> Array:
        """Draw a table of so many rows."""


class Copula:
    """Columns of one mode each, joined by a Gaussian copula with the correlation of the data.

    Where a column has atoms, ties hide part of its correlation: the latent one is raised, pair by
    pair, until tables drawn from it show what the data show.
    """

    def __init__(self, columns: Sequence[Column], draw: np.random.Generator) -> None:
        self._columns = columns
        wanted = _correlation(np.stack([column.scores for column in columns], axis=1))
        latent = wanted.copy()
        if not all(column.is_plain for column in columns):
            normal = draw.normal(size=(_MATCH_ROWS, len(columns)))
            for _ in range(_MATCHES):
                seen = self._seen(normal @ _root(latent).T, draw)
                ratio = wanted / np.where(np.abs(seen) < 0.02, np.inf, seen)
                ratio = np.where(ratio == 0, 1.0, np.clip(ratio, 0.5, 2.0))
                latent = np.clip(latent * ratio, -0.999, 0.999)
                np.fill_diagonal(latent, 1.0)
        self._root = _root(latent)

    def table(self, rows: int, draw: np.random.Generator) -> Array:
        """Draw a table of so many rows."""
        from scipy.special import ndtr

        u = ndtr(draw.normal(size=(rows, len(self._columns))) @ self._root.T)
        parts = [column.quantile(u[:, j]) for j, column in enumerate(self._columns)]
        return np.concatenate(parts, axis=1)

    def _seen(self, latent: Array, draw: np.random.Generator) -> Array:
        from scipy.special import ndtr, ndtri

        u = ndtr(latent)
        parts = [column.respread(u[:, j], draw) for j, column in enumerate(self._columns)]
        return _correlation(ndtri(np.clip(np.stack(parts, axis=1), 1e-12, 1 - 1e-12)))


class Ellipse:
    """A density that falls from its centre outwards, the same in all directions once whitened.

    The volume within each customer's distance from the centre is spread by the least concave
    majorant (Grenander, 1956) of what lies two standard errors under the empirical distribution:
    about the most even of the falling densities that the data allow, since a majorant of the
    distribution itself heaps up at the centre. Balls, discs and heavy tails that all columns
    share are of this kind, and a copula is not. Columns with atoms keep their distribution.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        parts = [c.values[:, 0] if c.is_plain else c.scores for c in columns]
        latent = np.stack(parts, axis=1)
        latent = latent - latent.mean(axis=0)
        variances, ways = np.linalg.eigh(latent.T @ latent / len(latent))
        kept = variances > _NONE * variances[-1]
        self._axes = ways[:, kept] * np.sqrt(variances[kept])
        white = latent @ ways[:, kept] / np.sqrt(variances[kept])
        radii = np.sqrt((white**2).sum(axis=1))
        self._farthest = float(radii.max())
        volumes = np.sort((radii / self._farthest) ** white.shape[1])
        places, counts = np.unique(np.r_[0.0, volumes], return_counts=True)
        shares = (np.cumsum(counts) - 1) / len(volumes)
        shares[0] = 0.0
        shares -= _BAND * np.sqrt(shares * (1 - shares) / len(volumes))
        knots = convex_knots(places, -shares)
        self._volumes, self._shares = places[knots], shares[knots]

    def table(self, rows: int, draw: np.random.Generator) -> Array:
        """Draw a table of so many rows."""
        power = self._axes.shape[1]
        ways = draw.normal(size=(rows, power))
        ways /= np.sqrt((ways**2).sum(axis=1, keepdims=True))
        volumes = np.interp(draw.random(rows), self._shares, self._volumes)
        latent = (ways * (self._farthest * volumes ** (1 / power))[:, None]) @ self._axes.T
        parts = [
            latent[:, [j]] if column.is_plain else column.quantile(_shares(latent[:, j]))
            for j, column in enumerate(self._columns)
        ]
        return np.concatenate(parts, axis=1)


def _shares(values: Array) -> Array:
    """The share of the values (n,) that lie below each, half of itself among them."""
    return np.asarray((np.argsort(np.argsort(values)) + 0.5) / len(values))


def _correlation(scores: Array) -> Array:
    unit = scores - scores.mean(axis=0)
    unit /= np.sqrt((unit**2).sum(axis=0))
    return np.asarray(unit.T @ unit)


def _root(correlation: Array) -> Array:
    """A matrix whose rows have length 1 and whose products are the nearest correlations."""
    values, vectors = np.linalg.eigh(correlation)
    half = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(half / np.sqrt((half**2).sum(axis=1, keepdims=True)))
