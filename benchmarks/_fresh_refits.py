"""Populations that samples can be drawn from without end, and models of fresh samples of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from customer_atlas.clustering import Clusterer, calibrate
from customer_atlas.clustering.refits import matched, refit

__all__ = ["Draw", "fresh_refits", "overlapping"]

Array = NDArray[np.float64]
Draw = Callable[[int, np.random.Generator], Array]


def overlapping(k: int, d: int, apart: float, seed: int) -> Draw:
    """A population of groups that overlap, of which samples can be drawn without end."""
    draw = np.random.default_rng(seed)
    centers, spreads = draw.normal(size=(k, d)) * apart, draw.uniform(0.7, 1.5, k)
    chances = draw.dirichlet(np.full(k, 5))

    def sample(n: int, source: np.random.Generator) -> Array:
        groups = source.choice(k, n, p=chances)
        noise = source.normal(size=(n, d)) * spreads[groups][:, None]
        return np.asarray(centers[groups] + noise)

    return sample


def fresh_refits(
    model: Clusterer, sample: Draw, n: int, models: int, refits: int, asked: int = 3000
) -> tuple[Array, Array, Array]:
    """Raw and calibrated probabilities of new customers, and the share of refits that kept them.

    Each model and each refit is fitted to a sample of its own; the customers are in none.
    """
    new, ones = sample(asked, np.random.default_rng(999)), np.ones(n)
    every = np.arange(n)
    others = [
        refit(model, sample(n, np.random.default_rng([7, r])), ones, every, 50 + r).predict(new)
        for r in range(refits)
    ]
    raw, said, kept = [], [], []
    for seed in range(models):
        X = sample(n, np.random.default_rng([3, seed]))
        fitted = refit(model, X, ones, every, seed)
        found = calibrate(fitted, X, ones, seed)[0].assign(new)
        k = fitted.n_clusters_
        same = [matched(found.segment, one, np.ones(asked), k) == found.segment for one in others]
        raw.append(fitted.served_.assign(new).probability)
        said.append(found.probability)
        kept.append(np.mean(same, axis=0))
    return np.concatenate(raw), np.concatenate(said), np.concatenate(kept)
