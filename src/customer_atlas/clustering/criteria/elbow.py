"""The elbow: the number of segments after which further ones hardly tighten them."""

from __future__ import annotations

from collections.abc import Sequence

from customer_atlas.clustering.criteria.curve import Curve

__all__ = ["elbow"]


def elbow(ks: Sequence[int], inertias: Sequence[float]) -> Curve:
    """."""
    return Curve("elbow", "Elbow", tuple(ks), tuple(inertias), None, "lower", None, "")
