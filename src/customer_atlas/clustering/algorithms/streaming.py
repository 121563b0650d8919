"""What algorithms share that take rows as they come."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

from customer_atlas.clustering.algorithms.clusterer import Clusterer
from customer_atlas.clustering.checks import checked_weights, refuse_unknown
from customer_atlas.clustering.lloyd import Array, one_thread
from customer_atlas.clustering.served import Served

__all__ = ["Known", "Streaming"]


@dataclass(frozen=True)
class Known:
    """What is known after some rows: the model, and the weight (k,) behind each cluster."""

    served: Served
    masses: Array


class Streaming(Clusterer):
    """A `Clusterer` that also takes rows batch by batch, by `partial_fit`.

    An algorithm writes `_more`, which returns what is `Known` after the rows, or None while
    they are too few. Clusters keep their numbers from call to call.
    """

    def partial_fit(self, X: Any, y: object = None, sample_weight: Array | None = None) -> Self:
        """Go on with rows (n, d) that came after those seen so far, by `fit` or by this.

        `labels_` are then those of these rows, and `shares_` those of the weight seen so far,
        as far as it is remembered. Raises `ClusteringError`, and changes nothing, for rows that
        cannot be taken.
        """
        X = self._validated(X, reset=not hasattr(self, "n_features_in_"))
        refuse_unknown(X)
        weights = checked_weights(sample_weight, len(X))
        with one_thread():
            known = self._more(X, weights)
            if known is None:
                return self
            self.served_, self.n_clusters_ = known.served, known.served.n_clusters
            self.labels_ = known.served.predict(X)
        self.shares_ = known.masses / known.masses.sum()
        self.facts_: dict[str, Any] = {}
        return self

    @abstractmethod
    def _more(self, X: Array, weights: Array) -> Known | None:
        """Take a finite matrix (n, d) and positive weights (n,), on one thread."""
