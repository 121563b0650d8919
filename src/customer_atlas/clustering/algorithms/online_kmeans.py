"""K-means of a stream, which forgets: centres follow drift, and move to groups that are born."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from customer_atlas.clustering.algorithms.clusterer import Found, by_weight, enough_rows
from customer_atlas.clustering.algorithms.streaming import Known, Streaming
from customer_atlas.clustering.lloyd import Array
from customer_atlas.clustering.running import Running, mean_cost
from customer_atlas.clustering.served import Centroids, nearest_centers, squared_distances

__all__ = ["OnlineKMeans"]

_START_ROWS = 25_000
_BLOCKS_A_HALF_LIFE = 8
_BLOCK = (32, 4096)  # rows, at least and at most
_DRAWS = 8
_LOOKED_AT = 1024  # rows of a block, when a place for a new centre is sought
_SUPPORT = 5  # rows that a new group has at least
_WORTH = 3.0  # how much more a new centre must save than giving up an old one costs


@dataclass(frozen=True)
class _Stream:
    """Where a stream stands: centres after whole blocks, and the rows of the block begun."""

    running: Running | None = None
    rows: list[Array] = field(default_factory=list)
    weights: list[Array] = field(default_factory=list)


class OnlineKMeans(Streaming):
    """K-means that forgets: a row counts half after `half_life` more rows have come.

    The centres are the means of what is remembered. Where a new centre, drawn as k-means++ draws
    one (Arthur and Vassilvitskii, 2007), would save three times what merging the two nearest
    clusters by Ward's criterion costs, these are merged, and the lighter one of them moves
    there: so a cluster whose customers stay away is given to a group that is born. All others
    keep their numbers.

    A stream begins with the best of `n_init` k-means fits to its first `warm_up` rows, and
    answers nothing before that. It goes on by blocks of a fixed number of rows, an eighth of
    the half-life within 32 to 4,096, counted from its beginning; a block that is not yet full
    is counted for the time being. So the result is the same to the bit however the stream is
    cut into calls of `partial_fit`. `fit` begins with rows spread over the table instead, and
    then takes its rows in their order.
    Facts of `fit`: `inertia` (weighted sum of squared distances over the sum of weights).

    >>> X = np.array([[0.0], [0.2], [0.1], [9.0], [9.2]])
    >>> stream = OnlineKMeans(2, half_life=50).fit(X)
    >>> for _ in range(99):
    ...     stream = stream.partial_fit(X + 3.0)
    >>> stream.served_.centers.ravel().round(1).tolist()
    [3.1, 12.1]
    """

    title = "online k-means"
    served_: Centroids

    def __init__(
        self, n_clusters: int = 8, *, half_life: int = 100_000, warm_up: int = 1000,
        n_init: int = 10, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.n_clusters = n_clusters
        self.half_life = half_life
        self.warm_up = warm_up
        self.n_init = n_init
        self.random_state = random_state

    def _fit(self, X: Array, weights: Array) -> Found:
        step = math.ceil(len(X) / _START_ROWS)
        begun = self._begun(X[::step], weights[::step])
        remembered = min(1.0, self.half_life / math.log(2) / len(X))
        begun = begun.faded(remembered * float(weights.sum() / begun.masses.sum()))
        stream = self._onward(_Stream(begun), X, weights)
        assert stream.running is not None  # it has begun
        running = self._for_now(stream.running, stream)
        labels = nearest_centers(X, running.centers)
        order = by_weight(labels, weights, self.n_clusters, running.centers)
        self._stream = _Stream(stream.running.taken(order), stream.rows, stream.weights)
        running = running.taken(order)
        labels = nearest_centers(X, running.centers)
        return Found(
            running.served, labels, {"inertia": mean_cost(X, weights, running.centers, labels)}
        )

    def _more(self, X: Array, weights: Array) -> Known | None:
        stream = self._onward(getattr(self, "_stream", _Stream()), X, weights)
        self._stream = stream
        if stream.running is None:
            return None
        running = self._for_now(stream.running, stream)
        return Known(running.served, running.masses)

    def _onward(self, stream: _Stream, X: Array, weights: Array) -> _Stream:
        """Return the stream after more rows: whole blocks are taken in, the rest is kept."""
        X = np.concatenate([*stream.rows, X])
        weights = np.concatenate([*stream.weights, weights])
        running, at = stream.running, 0
        while len(X) - at >= (size := self.warm_up if running is None else self._block):
            rows, masses = X[at : at + size].copy(), weights[at : at + size].copy()
            running = (
                self._begun(rows, masses) if running is None else self._after(running, rows, masses)
            )
            at += size
        return _Stream(running, [X[at:].copy()], [weights[at:].copy()])

    def _for_now(self, running: Running, stream: _Stream) -> Running:
        rows, weights = stream.rows[0], stream.weights[0]
        return self._after(running, rows, weights) if len(rows) else running

    @property
    def _block(self) -> int:
        least, most = _BLOCK
        return max(least, min(most, self.half_life // _BLOCKS_A_HALF_LIFE))

    def _begun(self, X: Array, weights: Array) -> Running:
        enough_rows(X, self.n_clusters)
        weights = weights * self._fading(len(X))
        return Running.begun(
            X, weights, self.n_clusters, seed=self.random_state, n_init=self.n_init
        )

    def _after(self, running: Running, X: Array, weights: Array) -> Running:
        weights = weights * self._fading(len(X))
        running = running.faded(0.5 ** (len(X) / self.half_life)).moved(X, weights)
        return _moved_to_the_newborn(running, X, weights)

    def _fading(self, rows: int) -> Array:
        return np.asarray(0.5 ** (np.arange(rows)[::-1] / self.half_life))


def _moved_to_the_newborn(running: Running, X: Array, weights: Array) -> Running:
    """Return the clusters with one of them moved, where that saves far more than it costs."""
    k = len(running.centers)
    if k == 1:
        return running
    step = math.ceil(len(X) / _LOOKED_AT)
    whole, X, weights = float(weights.sum()), X[::step], weights[::step]
    squared = squared_distances(X, running.centers).min(axis=1)
    total = np.cumsum(weights * squared)
    cost = _merging_costs(running) / running.masses.sum() * weights.sum()
    if total[-1] <= _WORTH * cost.min():  # no centre can save more than there is
        return running
    # Draws by squared distance, spread evenly, so that no random number is needed.
    drawn = X[np.searchsorted(total, (np.arange(_DRAWS) + 0.5) / _DRAWS * total[-1])]
    saved = np.maximum(squared[:, None] - squared_distances(X, drawn), 0.0)
    gain = weights @ saved
    near = saved[:, np.argmax(gain)] > 0
    if near.sum() < _SUPPORT or gain.max() <= _WORTH * cost.min():
        return running
    kept, moved = sorted(divmod(int(cost.argmin()), k), key=lambda j: (-running.masses[j], j))
    centers, masses = running.centers.copy(), running.masses.copy()
    centers[kept] = np.average(centers[[kept, moved]], axis=0, weights=masses[[kept, moved]])
    masses[kept] += masses[moved]
    centers[moved] = np.average(X[near], axis=0, weights=weights[near])
    masses[moved] = weights[near].sum() * whole / weights.sum()
    return Running(centers, masses, running.variance)


def _merging_costs(running: Running) -> Array:
    """Return what merging any two clusters adds to the inertia (k, k), by Ward's criterion."""
    masses = np.maximum(running.masses, 1e-300)
    costs = squared_distances(running.centers, running.centers)
    costs *= 1.0 / (1.0 / masses[:, None] + 1.0 / masses)
    np.fill_diagonal(costs, np.inf)
    return costs
