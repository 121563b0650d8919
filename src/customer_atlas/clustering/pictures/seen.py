"""What a picture is drawn of: a fitted model, and the customers that it is shown with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering.choice import Choice
from customer_atlas.clustering.lloyd import Array
from customer_atlas.errors import ClusteringError

__all__ = ["Crowd", "Seen"]


@dataclass(frozen=True)
class Crowd:
    """Customers: the `table` as it was given, its matrix `points` (n, d), and `labels` (n,)."""

    table: Any
    points: Array
    labels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Seen:
    """A model's title, its clusters' `shares` (k,), facts and choice of k, and the crowd."""

    title: str
    shares: Array
    facts: dict[str, Any]
    choice: Choice | None
    crowd: Crowd | None
    names: Sequence[str]

    def people(self, kind: str) -> Crowd:
        """Return the customers; raises `ClusteringError` where there are none."""
        if self.crowd is None or not len(self.crowd):
            raise ClusteringError(
                f"A picture of the kind '{kind}' shows customers, and a model keeps none: give a"
                f" table of at least one, as in model.plot({kind!r}, X)."
            )
        return self.crowd

    def name(self, number: int) -> str:
        """Return what a cluster is called, safe for plotly, which reads a small HTML."""
        if number < 0:
            return "like no group"
        text = self.names[number] if self.names else f"Cluster {number}"
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
