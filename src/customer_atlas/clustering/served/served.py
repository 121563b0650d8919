"""What scores customers: arrays alone, without the library that found them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.lloyd import Array

__all__ = [
    "MOST_MARGIN",
    "UNUSUAL",
    "Assignment",
    "Served",
    "by_chunks",
    "chunks",
    "form_of",
    "margins",
    "packed",
    "unpacked",
]

UNUSUAL = -1
"""The cluster of a customer who is like no group, of models that know such customers."""

MOST_MARGIN = 30.0  # beyond it a double knows no more of what is left

_CHUNK = 4096  # rows at a time: scores stay in the processor's cache


@dataclass(frozen=True)
class Assignment:
    """Who belongs where: cluster (n,) int32, probability (n,), distance (n,) to its middle.

    `margin` (n,) is the natural logarithm of how many times likelier the cluster is than the
    next, from 0 to 30. The cluster is `UNUSUAL` for a customer who is like no group; probability,
    distance and margin are then those of the group that is least unlike.
    """

    cluster: NDArray[np.int32]
    probability: Array
    distance: Array
    margin: Array


_FORMS: dict[str, type[Served]] = {}


class Served(ABC):
    """A model that scores: immutable arrays, kept as npz and JSON, the same everywhere.

    Every algorithm ends in one, whatever it is: a form that gives a new customer a cluster, in
    one pass over a matrix (n, d), without the customers it was found with.
    """

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Enter the form by its kind, so that what was stored finds it."""
        _FORMS[cls.kind] = cls

    @property
    @abstractmethod
    def n_features(self) -> int:
        """How many columns a matrix must have."""

    @property
    @abstractmethod
    def n_clusters(self) -> int:
        """How many clusters there are; unusual customers are none."""

    @abstractmethod
    def assign(self, X: Array) -> Assignment:
        """Return cluster, its probability and the distance to its middle for rows (n, d)."""

    @abstractmethod
    def predict_proba(self, X: Array) -> Array:
        """Return the membership probabilities (n, k); each row adds up to 1."""

    def predict(self, X: Array) -> NDArray[np.int32]:
        """Return the cluster of each row (n,); the lower number when two tie."""
        return self.assign(X).cluster

    @abstractmethod
    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything that the model is."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make the model of what `to_arrays` returned."""


def margins(shares: Array, best: NDArray[np.integer]) -> Array:
    """Return the margin (n,) of the `best` (n,) of clusters by their shares (n, k).

    >>> margins(np.array([[0.8, 0.2], [0.0, 1.0]]), np.array([0, 1])).round(3).tolist()
    [1.386, 30.0]
    """
    at = (np.arange(len(best)), best)
    top, others = shares[at], shares.copy()
    others[at] = 0.0
    next_best = np.maximum(others.max(axis=1), top * np.exp(-MOST_MARGIN))
    return np.asarray(np.maximum(np.log(top) - np.log(next_best), 0.0))


def form_of(kind: str) -> type[Served]:
    """Return the form of models of a kind; raises KeyError where there is none."""
    return _FORMS[kind]


def packed(inner: Served) -> dict[str, NDArray[Any]]:
    """Return a model as arrays among those of another form, which holds it."""
    arrays = {f"of.{name}": values for name, values in inner.to_arrays().items()}
    return {"of": np.array(inner.kind), **arrays}


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> Served:
    """Return the model that `packed` put among these arrays."""
    start = "of."
    inner = {
        name[len(start) :]: values for name, values in arrays.items() if name.startswith(start)
    }
    return form_of(str(arrays["of"])).from_arrays(inner)


def by_chunks(X: Array, width: int, work: Callable[[Array], Array]) -> Array:
    """Return what `work` makes of a few thousand rows at a time, as one matrix (n, width)."""
    out = np.empty((len(X), width))
    for rows in chunks(len(X)):
        out[rows] = work(X[rows])
    return out


def chunks(rows: int) -> Iterator[slice]:
    """Yield slices of a few thousand rows, so that what is made of them stays in the cache.

    >>> [one.start for one in chunks(9_000)]
    [0, 4096, 8192]
    """
    return (slice(start, start + _CHUNK) for start in range(0, rows, _CHUNK))
